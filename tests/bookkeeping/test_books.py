"""The books of a contract, with their figures: R-82 to R-86, two dates, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.chargebacks import ChargebackReversed
from schemas.instructions import AssignCredit, DeferReceivable, ReverseWriteOff, WriteOff
from schemas.invoices import CreditNoteCancelled
from schemas.payments import Designation, RefundMade
from schemas.receivables import Assigned
from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from services.bookkeeping.facts import Disagrees, Incomplete
from tests.support.bookkeeper import SKR03, SKR04, Bookkeeper, taxed
from tests.support.events import (
    ACME,
    charged_back,
    credit_note,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

C1 = {"contract_id": "C1"}
FULL = ("S", "19", "100.00", "19.00")
REDUCED = ("S", "7", "100.00", "7.00")
JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def bill(name, *parts, issued_on=JAN, due_on=FEB, **more):
    return taxed(invoice(name, "1.00", due_on, issued_on=issued_on, **more), *parts)


def note(name, *parts, on=FEB, **more):
    return taxed(credit_note(name, "1.00", on, **more), *parts)


def desk(*messages, **more):
    return Bookkeeper(terms(policy(webhook(5)))).hear(
        registered(ends_on=date(2027, 1, 1), **more), *messages
    )


def made(told, as_of=date(2026, 12, 31), chart=SKR03, **more):
    found = books(told.facts, chart, as_of=as_of, **more)
    check(found)
    return found


def items(found):
    return [
        (i.kind, i.number or "", i.amount, i.open, i.written_off, i.age) for i in found.open_items
    ]


def revenue(found):
    return {
        (key.month, key.supply.rate): (row.net, row.tax, row.given_up_tax, row.tax_due)
        for key, row in found.revenue.items()
    }


def lines(found):
    return [
        (str(posting.on), line.account, line.amount)
        for posting in found.postings
        for line in posting.lines()
    ]


def test_r82_overpayment_is_credit_and_pays_the_next_invoice():
    told = desk(
        bill("A", ("S", "19", "42.02", "7.98")),
        paid("p", "60.00", FEB),
        bill("B", ("S", "19", "21.01", "3.99"), issued_on=MAR, due_on=APR),
    )

    assert items(made(told, FEB)) == [("credit", "", -1000, -1000, 0, 0)]
    assert items(made(told, MAR)) == [("invoice", "R-B", 2500, 1500, 0, 0)]
    assert lines(made(told, FEB)) == [
        ("2026-01-01", "1410", 5000),
        ("2026-01-01", "8400", -4202),
        ("2026-01-01", "1776", -798),
        ("2026-02-01", "1410", -5000),
        ("2026-02-01", "1360", 5000),
        ("2026-02-01", "1410", -1000),
        ("2026-02-01", "1360", 1000),
    ]


def test_r83_a_refund_beyond_the_credit_is_an_item_of_its_own_and_no_revenue():
    refund = RefundMade(
        **C1, refund_id="r", payment_id="p", money=eur("30.00"), made_on=MAR, forced=True
    )
    told = desk(bill("A", FULL), paid("p", "129.00", FEB), refund)

    found = made(told)
    assert items(found) == [("refund", "", 2000, 2000, 0, 305)]
    assert revenue(found) == {("2026-01", "19"): (10000, 1900, 0, 1900)}
    assert lines(found)[-2:] == [("2026-03-01", "1410", 3000), ("2026-03-01", "1360", -3000)]


def test_r84_a_part_payment_leaves_the_age():
    told = desk(bill("A", FULL), paid("p", "50.00", MAR))

    assert items(made(told, date(2026, 3, 3))) == [("invoice", "R-A", 11900, 6900, 0, 30)]


def test_r85_what_is_written_off_stays_visible_and_its_tax_is_corrected():
    told = desk(
        bill("A", FULL), bill("B", REDUCED, issued_on=FEB, due_on=MAR), WriteOff(**C1, on=APR)
    )

    found = made(told, APR)
    assert items(found) == [
        ("invoice", "R-A", 11900, 0, 11900, 59),
        ("invoice", "R-B", 10700, 0, 10700, 31),
    ]
    assert revenue(found) == {
        ("2026-01", "19"): (10000, 1900, 0, 1900),
        ("2026-02", "7"): (10000, 700, 0, 700),
        ("2026-04", "19"): (0, 0, 1900, -1900),
        ("2026-04", "7"): (0, 0, 700, -700),
    }
    assert lines(found)[-6:] == [
        ("2026-04-01", "1410", -11900),
        ("2026-04-01", "2406", 10000),
        ("2026-04-01", "1776", 1900),
        ("2026-04-01", "1410", -10700),
        ("2026-04-01", "2401", 10000),
        ("2026-04-01", "1771", 700),
    ]


def test_r85_before_its_day_nothing_is_written_off():
    told = desk(bill("A", FULL), WriteOff(**C1, on=APR))

    assert items(made(told, APR - timedelta(1))) == [("invoice", "R-A", 11900, 11900, 0, 58)]


def test_r86_a_payment_after_the_write_off_corrects_its_share_of_the_tax_back():
    told = desk(bill("A", FULL, REDUCED), WriteOff(**C1, on=MAR), paid("p", "113.00", APR))

    found = made(told)
    assert items(found) == [("invoice", "R-A", 22600, 0, 11300, 333)]
    assert revenue(found) == {
        ("2026-01", "19"): (10000, 1900, 0, 1900),
        ("2026-01", "7"): (10000, 700, 0, 700),
        ("2026-03", "19"): (0, 0, 1900, -1900),
        ("2026-03", "7"): (0, 0, 700, -700),
        ("2026-04", "19"): (0, 0, -950, 950),
        ("2026-04", "7"): (0, 0, -350, 350),
    }
    assert lines(found)[-8:] == [
        ("2026-04-01", "1410", 5950),
        ("2026-04-01", "2732", -5000),
        ("2026-04-01", "1776", -950),
        ("2026-04-01", "1410", 5350),
        ("2026-04-01", "2732", -5000),
        ("2026-04-01", "1771", -350),
        ("2026-04-01", "1410", -11300),
        ("2026-04-01", "1360", 11300),
    ]


def test_r86_a_write_off_that_is_undone_leaves_no_correction():
    told = desk(bill("A", FULL), WriteOff(**C1, on=MAR), ReverseWriteOff(**C1, on=MAR))

    found = made(told)
    assert revenue(found)["2026-03", "19"] == (0, 0, 0, 0)
    assert items(found) == [("invoice", "R-A", 11900, 11900, 0, 333)]


def test_r86_a_payment_dated_before_the_write_off_undoes_it_only_on_its_day():
    told = desk(bill("A", FULL), WriteOff(**C1, on=APR), paid("p", "119.00", MAR))

    assert items(made(told, date(2026, 3, 15))) == []
    assert revenue(made(told))["2026-04", "19"] == (0, 0, 0, 0)


def test_r86_what_credit_pays_at_once_of_a_write_off_undone_is_demanded_again_all_the_same():
    # 100.00 are kept for X; X takes 40.00 of them, and the rest asks for nothing given up.
    told = desk(
        bill("A", FULL),
        WriteOff(**C1, on=MAR),
        paid("p", "100.00", MAR, "X"),
        bill("X", ("S", "19", "33.61", "6.39"), issued_on=APR),
        ReverseWriteOff(**C1, on=APR),
    )

    found = made(told)
    assert revenue(found)["2026-04", "19"] == (3361, 639, -1900, 2539)
    assert items(found) == [("invoice", "R-A", 11900, 5900, 0, 333)]


def test_a_credit_note_takes_revenue_and_tax_off_in_its_own_month():
    told = desk(bill("A", FULL), note("G", ("S", "19", "10.00", "1.90"), invoice_id="A"))

    found = made(told)
    assert revenue(found) == {
        ("2026-01", "19"): (10000, 1900, 0, 1900),
        ("2026-02", "19"): (-1000, -190, 0, -190),
    }
    assert lines(found)[-3:] == [
        ("2026-02-01", "1410", -1190),
        ("2026-02-01", "8400", 1000),
        ("2026-02-01", "1776", 190),
    ]


def test_u40_what_rounds_the_sum_to_be_paid_is_owed_and_not_taxed():
    rounded = bill("A", ("S", "19", "100.02", "19.00"))
    rounded = rounded.model_copy(update={"payable_rounding": eur("-0.02")})
    told = desk(rounded, WriteOff(**C1, on=MAR))

    found = made(told)
    assert items(found) == [("invoice", "R-A", 11900, 0, 11900, 333)]
    assert revenue(found) == {
        ("2026-01", "19"): (10002, 1900, 0, 1900),
        ("2026-01", "0"): (-2, 0, 0, 0),
        ("2026-03", "19"): (0, 0, 1900, -1900),
        ("2026-03", "0"): (0, 0, 0, 0),
    }
    assert lines(found)[:5] == [
        ("2026-01-01", "1410", 11902),
        ("2026-01-01", "8400", -10002),
        ("2026-01-01", "1776", -1900),
        ("2026-01-01", "1410", -2),
        ("2026-01-01", "8200", 2),
    ]


def test_a_void_credit_note_brings_it_back():
    told = desk(
        bill("A", FULL),
        note("G", ("S", "19", "10.00", "1.90")),
        CreditNoteCancelled(**C1, credit_note_id="G", cancelled_on=MAR),
    )

    found = made(told)
    assert revenue(found)["2026-03", "19"] == (1000, 190, 0, 190)
    assert items(found) == [("invoice", "R-A", 11900, 11900, 0, 333)]


def test_r72_r96_a_return_and_its_fee_correct_no_tax():
    back = charged_back("b", "p", "119.00", MAR, fee=eur("3.00"))
    reversal = ChargebackReversed(**C1, chargeback_id="b", booked_on=APR)
    told = desk(bill("A", FULL), paid("p", "119.00", FEB), back, reversal)

    found = made(told)
    assert items(found) == [("fee", "", 300, 300, 0, 305)]
    assert revenue(found) == {("2026-01", "19"): (10000, 1900, 0, 1900)}
    assert lines(found)[5:] == [
        ("2026-03-01", "1410", 11900),
        ("2026-03-01", "1360", -11900),
        ("2026-03-01", "1410", 300),
        ("2026-03-01", "2705", -300),
        ("2026-04-01", "1410", -11900),
        ("2026-04-01", "1360", 11900),
    ]


def test_r96_a_fee_of_a_reminder_that_is_written_off_is_a_loss_without_tax():
    steps = policy(reminder(5, fee=eur("2.50")), fees_block_reset=True)
    told = Bookkeeper(terms(steps)).hear(
        registered(ends_on=date(2027, 1, 1), due_date_is_agreed=True), bill("A", FULL)
    )
    told.until(date(2026, 2, 10)).hear(WriteOff(**C1, on=MAR))

    found = made(told)
    assert [each[:5] for each in items(found)] == [
        ("invoice", "R-A", 11900, 0, 11900),
        ("fee", "", 250, 0, 250),
    ]
    assert revenue(found) == {
        ("2026-01", "19"): (10000, 1900, 0, 1900),
        ("2026-03", "19"): (0, 0, 1900, -1900),
        ("2026-03", "0"): (0, 0, 0, 0),
    }
    assert lines(found)[-2:] == [("2026-03-01", "1410", -250), ("2026-03-01", "2400", 250)]


def test_r98_an_item_ages_from_the_day_that_was_agreed_on_once_it_was():
    told = desk(bill("A", FULL))
    told.until(date(2026, 2, 10)).hear(DeferReceivable(**C1, invoice_id="A", until=MAR))

    assert [i.age for i in made(told, date(2026, 2, 9)).open_items] == [8]
    assert [i.age for i in made(told, date(2026, 3, 8)).open_items] == [7]


def test_r98_time_that_was_refused_makes_nothing_younger():
    told = desk(bill("A", FULL))
    earlier = DeferReceivable(**C1, invoice_id="A", until=FEB - timedelta(1))
    told.facts.append(replace(told.facts[-1], name="/tests desk", message=earlier))

    assert [i.due_on for i in made(told, MAR).open_items] == [FEB]


def test_of_two_rates_that_fit_the_one_that_was_said_last_is_taken():
    told = desk(invoice("A", "0.06", FEB, issued_on=JAN))
    small = told.facts[2].message.model_copy(update={"net": eur("0.05"), "tax": eur("0.01")})
    told.facts[2] = replace(told.facts[2], message=small)
    later = ACME.model_copy(update={"version": 2, "default_vat_rate": "16"})
    told.facts.append(replace(told.facts[0], message=later))

    assert list(revenue(made(told))) == [("2026-01", "16")]


@pytest.mark.parametrize(
    ("day", "bucket"),
    [
        ("2026-02-01", "not_due"),
        ("2026-02-02", "1-30"),
        ("2026-03-03", "1-30"),
        ("2026-03-04", "31-60"),
        ("2026-04-02", "31-60"),
        ("2026-04-03", "61-90"),
        ("2026-05-02", "61-90"),
        ("2026-05-03", ">90"),
    ],
)
def test_a_bucket_ends_with_its_last_day(day, bucket):
    found = made(desk(bill("A", FULL)), date.fromisoformat(day))
    (row,) = found.aging.values()

    assert {name: amount for name, amount in row.items() if amount} == {bucket: 11900}


def test_what_pays_an_invoice_of_a_later_day_is_credit_until_then():
    told = desk(bill("A", FULL, issued_on=MAR, due_on=APR), paid("p", "119.00", FEB))

    assert items(made(told, FEB)) == [("credit", "", -11900, -11900, 0, 0)]
    assert items(made(told, MAR)) == []


def test_what_is_paid_twice_by_a_day_is_credit_of_that_day():
    # The return of the first payment is dated after the second payment, and was heard before it.
    told = desk(
        bill("A", FULL),
        paid("p", "119.00", FEB),
        charged_back("b", "p", "119.00", APR),
        paid("q", "119.00", MAR),
    )

    assert items(made(told, MAR)) == [("credit", "", -11900, -11900, 0, 0)]
    assert items(made(told, APR)) == []


def test_what_waited_is_known_once_it_is_booked():
    told = desk(bill("A", FULL))
    told.until(date(2026, 1, 10)).hear(paid("p", "20.00", JAN), paid("q", "30.00", JAN))
    told.facts[-1] = replace(told.facts[-1], at=told.facts[0].at)

    assert [i.open for i in made(told, known_on=date(2026, 1, 9)).open_items] == [11900]
    assert [i.open for i in made(told, known_on=date(2026, 1, 10)).open_items] == [6900]


def test_what_came_to_be_known_later_is_left_out_and_so_is_what_is_booked_later():
    told = desk(bill("A", FULL))
    told.until(date(2026, 3, 10)).hear(paid("p", "119.00", FEB))

    assert items(made(told, MAR)) == []
    assert items(made(told, MAR, known_on=date(2026, 3, 9))) == [
        ("invoice", "R-A", 11900, 11900, 0, 28)
    ]
    assert items(made(told, date(2026, 1, 31), known_on=date(2026, 3, 10))) == [
        ("invoice", "R-A", 11900, 11900, 0, 0)
    ]


def test_known_on_is_a_day_of_the_entity_and_not_of_utc():
    # 10:00 in Berlin on the 1st; the next fact at 00:30 in Berlin on the 2nd is the 1st in UTC.
    told = desk(bill("A", FULL))
    told.hear(paid("p", "119.00", JAN))
    late = told.facts[-1].at.replace(day=2, hour=0, minute=30)
    told.facts[-1] = replace(told.facts[-1], at=late)

    assert len(made(told, known_on=JAN).open_items) == 1
    assert len(made(told, known_on=date(2026, 1, 2)).open_items) == 0


def test_skr04_has_other_accounts_for_the_same():
    told = desk(bill("A", FULL), WriteOff(**C1, on=MAR))

    assert lines(made(told, chart=SKR04)) == [
        ("2026-01-01", "1210", 11900),
        ("2026-01-01", "4400", -10000),
        ("2026-01-01", "3806", -1900),
        ("2026-03-01", "1210", -11900),
        ("2026-03-01", "6936", 10000),
        ("2026-03-01", "3806", 1900),
    ]


def test_test_contracts_have_no_books():
    found = made(desk(bill("A", FULL), test=True))

    assert (found.entries, found.journal.tests) == ((), ("C1",))


def test_a_document_that_was_dead_lettered_is_named_and_counts_nowhere():
    told = desk(bill("A", FULL))
    other = bill("B", FULL).model_copy(update={"net": eur("1.00"), "gross": eur("20.00")})
    told.facts.append(replace(told.facts[-1], name="/tests other", message=other))

    found = made(told)
    assert [each.number for each in found.journal.not_booked] == ["R-B"]
    assert revenue(found) == {("2026-01", "19"): (10000, 1900, 0, 1900)}


def test_one_legal_entity_can_be_asked_for():
    told = desk(bill("A", FULL))

    assert len(made(told, entity="acme").entries) == 1
    assert made(told, entity="other").entries == ()


def without(told, name):
    return [each for each in told.facts if type(each.message).__name__ != name]


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("InvoiceIssued", "entry 1: invoice A is not on invoices"),
        ("CreditNoteIssued", "entry 2: credit note G is not on invoices"),
        ("ContractRegistered", "contract C1 has a ledger, but was never registered"),
        ("LegalEntityPublished", "legal entity acme was never published"),
    ],
)
def test_what_an_entry_refers_to_must_be_there(missing, why):
    told = desk(bill("A", FULL), note("G", FULL))

    with pytest.raises(Incomplete, match=why):
        books(without(told, missing), SKR03, as_of=MAR)


def entry(told, number, **changes):
    """Return the facts with an entry that says something else."""
    return [
        replace(each, message=each.message.model_copy(update=changes))
        if getattr(each.message, "number", None) == number
        else each
        for each in told.facts
    ]


def test_a_missing_entry_and_a_wrong_balance_are_seen():
    told = desk(bill("A", FULL), paid("p", "19.00", FEB))
    lost = [each for each in told.facts if getattr(each.message, "number", None) != 1]

    with pytest.raises(Disagrees, match="contract C1, entry 2: it is the 1"):
        books(lost, SKR03, as_of=MAR)
    with pytest.raises(Disagrees, match=r"entry 2: it says a balance of 99\.99 that"):
        books(entry(told, 2, balance=eur("99.99")), SKR03, as_of=MAR)


def test_a_document_that_is_not_what_was_booked_is_seen():
    told = desk(bill("A", FULL))
    wrong = entry(told, 1, money=eur("118.00"), balance=eur("118.00"))

    with pytest.raises(Disagrees, match="entry 1: its parts come to 11900, not 11800"):
        books(wrong, SKR03, as_of=MAR)


def test_more_open_than_was_ever_owed_is_seen():
    told = desk(bill("A", FULL), paid("p", "19.00", FEB))
    more = (Assigned(receivable_id="A", amount=eur("119.01")),)

    with pytest.raises(Disagrees, match=r"contract C1: 100\.00 EUR more is owed than"):
        check(books(entry(told, 2, assigned=more), SKR03, as_of=MAR))


def test_r110_damages_that_were_paid_are_booked_without_tax_and_taken_back_first():
    # In default from 2 February: 29 days at 6.27 % on 119.00 are 0.59, beside a fee of 2.50.
    demanded = policy(reminder(30, fee=eur("2.50")), interest=True)
    told = Bookkeeper(terms(demanded)).hear(registered(due_date_is_agreed=True))
    told.hear(bill("A", FULL)).until(APR).hear(paid("p", "122.09", APR))

    assert lines(made(told))[3:] == [
        ("2026-04-01", "1410", 250),
        ("2026-04-01", "2705", -250),
        ("2026-04-01", "1410", 59),
        ("2026-04-01", "2650", -59),
        ("2026-04-01", "1410", -11900),
        ("2026-04-01", "1360", 11900),
        ("2026-04-01", "1410", -250),
        ("2026-04-01", "1360", 250),
        ("2026-04-01", "1410", -59),
        ("2026-04-01", "1360", 59),
    ]

    told.hear(charged_back("b", "p", "20.00", date(2026, 4, 2)))
    found = made(told)
    assert lines(found)[13:17] == [
        ("2026-04-02", "1410", -59),
        ("2026-04-02", "2650", 59),
        ("2026-04-02", "1410", -250),
        ("2026-04-02", "2705", 250),
    ]
    assert items(found) == [("invoice", "R-A", 11900, 1691, 0, 333)]
    assert revenue(found) == {("2026-01", "19"): (10000, 1900, 0, 1900)}


def test_r84b_a_credit_note_that_pays_something_else_is_the_correction_that_it_was():
    wish = (Designation(invoice_id="B"),)
    told = desk(
        bill("A", FULL),
        bill("B", REDUCED),
        note("G", ("S", "19", "10.00", "1.90"), invoice_id="A"),
        AssignCredit(**C1, credit_note_id="G", designated=wish),
    )
    found = made(told)

    assert [(i.number, i.open) for i in found.open_items] == [("R-A", 11900), ("R-B", 9510)]
    assert revenue(found)["2026-02", "19"] == (-1000, -190, 0, -190)
    assert ("2026-02", "7") not in revenue(found)
