"""Items, single invoices, credit notes and corrections that clerks order."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded, CustomerChanged
from schemas.message import NotYet, Refused
from schemas.orders import AddItem, CorrectInvoice, IssueCreditNote, IssueInvoice
from tests.support.events import customer, eur
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}


def on(month, day):
    return date(2026, month, day)


def item(name, net, **more):
    return {"name": name, "net": eur(net), **more}


def credit(invoice, *items, **more):
    return IssueCreditNote(**C1, invoice_id=invoice and invoice.invoice_id, items=items, **more)


def correct(invoice, *items):
    return CorrectInvoice(**C1, invoice_id=invoice.invoice_id, items=items)


def test_an_item_stands_on_the_next_invoice():
    office = Office(plan()).register().hear(AddItem(**C1, **item("Book", "12.00", vat_rate="7")))

    assert office.until(on(3, 1)).story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "02-01 R-2 48.54 base[02-01,03-01)=30.00 None=12.00",
        "03-01 R-3 35.70 base[03-01,04-01)=30.00",
    ]


def test_an_item_of_a_component_has_its_tax():
    books = flat("books", "1.00", vat_rate="7", optional=True)
    office = Office(plan(flat("base", "30.00"), books)).register()

    office.hear(AddItem(**C1, **item("Atlas", "10.00", component_id="books"))).until(on(2, 1))

    assert [(v.rate, v.tax.amount) for v in office.invoices()[1].vat] == [
        ("7", "0.70"),
        ("19", "5.70"),
    ]


def test_each_credit_note_that_is_of_no_invoice_has_a_name_of_its_own():
    office = Office(plan()).register()

    office.hear(credit(None, item("Sorry", "5.00")), credit(None, item("Sorry again", "6.00")))

    assert [(each.number, each.net.amount) for each in office.credits()] == [
        ("G-1", "5.00"),
        ("G-2", "6.00"),
    ]
    assert len({each.credit_note_id for each in office.credits()}) == 2


def test_an_item_by_quantity_is_rounded_once():
    priced = {"name": "Call", "quantity": "3", "unit_price": "0.335", "price_base_quantity": "1"}
    office = Office(plan()).register().hear(IssueInvoice(**C1, items=(priced,)))

    # 1.005, away from zero.
    assert office.invoices()[1].net.amount == "1.01"


def test_no_order_makes_a_document_that_cannot_be_said():
    rates = [f"{number}.5" for number in range(21)]
    office = Office(plan()).register()
    with pytest.raises(Refused, match="excess"):
        office.hear(
            IssueInvoice(**C1, items=tuple(item("Item", "1.00", vat_rate=rate) for rate in rates))
        )

    office.hear(*(AddItem(**C1, **item("Item", "1.00", vat_rate=rate)) for rate in rates[:20]))
    with pytest.raises(Refused, match="excess"):
        office.hear(AddItem(**C1, **item("Item", "1.00", vat_rate="20.5")))

    assert len(office.until(on(2, 1)).invoices()[1].vat) == 21


def test_an_item_after_the_last_invoice_is_billed_by_itself():
    office = Office(plan()).register(ends_on=on(1, 20)).until(on(1, 25))

    office.hear(AddItem(**C1, **item("Cable not returned", "12.00")))

    assert office.story()[1:] == ["01-25 R-2 14.28 None=12.00"]


def test_what_the_customer_gets_back_may_turn_an_invoice_into_a_credit_note():
    office = Office(plan()).register().hear(AddItem(**C1, **item("Deposit", "-100.00")))

    office.until(on(2, 10)).hear(ContractEnded(**C1, ends_on=on(2, 15)))

    assert office.story()[1:] == [
        "02-01 G-1 83.30 base[02-01,03-01)=-30.00 None=100.00",
        "02-10 G-2 17.85 base[02-15,03-01)=15.00",
    ]
    # What it credits was no invoice.
    assert [each.invoice_id for each in office.credits()] == [None, None]


def test_a_single_invoice_stands_beside_what_is_billed():
    order = IssueInvoice(
        **C1,
        items=(item("Repair", "80.00"), item("Part", "12.50", vat_rate="7")),
        allowances=({"name": "Regular customer", "net": eur("8.00"), "vat_rate": "19"},),
        charges=({"name": "Way", "net": eur("5.00"), "vat_rate": "19"},),
        payable_rounding=eur("-0.01"),
    )
    office = Office(plan()).register().until(on(1, 10)).hear(order).until(on(2, 1))

    [_, single, _] = office.invoices()
    assert [(v.rate, v.net.amount, v.tax.amount) for v in single.vat] == [
        ("7", "12.50", "0.88"),
        ("19", "77.00", "14.63"),
    ]
    assert (single.net.amount, single.gross.amount) == ("89.50", "105.01")
    assert single.payable_rounding == eur("-0.01")
    assert [each.name for each in (*single.allowances, *single.charges)] == [
        "Regular customer",
        "Way",
    ]


@pytest.mark.parametrize("money", [{"amount": "1.00", "currency": "CHF"}])
def test_an_item_has_the_currency_of_the_contract(money):
    with pytest.raises(Refused, match="currency"):
        Office(plan()).register().hear(AddItem(**C1, name="Book", net=money))


def test_goodwill_is_off_the_invoice_and_never_more_than_is_left_of_it():
    office = Office(plan()).register().until(on(1, 10))
    [invoice] = office.invoices()
    office.hear(credit(invoice, item("Sorry", "25.00")))

    with pytest.raises(Refused, match="excess"):
        office.hear(credit(invoice, item("Sorry again", "5.01")))
    office.hear(ContractEnded(**C1, ends_on=on(1, 1)))

    assert office.story()[1:] == [
        "01-10 G-1 29.75 None=25.00",
        "01-10 G-2 5.95 base[01-01,02-01)=5.00",
    ]


def test_goodwill_on_a_component_lowers_what_is_left_of_its_line():
    office = Office(plan(flat("base", "30.00"), flat("extra", "9.00"))).register()
    [invoice] = office.invoices()

    office.hear(credit(invoice, item("Slow", "20.00", component_id="base")))
    office.hear(ContractEnded(**C1, ends_on=on(1, 1)))

    assert office.story()[1:] == [
        "01-01 G-1 23.80 base=20.00",
        "01-01 G-2 22.61 base[01-01,02-01)=10.00 extra[01-01,02-01)=9.00",
    ]


@pytest.mark.parametrize(("items", "why"), [
    ([item("Typo", "1.00", component_id="typo")], "nothing of typo is left"),
    ([item("Back", "-1.00")], "more than nothing"),
    ([item("Which", "1.00")], "at which rate"),
    ([item("Which", "1.00", vat_rate="9")], "at which rate"),
])  # fmt: skip
def test_what_cannot_be_credited_is_refused(items, why):
    books = flat("books", "10.00", vat_rate="7")
    office = Office(plan(flat("base", "30.00"), books)).register()

    with pytest.raises(Refused, match=why):
        office.hear(credit(office.invoices()[0], *items))


def test_an_old_invoice_is_credited_too():
    office = Office(plan()).register().until(on(6, 10))
    assert len(office.filed) == 5

    office.hear(credit(office.invoices()[0], item("Sorry", "5.00")))
    office.hear(credit(office.invoices()[0], item("Sorry", "5.00")))

    assert office.story()[6:] == ["06-10 G-1 5.95 None=5.00", "06-10 G-2 5.95 None=5.00"]
    assert len({each.credit_note_id for each in office.credits()}) == 2
    assert len(office.contract.invoices) == 1


def test_an_invoice_that_is_not_known_is_waited_for():
    office = Office(plan()).register()

    for order in (
        IssueCreditNote(**C1, invoice_id="other", items=(item("Sorry", "5.00"),)),
        CorrectInvoice(**C1, invoice_id="other"),
    ):
        with pytest.raises(NotYet, match="invoice"):
            office.hear(order)


def test_a_credit_note_of_no_invoice_is_taxed_as_the_customer_is_now():
    office = Office(plan()).register().hear(credit(None, item("Bonus", "5.00")))

    [note] = office.credits()
    assert (note.invoice_id, note.gross.amount, note.cause) == (None, "5.95", "order")


def test_r101_a_correction_cancels_the_invoice_and_bills_it_anew_for_the_right_customer():
    office = Office(plan()).register().until(on(2, 10))
    [_, wrong] = office.invoices()
    right = customer(
        customer_id="K2", kind="business", vat_id="FR40303265045", tax="reverse_charge"
    )
    office.hear(CustomerChanged(**C1, customer=right)).hear(correct(wrong)).until(on(3, 1))

    assert office.story()[2:] == [
        "02-10 G-1 35.70 base[02-01,03-01)=30.00",
        "02-10 R-3 30.00 base[02-01,03-01)=30.00",
        "03-01 R-4 30.00 base[03-01,04-01)=30.00",
    ]
    [said] = office.all_of("InvoiceCorrected")
    assert (said.invoice_id, said.corrected_on) == (wrong.invoice_id, on(2, 10))
    assert said.credit_note_id == office.credits()[0].credit_note_id
    assert said.replaced_by == office.invoices()[2].invoice_id


def test_a_correction_by_items_keeps_the_time_billed_and_credits_the_new_price():
    office = Office(plan()).register().until(on(1, 10))

    office.hear(
        correct(
            office.invoices()[0],
            item("Base", "20.00", component_id="base"),
            item("Extra", "5.00"),
        )
    )
    office.until(on(1, 16)).hear(ContractEnded(**C1, ends_on=on(1, 16)))

    assert office.story()[1:] == [
        "01-10 G-1 35.70 base[01-01,02-01)=30.00",
        "01-10 R-2 29.75 base[01-01,02-01)=20.00 None=5.00",
        "01-16 G-2 12.28 base[01-16,02-01)=10.32",
    ]


def test_a_correction_that_leaves_a_component_out_bills_its_time_with_nothing():
    office = Office(plan(flat("base", "30.00"), flat("extra", "9.00"))).register().until(on(1, 10))

    office.hear(correct(office.invoices()[0], item("Base", "30.00", component_id="base")))

    assert office.until(on(1, 31)).story()[2:] == [
        "01-10 R-2 35.70 base[01-01,02-01)=30.00 extra[01-01,02-01)=0.00"
    ]


def test_what_was_credited_before_is_not_corrected_again():
    office = Office(plan()).register().until(on(1, 16))
    [invoice] = office.invoices()
    office.hear(ContractEnded(**C1, ends_on=on(1, 16)), correct(invoice))

    assert office.story()[1:] == [
        "01-16 G-1 18.42 base[01-16,02-01)=15.48",
        "01-16 G-2 17.28 base[01-01,01-16)=14.52",
        "01-16 R-2 17.28 base[01-01,01-16)=14.52",
    ]
    with pytest.raises(Refused, match="nothing is left"):
        office.hear(correct(invoice))


def test_a_correction_cancels_surcharges_too():
    surcharges = {
        "allowances": ({"name": "Regular", "net": eur("1.00"), "vat_rate": "19"},),
        "charges": ({"name": "Way", "net": eur("0.50"), "vat_rate": "19"},),
    }
    office = Office(plan()).register()
    office.hear(IssueInvoice(**C1, items=(item("Repair", "10.00"),), **surcharges))

    office.hear(correct(office.invoices()[1]))

    [note] = office.credits()
    assert (note.allowances, note.charges) == (
        office.invoices()[1].allowances,
        office.invoices()[1].charges,
    )
    assert [each.gross.amount for each in (*office.invoices()[1:], note)] == ["11.31"] * 3
