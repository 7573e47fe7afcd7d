"""In which month the tax of a line arises (R-106), with figures worked out by hand."""

from datetime import date

import pytest

from schemas.instructions import WriteOff
from schemas.invoices import InvoiceIssued
from services.bookkeeping import datev
from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from tests.support.bookkeeper import SKR03, Bookkeeper, taxed
from tests.support.events import credit_note, eur, invoice, policy, registered, terms, webhook

JAN_1, FEB_2 = date(2026, 1, 1), date(2026, 2, 2)
DECEMBER = {"from": date(2025, 12, 1), "until": date(2026, 1, 1)}
JANUARY = {"from": date(2026, 1, 1), "until": date(2026, 2, 1)}
QUARTER = {"from": date(2026, 1, 1), "until": date(2026, 4, 1)}


def item(net, period=None, rate="19", **more):
    return {
        "line_id": f"{net} {rate}", "name": "x", "net": eur(net), "vat_rate": rate,
        "vat_category": "S", "period": period, **more,
    }  # fmt: skip


def bill(lines, *parts, issued_on=JAN_1, **more):
    """Return an invoice of *lines* whose sums are *parts*: (category, rate, net, tax)."""
    made = taxed(invoice("A", "1.00", FEB_2, issued_on=issued_on), *parts)
    return InvoiceIssued.model_validate(made.model_dump() | {"lines": tuple(lines)} | more)


def made(*messages):
    told = Bookkeeper(terms(policy(webhook(5)))).hear(
        registered(starts_on=date(2025, 1, 1), ends_on=date(2026, 2, 1)), *messages
    )
    found = books(told.facts, SKR03, as_of=date(2026, 12, 31))
    check(found)
    return found


def taxes(found):
    return [(k.month, k.supply.rate, row.net, row.tax) for k, row in found.tax.items()]


@pytest.mark.parametrize(
    ("period", "issued_on", "month"),
    [
        # December served and billed on 1 January is December's.
        (DECEMBER, date(2026, 1, 1), "2025-12"),
        (DECEMBER, date(2025, 12, 31), "2025-12"),
        # One day more is served: January's; its last day is the 1st.
        ({"from": date(2025, 12, 1), "until": date(2026, 1, 2)}, date(2026, 1, 1), "2026-01"),
        # Billed ahead: with the issue, however far the period goes.
        (QUARTER, date(2026, 1, 1), "2026-01"),
        (QUARTER, date(2025, 12, 20), "2025-12"),
        # The last day is 31 March; billed on it, and a month after.
        (QUARTER, date(2026, 3, 31), "2026-03"),
        (QUARTER, date(2026, 4, 30), "2026-03"),
        (None, date(2026, 1, 1), "2026-01"),
    ],
)
def test_a_line_is_taxed_with_its_last_day_unless_it_is_billed_ahead(period, issued_on, month):
    found = made(bill([item("100.00", period)], ("S", "19", "100.00", "19.00"),
                      issued_on=issued_on))  # fmt: skip

    assert taxes(found) == [(month, "19", 10000, 1900)]
    # What was invoiced stays in the month of the issue.
    assert [key.month for key in found.revenue] == [f"{issued_on:%Y-%m}"]


def test_a_supply_without_period_is_taxed_on_its_day():
    said = item("100.00", supplied_on=date(2025, 12, 30))

    assert taxes(made(bill([said], ("S", "19", "100.00", "19.00")))) == [
        ("2025-12", "19", 10000, 1900)
    ]


def test_an_invoice_that_says_a_period_and_no_lines_is_of_that():
    found = made(bill([], ("S", "19", "100.00", "19.00"), period=DECEMBER))

    assert taxes(found) == [("2025-12", "19", 10000, 1900)]


def test_the_tax_of_a_rate_is_divided_over_the_months_by_their_nets():
    # 40.03 at 19 % are 7.61: 7.61 * 10.00 / 40.03 = 1.901, 7.61 * 30.03 / 40.03 = 5.709.
    lines = [item("10.00", DECEMBER), item("30.03", JANUARY), item("5.00", DECEMBER, "7")]
    found = made(bill(lines, ("S", "19", "40.03", "7.61"), ("S", "7", "5.00", "0.35")))

    assert taxes(found) == [
        ("2025-12", "19", 1000, 190),
        ("2025-12", "7", 500, 35),
        ("2026-01", "19", 3003, 571),
    ]


def test_what_no_line_says_is_of_the_month_of_the_issue():
    # 100.00 of December less an allowance of 10.00 on the whole: 90.00 and 17.10 of tax.
    less = {"name": "Loyalty", "net": eur("10.00"), "vat_rate": "19", "vat_category": "S"}
    found = made(bill([item("100.00", DECEMBER)], ("S", "19", "90.00", "17.10"),
                      allowances=(less,)))  # fmt: skip

    assert taxes(found) == [("2025-12", "19", 10000, 1900), ("2026-01", "19", -1000, -190)]


def test_a_discount_of_the_same_month_is_off_its_tax():
    lines = [item("100.00", DECEMBER), item("-20.00", DECEMBER)]

    assert taxes(made(bill(lines, ("S", "19", "80.00", "15.20")))) == [
        ("2025-12", "19", 8000, 1520)
    ]


def test_credit_notes_and_write_offs_correct_the_month_in_which_they_are_made():
    note = taxed(credit_note("G", "1.00", FEB_2, invoice_id="A"), ("S", "19", "50.00", "9.50"))
    lost = WriteOff(contract_id="C1", on=date(2026, 3, 10))
    told = Bookkeeper(terms(policy(webhook(5))))
    told.hear(registered(ends_on=date(2026, 2, 1)))
    told.hear(bill([item("100.00", DECEMBER)], ("S", "19", "100.00", "19.00")), note)
    told.until(date(2026, 3, 10)).hear(lost)
    found = books(told.facts, SKR03, as_of=date(2026, 12, 31))
    check(found)

    assert [(k.month, row.tax, row.given_up_tax, row.tax_due) for k, row in found.tax.items()] == [
        ("2025-12", 1900, 0, 1900),
        ("2026-02", -950, 0, -950),
        ("2026-03", 0, 950, -950),
    ]


def test_datev_is_told_the_tax_period_where_it_is_not_the_month_of_the_voucher():
    lines = [item("10.00", DECEMBER), item("30.03", JANUARY)]
    found = made(bill(lines, ("S", "19", "40.03", "7.61")))

    (batch,) = datev.batches(found.postings, SKR03)

    rows = [row.split(";") for row in batch.content.decode("cp1252").split("\r\n")[2:-1]]
    # 11.90 of December and 35.74 of January, together 47.64, both in January's batch.
    assert [(row[0], row[7], row[9], row[114], row[115]) for row in rows] == [
        ("11,90", "8400", "0101", "31122025", "31122025"),
        ("35,74", "8400", "0101", "", ""),
    ]
