"""Word before an invoice is due, and thanks (R-123): by policy, outside of any run."""

from dataclasses import replace
from datetime import date

import pytest

from schemas.days import DayBegan
from schemas.instructions import DeferReceivable, InvoiceDisputed
from services.dunning.escalation import courtesies
from tests.support.desk import Desk
from tests.support.events import (
    credit_note,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
)

# Issued on 2 January 2026 unless said; due on the 16th.
DUE = date(2026, 1, 16)
WITHOUT = policy(reminder(14))


def asking(*days, **more):
    return policy(reminder(14), notices=tuple({"days_before_due": n} for n in days), **more)


def desk(*published, **more):
    return Desk(terms(*published), day=date(2026, 1, 2)).hear(registered(**more))


def told(at):
    """Return the notices that were said, each with its day."""
    kinds = ("NoticeCreated", "NoticeCancelled")
    return [
        (day.isoformat()[5:], getattr(each, "kind", "cancelled"))
        for day, each in at.said
        if type(each).__name__ in kinds
    ]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((), []),
        # Three days before the 16th is the 13th; the day before it the 15th.
        ((3,), ["01-13"]),
        ((7, 3, 1), ["01-09", "01-13", "01-15"]),
        ((13,), ["01-03"]),
        # On its day of issue, and before it, the invoice itself says when it is due.
        ((14,), []),
        ((30,), []),
        # Said twice in a policy it is said once.
        ((3, 3), ["01-13"]),
    ],
)
def test_an_open_invoice_is_told_so_many_days_before_it_is_due(days, said):
    at = desk(asking(*days)).hear(invoice("A", "100.00", DUE)).until(date(2026, 1, 20))

    assert told(at) == [(each, "before_due") for each in said]


def test_a_notice_says_what_is_open_and_by_which_reference_it_is_paid():
    at = desk(asking(3)).hear(invoice("A", "100.00", DUE), paid("P", "40.00", date(2026, 1, 5)))
    at.until(date(2026, 1, 13))

    notice = at.said[-1][1]
    assert (notice.money.amount, notice.items[0].open.amount) == ("60.00", "60.00")
    assert (notice.items[0].due_on, notice.collected_by) == (DUE, None)
    assert notice.payment_reference.startswith("RF")


@pytest.mark.parametrize("method", ["direct_debit", "card"])
def test_where_the_amount_is_collected_the_notice_says_so(method):
    at = desk(asking(3), payment_method=method).hear(invoice("A", "100.00", DUE))

    assert at.until(date(2026, 1, 13)).said[-1][1].collected_by == method


@pytest.mark.parametrize("settles", [paid("P", "100.00", date(2026, 1, 12)),
                                     credit_note("G", "100.00", date(2026, 1, 12))])  # fmt: skip
def test_what_is_settled_before_its_day_is_told_nothing(settles):
    at = desk(asking(3)).hear(invoice("A", "100.00", DUE)).until(date(2026, 1, 12)).hear(settles)

    assert told(at.until(date(2026, 1, 20))) == []


@pytest.mark.parametrize(
    ("day", "amount", "said"),
    [
        (15, "100.00", [("01-13", "before_due"), ("01-15", "cancelled")]),
        (15, "99.99", [("01-13", "before_due")]),
        # On the due day it was true until the end.
        (16, "100.00", [("01-13", "before_due")]),
    ],
)
def test_it_is_cancelled_when_the_invoice_is_paid_before_it_is_due(day, amount, said):
    on = date(2026, 1, day)
    at = desk(asking(3)).hear(invoice("A", "100.00", DUE)).until(on).hear(paid("P", amount, on))

    assert told(at) == said


class Counted(tuple):
    """Items that count how often they are gone through."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_how_often_the_items_are_gone_through_does_not_depend_on_how_many_there_are():
    def times(count, *days):
        at = desk(asking(*days)).hear(invoice("A", "1.00", DUE)).until(date(2026, 1, 14))
        [item] = at.account.items
        items = Counted(replace(item, receivable_id=f"I{number}") for number in range(count))
        account = replace(at.account, items=items, balance=100 * count)
        created = items.times
        began = DayBegan(legal_entity_id="acme", day=at.day, late=True)
        courtesies.say(account, account, began, at.terms)
        return items.times - created

    # Told on the 13th, and not told at all.
    assert times(100, 3) == times(2, 3) > 0
    assert times(100) == times(2) > 0


@pytest.mark.parametrize(
    ("disputed", "said"),
    [
        ("100.00", []),
        ("99.99", [("01-13", "before_due"), ("01-14", "cancelled")]),
    ],
)
def test_a_notice_that_was_never_said_is_not_cancelled(disputed, said):
    about = {"contract_id": "C1", "invoice_id": "A", "reason_code": "price"}
    at = desk(asking(3)).hear(invoice("A", "100.00", DUE))
    at.hear(InvoiceDisputed(**about, money=eur(disputed))).until(date(2026, 1, 14))
    at.hear(credit_note("G", "100.00", date(2026, 1, 14)))

    assert told(at) == said


def test_what_is_cancelled_is_the_notice_that_was_said_last():
    about = {"contract_id": "C1", "invoice_id": "A", "reason_code": "price"}
    at = desk(asking(5, 3)).hear(invoice("A", "100.00", DUE)).until(date(2026, 1, 12))
    at.hear(InvoiceDisputed(**about)).until(date(2026, 1, 14))
    at.hear(credit_note("G", "100.00", date(2026, 1, 14)))

    assert told(at) == [("01-11", "before_due"), ("01-14", "cancelled")]
    [created], [cancelled] = at.all_of("NoticeCreated"), at.all_of("NoticeCancelled")
    assert cancelled.notice_id == created.notice_id


def test_a_new_due_date_is_told_anew():
    at = desk(asking(3)).hear(invoice("A", "100.00", DUE)).until(date(2026, 1, 14))
    later = DeferReceivable(contract_id="C1", invoice_id="A", until=date(2026, 1, 30))
    at.hear(later).until(date(2026, 2, 10))

    assert told(at) == [("01-13", "before_due"), ("01-27", "before_due")]


@pytest.mark.parametrize(
    ("late_until", "said"),
    [
        # The clock stood from the 12th: the first day in time makes up for it, before the 16th.
        (14, [("01-15", "before_due")]),
        (15, []),
    ],
)
def test_a_late_day_tells_nothing_and_the_first_in_time_does(late_until, said):
    at = desk(asking(3)).hear(invoice("A", "100.00", DUE)).until(date(2026, 1, 11))
    at.until(date(2026, 1, late_until), late=True).until(date(2026, 1, 20))

    assert told(at) == said


@pytest.mark.parametrize(
    ("amount", "more", "said"),
    [
        ("100.00", {}, [("01-10", "thanks")]),
        ("150.00", {}, [("01-10", "thanks")]),
        # Of a part it could not be said that it settles anything.
        ("99.99", {}, []),
        ("100.00", {"payment_method": "direct_debit"}, []),
    ],
)
def test_who_pays_an_invoice_whole_and_by_themselves_is_thanked(amount, more, said):
    on = date(2026, 1, 10)
    at = desk(asking(thanks=True), **more).hear(invoice("A", "100.00", DUE))
    at.until(on).hear(paid("P", amount, on))

    assert told(at) == said


def test_nobody_is_thanked_where_the_policy_says_nothing():
    on = date(2026, 1, 10)
    at = desk(WITHOUT).hear(invoice("A", "100.00", DUE)).until(on).hear(paid("P", "100.00", on))

    assert told(at) == []


def test_a_notice_starts_no_run_and_moves_no_step():
    with_, without = (
        desk(each).hear(invoice("A", "100.00", DUE)).until(date(2026, 2, 5))
        for each in (asking(5, 3), WITHOUT)
    )

    def rest(at):
        kinds = ("ReminderCreated", "EscalationStarted")
        said = [(day, type(each).__name__) for day, each in at.said]
        return [each for each in said if each[1] in kinds]

    assert rest(with_) == rest(without)
    assert len(rest(with_)) == 2
