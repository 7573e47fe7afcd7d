"""Statements of account (R-124): by order and monthly, by the days of booking, to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contracts import ContractChanged
from schemas.instructions import SendStatement
from tests.support.correspondent import MAIL, PostRoom, asked_for, entry, moved
from tests.support.events import customer
from tests.support.properties import up_to


def on(month, day):
    return date(2026, month, day)


# What was owed: 100.00 in January, 50.00 paid then; 30.00 more, and a payment that came late.
LEDGER = [
    entry(1, "receivable", on(1, 5), "100.00", "100.00"),
    entry(2, "payment", on(1, 20), "-50.00", "50.00"),
    entry(3, "receivable", on(2, 1), "30.00", "80.00"),
    # It only moves what an earlier one assigned, and changes nothing for the customer.
    entry(4, "payment", on(2, 1), "0.00", "80.00"),
    # Said in February, of January.
    entry(5, "payment", on(1, 31), "-10.00", "70.00"),
]


def room(day=date(2026, 2, 1), **who):
    return PostRoom(day=day, customer=customer(email=MAIL, **who)).open()


def wished(effective_on, **more):
    who = customer(email=MAIL, **more)
    return ContractChanged(contract_id="C1", customer=who, effective_on=effective_on)


def drawn(at):
    """Return what each statement says: opening, amounts by day, closing."""
    said = [each.statement for each in at.all_of("DocumentDrafted") if each.statement]
    return [
        (
            each.opening.amount,
            [(f"{line.booked_on:%m-%d}", line.amount.amount) for line in each.lines],
            each.closing.amount,
        )
        for each in said
    ]


@pytest.mark.parametrize(
    ("asked", "statement"),
    [
        # All of January, what came late included, in the order of the days.
        (
            {"as_of": on(1, 31)},
            ("0.00", [("01-05", "100.00"), ("01-20", "-50.00"), ("01-31", "-10.00")], "40.00"),
        ),
        ({"as_of": on(1, 30)}, ("0.00", [("01-05", "100.00"), ("01-20", "-50.00")], "50.00")),
        ({"as_of": on(1, 31), "since": on(1, 20)},
         ("100.00", [("01-20", "-50.00"), ("01-31", "-10.00")], "40.00")),
        ({"as_of": on(1, 31), "since": on(1, 21)}, ("50.00", [("01-31", "-10.00")], "40.00")),
        ({"as_of": on(2, 1)}, ("40.00", [("02-01", "30.00")], "70.00")),
        ({"as_of": on(2, 1), "since": on(1, 31)},
         ("50.00", [("01-31", "-10.00"), ("02-01", "30.00")], "70.00")),
        ({"as_of": date(2025, 12, 31)}, ("0.00", [], "0.00")),
    ],
)  # fmt: skip
def test_a_statement_has_the_movements_of_its_days_and_adds_up(asked, statement):
    at = room(day=on(2, 2)).hear(*LEDGER).hear(asked_for(**asked))

    assert drawn(at) == [statement]


def test_it_is_drawn_when_its_last_day_is_over():
    at = room(day=on(2, 1)).hear(LEDGER[0], asked_for(on(2, 2)))

    assert drawn(at.until(2, 2)) == []
    at.hear(entry(2, "payment", on(2, 2), "-100.00", "0.00"))
    assert drawn(at.until(2, 3)) == [("100.00", [("02-02", "-100.00")], "0.00")]
    assert len(drawn(at.until(2, 20))) == 1


def test_it_is_sent_to_one_mailbox_and_moves_no_clock():
    at = room().hear(*LEDGER, asked_for(on(1, 31))).work()

    [sent] = at.all_of("Dispatched")
    assert (sent.channel, sent.to, sent.document.kind) == ("email", MAIL, "statement")
    assert (sent.dunning_id, sent.invoice_id) == (None, None)


def test_each_order_has_a_statement_of_its_own():
    at = room().hear(*LEDGER, asked_for(on(1, 31)), asked_for(on(1, 31)))

    ids = {each.document_id for each in at.all_of("DocumentDrafted")}
    assert (len(ids), len(drawn(at))) == (2, 2)


@pytest.mark.parametrize("how", ["monthly", None])
def test_who_wants_one_each_month_has_it_on_the_first_day_of_the_next(how):
    at = room(day=on(1, 10), statements=how).hear(*LEDGER[:2]).until(1, 31)

    assert drawn(at) == []
    expected = [("0.00", [("01-05", "100.00"), ("01-20", "-50.00")], "50.00")] if how else []
    assert drawn(at.until(2, 1)) == expected
    # In February nothing is booked, and 50.00 are still owed.
    expected += [("50.00", [], "50.00")] if how else []
    assert drawn(at.until(3, 1)) == expected


def test_who_wishes_for_it_later_has_the_first_of_that_month():
    at = room(day=on(1, 10)).hear(*LEDGER[:2]).until(3, 10)
    at.hear(moved(email=MAIL, statements="monthly"))

    assert drawn(at.until(3, 31)) == []
    assert drawn(at.until(4, 1)) == [("50.00", [], "50.00")]
    at.hear(moved(email=MAIL)).until(5, 1).hear(moved(email=MAIL, statements="monthly"))
    assert len(drawn(at.until(5, 31))) == 1
    assert len(drawn(at.until(6, 1))) == 2


def test_a_month_without_anything_has_none():
    assert drawn(room(day=on(1, 10), statements="monthly").until(4, 2)) == []


def test_a_first_that_is_late_is_made_up_for_on_the_first_day_in_time():
    at = room(day=on(1, 10), statements="monthly").hear(*LEDGER[:2]).until(1, 31)
    at.until(2, 3, late=True)

    assert drawn(at) == []
    assert len(drawn(at.until(2, 4))) == 1
    assert len(drawn(at.until(2, 28))) == 1


def test_what_waits_since_a_late_day_is_drawn_with_the_next_order_of_other_months():
    at = room(day=on(2, 10)).hear(*LEDGER, asked_for(on(2, 10), since=on(1, 1)))
    at.until(2, 11, late=True)
    assert drawn(at) == []

    at.hear(asked_for(on(2, 9), since=on(2, 1)))

    assert [(opening, closing) for opening, _, closing in drawn(at)] == [
        ("0.00", "70.00"),
        ("40.00", "70.00"),
    ]


@pytest.mark.parametrize("late", [False, True])
def test_a_wish_that_comes_again_and_counts_from_a_day_is_for_the_month_of_that_day(late):
    at = room(day=on(1, 10), statements="monthly").hear(moved(email=MAIL)).until(5, 5)
    at.hear(entry(1, "receivable", on(5, 5), "100.00", "100.00"))
    at.hear(wished(on(6, 15), statements="monthly")).until(6, 14)

    assert drawn(at.until(6, 15, late=late).until(6, 30)) == []
    assert drawn(at.until(7, 1)) == [("100.00", [], "100.00")]


AGO, AHEAD = st.sampled_from([0, 1, 31]), st.sampled_from([0, 1, 15])
STEPS = st.one_of(
    st.tuples(st.just("entry"), AGO),
    st.tuples(st.just("order"), st.sampled_from([-2, 0, 1, 31]), AGO),
    st.tuples(st.just("wish"), AHEAD, st.sampled_from(["monthly", None])),
    st.tuples(st.just("days"), st.sampled_from([1, 16, 31]), st.booleans()),
)


def take(at, number, step):
    """Let *step* happen: what is in the past or ahead is so many days from the room's day."""
    match step:
        case "entry", ago:
            on_ = at.day - timedelta(days=ago)
            at.hear(entry(number, "receivable", on_, "1.00", f"{number}.00"))
        case "order", ago, length:
            as_of = at.day - timedelta(days=ago)
            at.hear(asked_for(as_of, since=as_of - timedelta(days=length)))
        case "wish", ahead, how:
            at.hear(wished(at.day + timedelta(days=ahead), statements=how))
        case "days", count, late:
            then = at.day + timedelta(days=count)
            at.until(then.month, then.day, late=late)


@settings(max_examples=up_to(200), deadline=None)
@given(how=st.sampled_from(["monthly", None]), steps=st.lists(STEPS, min_size=4, max_size=10))
def test_whatever_comes_in_whatever_order_each_statement_adds_up(how, steps):
    at = room(day=on(1, 10), statements=how)
    for number, step in enumerate(steps, start=1):
        take(at, number, step)

    for opening, lines, closing in drawn(at.until(12, 31)):
        assert Decimal(opening) + sum(Decimal(amount) for _, amount in lines) == Decimal(closing)


def test_of_more_than_a_thousand_movements_the_last_thousand_stand_in_it():
    many = [entry(n, "receivable", on(1, 5), "1.00", f"{n}.00") for n in range(1, 1003)]

    [(opening, lines, closing)] = drawn(room(day=on(2, 2)).hear(*many, asked_for(on(1, 31))))

    assert (opening, len(lines), closing) == ("2.00", 1000, "1002.00")


def test_it_begins_before_it_ends():
    with pytest.raises(ValueError):
        SendStatement(contract_id="C1", as_of=on(1, 5), since=on(1, 6))
