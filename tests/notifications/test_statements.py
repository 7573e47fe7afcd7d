"""Statements of account (R-124): by order and monthly, by the days of booking, to the cent."""

from datetime import date

import pytest

from schemas.instructions import SendStatement
from tests.support.correspondent import MAIL, PostRoom, asked_for, entry
from tests.support.events import customer


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


def test_a_month_without_anything_has_none():
    assert drawn(room(day=on(1, 10), statements="monthly").until(4, 2)) == []


def test_a_first_that_is_late_is_made_up_for_on_the_first_day_in_time():
    at = room(day=on(1, 10), statements="monthly").hear(*LEDGER[:2]).until(1, 31)
    at.until(2, 3, late=True)

    assert drawn(at) == []
    assert len(drawn(at.until(2, 4))) == 1
    assert len(drawn(at.until(2, 28))) == 1


def test_of_more_than_a_thousand_movements_the_last_thousand_stand_in_it():
    many = [entry(n, "receivable", on(1, 5), "1.00", f"{n}.00") for n in range(1, 1003)]

    [(opening, lines, closing)] = drawn(room(day=on(2, 2)).hear(*many, asked_for(on(1, 31))))

    assert (opening, len(lines), closing) == ("2.00", 1000, "1002.00")


def test_it_begins_before_it_ends():
    with pytest.raises(ValueError):
        SendStatement(contract_id="C1", as_of=on(1, 5), since=on(1, 6))
