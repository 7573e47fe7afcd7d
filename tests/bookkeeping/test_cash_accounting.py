"""VAT by what is paid (§ 20 UStG, R-106): each part by rate, in the month in which it is paid."""

from datetime import date

import pytest

from schemas.early_payment import EarlyPayment
from schemas.instructions import AssignCredit, ReverseWriteOff, WriteOff
from schemas.payments import RefundMade
from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from tests.support.bookkeeper import SKR03, Bookkeeper, by_cash, taxed
from tests.support.events import (
    charged_back,
    credit_note,
    eur,
    invoice,
    paid,
    policy,
    registered,
    terms,
    webhook,
)

C1 = {"contract_id": "C1"}
JAN, FEB, MAR, APR, MAY = (date(2026, month, 1) for month in (1, 2, 3, 4, 5))
# 100.00 at 19 % and 100.00 at 7 %: 226.00 in all.
TWO_RATES = (("S", "19", "100.00", "19.00"), ("S", "7", "100.00", "7.00"))
TWO_PERCENT = (EarlyPayment(percent="2", days=10),)
FULL = (("S", "19", "100.00", "19.00"),)


def bill(name, *parts, on=JAN):
    return taxed(invoice(name, "1.00", FEB, issued_on=on), *parts)


def note(name, *parts, on, **more):
    return taxed(credit_note(name, "1.00", on, **more), *parts)


def taxes(*messages):
    """Return (month, rate, net, tax) of what is taxed when *messages* are said, each on its day."""
    told = Bookkeeper(terms(policy(webhook(5)))).hear(registered(ends_on=FEB))
    for day, message in messages:
        told.until(day).hear(message)
    found = books(by_cash(told.facts), SKR03, as_of=date(2026, 12, 31))
    check(found)
    assert all(row.given_up_tax == 0 for row in found.tax.values())
    return [
        (key.month[5:], key.supply.rate, row.net, row.tax)
        for key, row in found.tax.items()
        if row.net or row.tax
    ]


def test_nothing_is_taxed_before_it_is_paid():
    assert taxes((JAN, bill("A", *TWO_RATES))) == []


def test_a_part_is_taxed_by_the_rates_of_its_invoice_and_the_rest_when_it_comes():
    # 113.00 of 226.00 is the half of each; the rest in March.
    assert taxes(
        (JAN, bill("A", *TWO_RATES)),
        (FEB, paid("p", "113.00", FEB)),
        (MAR, paid("q", "113.00", MAR)),
    ) == [
        ("02", "19", 5000, 950),
        ("02", "7", 5000, 350),
        ("03", "19", 5000, 950),
        ("03", "7", 5000, 350),
    ]  # fmt: skip


def test_thirds_add_up_to_what_was_billed():
    # 39.67 + 39.67 + 39.66 = 119.00. 39.67 * 100 / 119 = 33.336, 79.34 * 100 / 119 = 66.672.
    said = taxes(
        (JAN, bill("A", *FULL)),
        (FEB, paid("p", "39.67", FEB)),
        (MAR, paid("q", "39.67", MAR)),
        (APR, paid("r", "39.66", APR)),
    )

    assert said == [("02", "19", 3334, 633), ("03", "19", 3333, 634), ("04", "19", 3333, 633)]


def test_what_the_bank_takes_back_is_taxed_no_more():
    assert taxes(
        (JAN, bill("A", *FULL)),
        (FEB, paid("p", "119.00", FEB)),
        (MAR, charged_back("b", "p", "119.00", MAR)),
    ) == [("02", "19", 10000, 1900), ("03", "19", -10000, -1900)]


def test_what_is_given_up_was_never_taxed_and_is_taxed_when_it_is_paid_after_all():
    assert taxes((JAN, bill("A", *FULL)), (MAR, WriteOff(**C1, on=MAR))) == []
    assert taxes(
        (JAN, bill("A", *FULL)),
        (MAR, WriteOff(**C1, on=MAR)),
        (APR, paid("p", "59.50", APR)),
    ) == [("04", "19", 5000, 950)]
    assert taxes(
        (JAN, bill("A", *FULL)),
        (MAR, WriteOff(**C1, on=MAR)),
        (APR, ReverseWriteOff(**C1, on=APR)),
    ) == []  # fmt: skip


def test_a_credit_note_of_what_is_unpaid_is_no_payment():
    half = ("S", "19", "50.00", "9.50")

    assert taxes((JAN, bill("A", *FULL)), (FEB, note("G", half, on=FEB, invoice_id="A"))) == []
    assert taxes(
        (JAN, bill("A", *FULL)),
        (FEB, note("G", half, on=FEB, invoice_id="A")),
        (MAR, paid("p", "59.50", MAR)),
    ) == [("03", "19", 5000, 950)]


def test_a_credit_note_of_what_is_paid_takes_its_tax_back_until_the_credit_pays():
    # 119.00 paid, 59.50 credited, which pays half of the next invoice of 119.00.
    half = ("S", "19", "50.00", "9.50")

    assert taxes(
        (JAN, bill("A", *FULL)),
        (FEB, paid("p", "119.00", FEB)),
        (MAR, note("G", half, on=MAR, invoice_id="A")),
        (APR, bill("B", *FULL, on=APR)),
    ) == [("02", "19", 10000, 1900), ("03", "19", -5000, -950), ("04", "19", 5000, 950)]


def test_a_credit_note_that_pays_something_else_is_off_its_own_rate():
    # All of the 7 % of A is credited in February, and pays 107.00 of B's 119.00 in March:
    # 107 / 119 of 100.00 is 89.916.
    moved = AssignCredit(**C1, credit_note_id="G", designated=({"invoice_id": "B"},))

    assert taxes(
        (JAN, bill("A", *TWO_RATES)),
        (JAN, bill("B", *FULL)),
        (FEB, note("G", TWO_RATES[1], on=FEB, invoice_id="A")),
        (MAR, moved),
    ) == [("03", "19", 8992, 1708), ("03", "7", -10000, -700)]


def test_a_credit_note_of_more_than_the_invoice_leaves_less_than_nothing_of_its_rate():
    # 50.00 at 19 % and all of the 7 % are credited of an invoice of 119.00 at 19 %.
    rates = ("S", "19", "50.00", "9.50"), TWO_RATES[1]

    assert taxes(
        (JAN, bill("A", *FULL)),
        (FEB, note("G", *rates, on=FEB, invoice_id="A")),
    ) == [("02", "19", 5000, 950), ("02", "7", -10000, -700)]


def test_r84a_a_discount_of_what_a_credit_note_left_is_taxed_by_rate_and_falls_with_the_payment():
    # 226.00 less 53.50 at 7 % are 119.00 and 53.50: 2 % of 172.50 are 3.45, of them 2.00 with 0.38
    # and 1.00 with 0.07.
    half = ("S", "7", "50.00", "3.50")
    early = bill("A", *TWO_RATES).model_copy(update={"early_payment": TWO_PERCENT})
    day = date(2026, 1, 5)
    paid_in_time = (
        (JAN, early),
        (day, note("G", half, on=day, invoice_id="A")),
        (day, paid("p", "169.05", day)),
    )

    assert taxes(*paid_in_time) == [("01", "19", 9800, 1862), ("01", "7", 4900, 343)]
    assert taxes(*paid_in_time, (FEB, charged_back("b", "p", "169.05", FEB))) == [
        ("01", "19", 9800, 1862),
        ("01", "7", 4900, 343),
        ("02", "19", -9800, -1862),
        ("02", "7", -4900, -343),
    ]


def test_an_overpayment_is_taxed_with_the_invoice_that_it_pays():
    assert taxes(
        (JAN, bill("A", *FULL)),
        (FEB, paid("p", "238.00", FEB)),
        (APR, bill("B", *FULL, on=APR)),
    ) == [("02", "19", 10000, 1900), ("04", "19", 10000, 1900)]


def test_what_is_paid_back_of_an_overpayment_was_never_taxed():
    back = RefundMade(**C1, refund_id="f", money=eur("119.00"), made_on=MAR)

    assert taxes(
        (JAN, bill("A", *FULL)), (FEB, paid("p", "238.00", FEB)), (MAR, back)
    ) == [("02", "19", 10000, 1900)]  # fmt: skip


@pytest.mark.parametrize("net", ["0.01", "33.33", "99.99"])
def test_a_credit_note_of_no_invoice_is_off_the_tax_when_it_is_made(net):
    cents = int(net.replace(".", ""))

    said = taxes((FEB, note("G", ("S", "19", net, "0.00"), on=FEB)))

    assert said == [("02", "19", -cents, 0)]
