"""Prepaid balances that apply gross: what they pay of a document, and what comes back to them."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from schemas.message import Refused
from schemas.orders import (
    CancelCreditNote,
    CorrectInvoice,
    GrantPrepaid,
    IssueCreditNote,
    IssueInvoice,
    Item,
    VoidInvoice,
)
from schemas.values import Money
from services.invoicing.audit import faults
from tests.support.events import eur
from tests.support.office import Office
from tests.support.properties import up_to
from tests.support.tariffs import plan

C1 = {"contract_id": "C1"}


def grant(name, amount, **more):
    return GrantPrepaid(**C1, grant_id=name, money=eur(amount), applies="gross", **more)


def item(net, rate="24", component_id=None):
    return Item(name=f"{net} at {rate}", net=eur(net), vat_rate=rate, component_id=component_id)


def sell(*items, **more):
    return IssueInvoice(**C1, items=items, **more)


def office(*grants):
    return Office(plan()).register(switches={"billing": False}).hear(*grants)


def moved(given):
    return [
        f"{e.grant_id} {e.applied.amount} {e.left.amount}" for e in given.all_of("PrepaidApplied")
    ]


def payable(given):
    """Return gross and what is to be paid of each document, credit notes with a sign."""
    documents = [e for _, e in given.said if hasattr(e, "payable")]
    return [
        f"{'-' if hasattr(e, 'cause') else ''}{e.gross.amount} {e.payable.amount}"
        for e in documents
    ]


def test_u61_a_balance_pays_an_invoice_after_its_tax():
    given = office(grant("g", "100.00")).hear(sell(item("14.29")))

    # 24 % of 14.29 are 3.4296: 3.43, and 17.72 with it.
    assert payable(given) == ["17.72 0.00"]
    assert moved(given) == ["g 17.72 82.28"]
    said = given.invoices()[0]
    assert (said.net.amount, said.tax.amount) == ("14.29", "3.43")
    assert [(e.grant_id, e.money.amount) for e in said.prepaid] == [("g", "17.72")]


@pytest.mark.parametrize(
    ("amount", "left", "owed"),
    [("17.71", "0.00", "0.01"), ("17.72", "0.00", "0.00"), ("17.73", "0.01", "0.00")],
)
def test_u61_a_balance_pays_as_far_as_it_reaches(amount, left, owed):
    given = office(grant("g", amount)).hear(sell(item("14.29")))

    assert [e.left.amount for e in given.all_of("PrepaidApplied")] == [left]
    assert payable(given) == [f"17.72 {owed}"]


def test_u61_a_balance_that_applies_net_is_none_of_a_document():
    net = GrantPrepaid(**C1, grant_id="n", money=eur("100.00"))

    given = office(net).hear(sell(item("14.29")))

    assert (payable(given), moved(given)) == (["17.72 17.72"], [])


def test_u16_balances_pay_by_priority_promotional_ones_first_and_what_expires_earlier():
    given = office(
        grant("last", "1.00", priority=1),
        grant("paid", "1.00"),
        grant("sooner", "1.00", expires_on=date(2026, 4, 1)),
        grant("gift", "1.00", promotional=True),
        grant("first", "1.00", priority=-1),
        grant("over", "1.00", priority=-9, expires_on=date(2026, 1, 1)),
    )

    given.hear(sell(item("4.50", "0")))

    assert moved(given) == [
        "first 1.00 0.00",
        "gift 1.00 0.00",
        "sooner 1.00 0.00",
        "paid 1.00 0.00",
        "last 0.50 0.50",
    ]


@pytest.mark.parametrize(("expires_on", "owed"), [((1, 10), "17.72"), ((1, 11), "0.00")])
def test_u61_a_balance_pays_what_is_issued_before_it_expires(expires_on, owed):
    given = office(grant("g", "100.00", expires_on=date(2026, *expires_on)))

    given.until(date(2026, 1, 10)).hear(sell(item("14.29")))

    assert payable(given) == [f"17.72 {owed}"]


def test_u61_a_balance_pays_its_components_with_their_tax_and_nothing_else():
    given = office(grant("g", "100.00", components=("calls",)), grant("h", "5.00"))

    given.hear(sell(item("10.00", "19", "calls"), item("10.00", "19"), item("10.00", "7")))

    # 11.90 of 34.50 are calls; 22.60 are left, of which h pays 5.00.
    assert moved(given) == ["g 11.90 88.10", "h 5.00 0.00"]
    assert payable(given) == ["34.50 17.60"]


def test_u61_two_balances_of_one_component_pay_it_once():
    given = office(
        grant("g", "8.00", components=("calls",)), grant("h", "8.00", components=("calls", "texts"))
    )

    given.hear(sell(item("10.00", "19", "calls"), item("10.00", "19")))

    assert moved(given) == ["g 8.00 0.00", "h 3.90 4.10"]


@pytest.mark.parametrize(("rounding", "drawn"), [("-0.02", "17.70"), ("0.03", "17.75")])
def test_u61_what_is_rounded_of_the_payment_is_paid_with_it(rounding, drawn):
    given = office(grant("g", "100.00"))

    given.hear(sell(item("14.29"), payable_rounding=eur(rounding)))

    assert [e.applied.amount for e in given.all_of("PrepaidApplied")] == [drawn]
    assert payable(given) == ["17.72 0.00"]


@pytest.mark.parametrize(
    ("credited", "note", "back"),
    [
        ("4.00", "-4.00 4.00", []),
        ("5.00", "-5.00 5.00", []),
        ("6.00", "-6.00 5.00", ["g -1.00 1.00"]),
        ("20.00", "-20.00 5.00", ["g -15.00 15.00"]),
    ],
)
def test_u61_less_of_an_invoice_is_money_first_and_goes_back_to_the_balance_then(
    credited, note, back
):
    given = office(grant("g", "15.00")).hear(sell(item("20.00", "0")))

    name = given.invoices()[0].invoice_id
    given.hear(IssueCreditNote(**C1, invoice_id=name, items=(item(credited, "0"),)))

    assert payable(given) == ["20.00 5.00", note]
    assert moved(given) == ["g 15.00 0.00", *back]


def test_u61_the_last_balance_drawn_gets_back_first_and_each_what_it_paid():
    given = office(grant("g", "15.00"), grant("h", "5.00")).hear(sell(item("20.00", "0")))
    name = given.invoices()[0].invoice_id

    given.hear(
        IssueCreditNote(**C1, invoice_id=name, items=(item("6.00", "0"),)),
        IssueCreditNote(**C1, invoice_id=name, items=(item("14.00", "0"),)),
    )

    assert moved(given)[2:] == ["h -5.00 5.00", "g -1.00 1.00", "g -14.00 15.00"]
    assert payable(given) == ["20.00 0.00", "-6.00 0.00", "-14.00 0.00"]


def test_u61_what_would_go_back_to_an_expired_balance_is_money():
    given = office(grant("g", "15.00", expires_on=date(2026, 1, 20))).hear(sell(item("20.00", "0")))

    given.until(date(2026, 1, 20))
    given.hear(VoidInvoice(**C1, invoice_id=given.invoices()[0].invoice_id))

    assert payable(given) == ["20.00 5.00", "-20.00 20.00"]
    assert moved(given) == ["g 15.00 0.00"]


def test_u61_an_invoice_that_is_made_anew_is_paid_anew():
    given = office(grant("g", "15.00")).hear(sell(item("10.00", "0")))

    name = given.invoices()[0].invoice_id
    given.hear(CorrectInvoice(**C1, invoice_id=name, items=(item("12.00", "0"),)))

    assert payable(given) == ["10.00 0.00", "-10.00 0.00", "12.00 0.00"]
    assert moved(given) == ["g 10.00 5.00", "g -10.00 15.00", "g 12.00 3.00"]


def test_u61_a_credit_note_that_is_void_draws_again_what_it_gave_back():
    given = office(grant("g", "15.00")).hear(sell(item("20.00", "0")))
    given.hear(VoidInvoice(**C1, invoice_id=given.invoices()[0].invoice_id))

    given.hear(CancelCreditNote(**C1, credit_note_id=given.credits()[0].credit_note_id))
    given.hear(VoidInvoice(**C1, invoice_id=given.invoices()[0].invoice_id))

    assert moved(given) == ["g 15.00 0.00", "g -15.00 15.00", "g 15.00 0.00", "g -15.00 15.00"]
    assert payable(given) == ["20.00 5.00", "-20.00 5.00", "-20.00 5.00"]


def test_u61_a_credit_note_stands_where_what_it_gave_back_was_used_since():
    given = office(grant("g", "15.00")).hear(sell(item("20.00", "0")))
    given.hear(VoidInvoice(**C1, invoice_id=given.invoices()[0].invoice_id))
    given.hear(sell(item("0.01", "0")))

    with pytest.raises(Refused, match="used since then"):
        given.hear(CancelCreditNote(**C1, credit_note_id=given.credits()[0].credit_note_id))


@pytest.mark.parametrize(("day", "refused"), [(19, False), (20, True)])
def test_u61_a_credit_note_stands_where_what_it_gave_back_has_expired_since(day, refused):
    given = office(grant("g", "15.00", expires_on=date(2026, 1, 20)))
    given.hear(sell(item("20.00", "0")))
    given.hear(VoidInvoice(**C1, invoice_id=given.invoices()[0].invoice_id))
    given.until(date(2026, 1, day))
    cancel = CancelCreditNote(**C1, credit_note_id=given.credits()[0].credit_note_id)

    if refused:
        with pytest.raises(Refused, match=r"15\.00 EUR that went back expired since then"):
            given.hear(cancel)
    else:
        given.hear(cancel)

    again = [] if refused else ["g 15.00 0.00"]
    assert moved(given) == ["g 15.00 0.00", "g -15.00 15.00", *again]


def test_a_balance_in_another_currency_is_refused():
    with pytest.raises(Refused, match="currency"):
        franc = Money(amount="1.00", currency="CHF")
        office(GrantPrepaid(**C1, grant_id="f", money=franc, applies="gross"))


@settings(deadline=None, max_examples=up_to(300))
@examples(
    steps=st.lists(
        st.tuples(st.sampled_from(["sell", "grant", "credit", "void", "cancel", "anew"]),
                  st.integers(1, 3000)),
        max_size=12,
    )
)  # fmt: skip
def test_u61_what_was_granted_is_left_or_pays_what_stands(steps):
    """Whatever is credited, void or made anew: money and balances make up what is owed."""
    given, granted = office(), 0
    for number, (what, size) in enumerate(steps):
        sold, notes = given.invoices(), given.credits()
        match what:
            case "sell":
                given.hear(sell(item(f"{size / 100:.2f}", "19", "calls" if size % 2 else None)))
            case "grant":
                limits = ("calls",) if size % 3 == 0 else None
                given.hear(grant(f"g{number}", f"{size / 100:.2f}", components=limits))
                granted += size
            case "credit" if sold:
                name = sold[size % len(sold)].invoice_id
                ordered = IssueCreditNote(
                    **C1, invoice_id=name, items=(item(f"{size / 100:.2f}", "19"),)
                )
                with suppress(Refused):
                    given.hear(ordered)
            case "void" | "anew" if sold:
                name = sold[size % len(sold)].invoice_id
                order = VoidInvoice if what == "void" else CorrectInvoice
                with suppress(Refused):
                    given.hear(order(**C1, invoice_id=name))
            case "cancel" if notes:
                name = notes[size % len(notes)].credit_note_id
                with suppress(Refused):
                    given.hear(CancelCreditNote(**C1, credit_note_id=name))

    said = [each for _, each in given.said]
    void = {e.credit_note_id for e in given.all_of("CreditNoteCancelled")}
    standing = [e for e in given.credits() if e.credit_note_id not in void]
    gross = sum(e.gross.minor for e in given.invoices()) - sum(e.gross.minor for e in standing)
    money = sum(e.payable.minor for e in given.invoices())
    money -= sum(e.payable.minor for e in standing)
    left = sum(each.left for each in given.contract.grants)
    assert gross == money + granted - left
    assert money >= 0
    assert list(faults(said)) == []


def test_u61_a_plan_is_billed_with_what_a_balance_pays_of_it():
    given = Office(plan()).register().hear(grant("g", "50.00")).until(date(2026, 3, 1))

    # 35.70 a month; the first was issued before the balance was there.
    assert payable(given) == ["35.70 35.70", "35.70 0.00", "35.70 21.40"]
    assert moved(given) == ["g 35.70 14.30", "g 14.30 0.00"]
