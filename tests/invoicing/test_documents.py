"""Documents: tax, sums, numbers, due dates, and credit notes that keep what was."""

from datetime import date

import pytest

from schemas.context import Context
from schemas.contracts import ContractChanged, ContractEnded, CustomerChanged
from schemas.early_payment import EarlyPayment
from schemas.payment_reference import parse, payment_reference
from schemas.terms import NumberRanges
from services.invoicing import audit
from services.invoicing.documents import numbers
from tests.support.events import ACME, customer
from tests.support.office import Office
from tests.support.tariffs import flat, plan, seats

C1 = {"contract_id": "C1"}


def on(month, day, year=2026):
    return date(year, month, day)


def business(**more):
    address = {"name": "Dupont SA", "postal_code": "75001", "city": "Paris", "country": "FR"}
    said = {"kind": "business", "language": "fr", "address": address, "vat_id": "FR40303265045"}
    return customer(**said | more)


def ended(day):
    return ContractEnded(**C1, ends_on=day)


def test_an_invoice_says_all_that_it_must():
    [invoice] = Office(plan(seats("10.00"))).register(quantities={"seats": "3"}).invoices()

    assert (invoice.contract_id, invoice.customer_id, invoice.legal_entity_id) == (
        "C1",
        "K1",
        "acme",
    )
    assert (invoice.number, invoice.issued_on, invoice.payment_method) == (
        "R-1",
        on(1, 1),
        "on_account",
    )
    assert (invoice.net.amount, invoice.tax.amount, invoice.gross.amount) == (
        "30.00",
        "5.70",
        "35.70",
    )
    [line] = invoice.lines
    assert (line.quantity, line.unit_price, line.kind) == ("3", "10.00", "recurring")
    assert (line.vat_rate, line.vat_category) == ("19", "S")


def test_a_part_of_a_period_is_days_at_the_price_of_the_period():
    office = Office(plan(seats("10.00"))).register(starts_on=on(1, 15), billing_anchor_on=on(2, 1))

    [invoice] = office.until(on(1, 15)).invoices()

    line = invoice.lines[0]
    assert (line.quantity, line.unit, line.unit_price, line.price_base_quantity) == (
        "17",
        "DAY",
        "10.00",
        "31",
    )


def test_r104_each_line_is_rounded_and_the_tax_is_on_their_sum():
    three = [flat(name, "10.004") for name in ("a", "b", "c")]
    [invoice] = Office(plan(*three)).register().invoices()

    assert [line.net.amount for line in invoice.lines] == ["10.00", "10.00", "10.00"]
    assert (invoice.net.amount, invoice.tax.amount, invoice.gross.amount) == (
        "30.00",
        "5.70",
        "35.70",
    )


def test_lines_of_several_rates_are_taxed_by_rate():
    books = flat("books", "10.00", vat_rate="7")
    [invoice] = Office(plan(flat("base", "30.00"), books)).register().invoices()

    assert [(each.rate, each.net.amount, each.tax.amount) for each in invoice.vat] == [
        ("7", "10.00", "0.70"),
        ("19", "30.00", "5.70"),
    ]


def test_r102_a_business_elsewhere_in_the_eu_owes_the_tax_itself():
    [invoice] = Office(plan()).register(customer=business(tax="reverse_charge")).invoices()

    assert (invoice.net.amount, invoice.tax.amount, invoice.gross.amount) == (
        "30.00",
        "0.00",
        "30.00",
    )
    assert invoice.vat[0].category == "AE"
    assert invoice.notes == (
        "Autoliquidation",
        "Steuerschuldnerschaft des Leistungsempfängers",
    )


def test_a_credit_note_keeps_the_tax_of_its_invoice_whoever_the_customer_is_now():
    office = Office(plan()).register().until(on(1, 16))
    office.hear(CustomerChanged(**C1, customer=business(tax="reverse_charge")), ended(on(1, 16)))

    [note] = office.credits()
    assert (note.net.amount, note.tax.amount, note.vat[0].category) == ("15.48", "2.94", "S")
    assert note.notes == ()


def test_a_credit_note_says_again_why_there_is_no_tax():
    office = Office(plan()).register(customer=business(tax="reverse_charge")).until(on(1, 16))
    office.hear(CustomerChanged(**C1, customer=customer()), ended(on(1, 16)))

    [note] = office.credits()
    assert (note.tax.amount, note.vat[0].category) == ("0.00", "AE")
    assert "Steuerschuldnerschaft des Leistungsempfängers" in note.notes


def test_the_rate_is_that_of_the_last_day_of_the_service():
    entity = ACME.model_copy(update={"vat_rates": {on(2, 15): "21"}, "version": 2})
    office = Office(entity, plan()).register().until(on(3, 1))

    assert [each.vat[0].rate for each in office.invoices()] == ["19", "21", "21"]


def test_a_credit_note_keeps_the_rate_that_was():
    office = Office(plan()).register().until(on(1, 10))
    office.publish(ACME.model_copy(update={"default_vat_rate": "21", "version": 2}))

    office.hear(ended(on(1, 16)))

    assert [each.vat[0].rate for each in office.credits()] == ["19"]


@pytest.mark.parametrize(
    ("currency", "price", "gross", "credit"),
    [("JPY", "1000", "1190", "614"), ("KWD", "10.000", "11.900", "6.142")],
)
def test_u40_currencies_of_no_and_of_three_decimals(currency, price, gross, credit):
    office = Office(plan(flat("base", price), currency=currency)).register(currency=currency)

    office.until(on(1, 16)).hear(ended(on(1, 16)))

    assert [each.gross.amount for each in office.invoices()] == [gross]
    assert [each.gross.amount for each in office.credits()] == [credit]


def test_u40_a_market_that_invoices_in_whole_units_does_so():
    entity = ACME.model_copy(update={"currency_decimals": {"HUF": 0}, "version": 2})
    forint = plan(flat("base", "999.99"), currency="HUF")
    office = Office(entity, forint).register(currency="HUF").until(on(1, 16))

    office.hear(ended(on(1, 16)))

    assert [each.gross.amount for each in office.invoices()] == ["1190.00"]
    assert [each.gross.amount for each in office.credits()] == ["614.00"]
    assert list(audit.faults([each for _, each in office.said])) == []


@pytest.mark.parametrize(
    ("issued_on", "due_on", "printed_on"),
    [
        (on(5, 2, 2025), on(5, 16, 2025), on(5, 16, 2025)),
        (on(5, 3, 2025), on(5, 19, 2025), on(5, 17, 2025)),
    ],
)
def test_r91_what_is_due_on_a_saturday_is_due_on_monday(issued_on, due_on, printed_on):
    [invoice] = Office(plan(), day=issued_on).register(starts_on=issued_on).invoices()

    assert (invoice.due_on, invoice.due_printed_on) == (due_on, printed_on)


def test_r98_a_term_of_its_own_counts_for_invoices_to_come():
    office = Office(plan()).register(payment_terms_days=7).until(on(1, 5))
    office.hear(ContractChanged(**C1, payment_terms_days=30)).until(on(2, 1))

    assert [each.due_on for each in office.invoices()] == [on(1, 8), on(3, 3)]


def test_r100_invoices_and_credit_notes_count_each_their_own():
    office = Office(plan()).register().until(on(2, 10)).hear(ended(on(2, 10)))

    assert [each.number for each in office.invoices()] == ["R-1", "R-2"]
    assert [each.number for each in office.credits()] == ["G-1"]


def test_r100_the_legal_entity_names_its_ranges_and_the_partition_stands_in_the_number():
    ranges = NumberRanges(invoice="RE-2026", credit_note="GS")
    entity = ACME.model_copy(update={"number_ranges": ranges, "version": 2})
    office = Office(entity, plan())
    office.context = Context(office.terms, {"acme/RE-2026-7": 41}, partition=7)

    office.register().hear(ended(on(1, 10)))

    assert [each.number for each in office.invoices()] == ["RE-2026-7-42"]
    assert [each.number for each in office.credits()] == ["GS-7-1"]
    assert [numbers.given(each) for _, each in office.said] == [
        ("acme/RE-2026-7", 42),
        ("acme/GS-7", 1),
    ]


def test_several_documents_of_one_message_have_numbers_one_after_the_other():
    office = Office(plan()).register().until(on(4, 10), late=True).until(on(4, 11))

    assert [(day.day, each.number) for day, each in office.said] == [
        (1, "R-1"),
        (11, "R-2"),
        (11, "R-3"),
        (11, "R-4"),
    ]


def test_the_same_history_gives_the_same_ids():
    def ids():
        office = Office(plan()).register().until(on(2, 10)).hear(ended(on(2, 10)))
        return [each.derived_id() for _, each in office.said]

    assert ids() == ids()
    assert len(set(ids())) == 3


def test_u23_three_credits_of_a_month_add_up_to_its_net_and_tax():
    office = Office(plan(flat("base", "10.00"))).register()

    office.hear(ended(on(1, 22))).hear(ended(on(1, 12))).hear(ended(on(1, 1)))

    assert [(each.net.amount, each.tax.amount) for each in office.credits()] == [
        ("3.23", "0.61"),
        ("3.23", "0.61"),
        ("3.54", "0.68"),
    ]


def test_r105_a_document_says_who_sold_and_who_bought_as_of_its_issue():
    billing = {"name": "Erika Muster", "postal_code": "10115", "city": "Berlin", "country": "DE"}
    before = customer(vat_id="NL 0044.95.445.B01", kind="business", billing_address=billing)
    office = Office(plan()).register(customer=before).until(on(1, 10))

    office.hear(CustomerChanged(**C1, customer=customer(name="Another")), ended(on(1, 16)))

    [invoice], [note] = office.invoices(), office.credits()
    assert (invoice.seller.name, invoice.seller.country) == ("Acme GmbH", "DE")
    assert (invoice.customer.vat_id, invoice.customer.kind) == ("NL004495445B01", "business")
    assert (invoice.customer.address.city, invoice.customer.language) == ("Berlin", "de")
    assert (note.seller, note.customer) == (invoice.seller, invoice.customer)


def test_u27_who_bought_before_gets_a_note_of_his_own():
    office = Office(plan()).register(customer=customer(name="First")).until(on(1, 10))
    office.hear(CustomerChanged(**C1, customer=customer(name="Second"))).until(on(2, 10))

    office.hear(ended(on(1, 1)))

    assert [(each.customer.name, each.gross.amount) for each in office.credits()] == [
        ("First", "35.70"),
        ("Second", "35.70"),
    ]


def test_r125_an_invoice_says_what_its_transfer_is_to_say():
    [invoice] = Office(plan()).register().invoices()

    assert invoice.payment_reference == payment_reference("C1", invoice.invoice_id)
    assert parse(invoice.payment_reference).fits


@pytest.mark.parametrize(
    ("more", "terms"),
    [
        ({}, [("2", 10)]),
        ({"early_payment": ({"percent": "3", "days": 7},)}, [("3", 7)]),
        ({"early_payment": ()}, []),
        ({"payment_method": "direct_debit"}, []),
    ],
)
def test_r84a_the_terms_of_early_payment_are_the_contracts_else_the_sellers(more, terms):
    ours = ACME.model_copy(update={"early_payment": (EarlyPayment(percent="2", days=10),)})
    [invoice] = Office(plan(), ours).register(**more).invoices()

    assert [(each.percent, each.days) for each in invoice.early_payment] == terms


def test_bt_72_what_is_of_no_period_has_a_day_of_its_supply():
    office = Office(plan(one_time=(flat("setup", "49.00"),))).register().until(on(1, 10))

    office.hear(ended(on(1, 1)))

    [invoice], [note] = office.invoices(), office.credits()
    assert [(line.component_id, line.supplied_on) for line in invoice.lines] == [
        ("base", None),
        ("setup", on(1, 1)),
    ]
    assert [line.supplied_on for line in note.lines] == [None, on(1, 1)]
