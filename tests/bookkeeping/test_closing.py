"""Hand-overs: what is new, on the first open day, and nothing that was sent changes (R-107)."""

from datetime import date

import pytest

from schemas.contracts import ContractChanged
from schemas.instructions import WriteOff
from services.bookkeeping import datev
from services.bookkeeping.closing import Closed, Sent, hand_over
from services.bookkeeping.facts import Disagrees
from tests.bookkeeping.test_books import APR, C1, FEB, FULL, JAN, bill, desk, made
from tests.support.bookkeeper import SKR03
from tests.support.events import paid

JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)


def closes(told, *days):
    """Return the hand-overs of *told* that were closed before, and those of *days* behind them."""
    before, postings = [], ()
    for day in days:
        found, postings = hand_over(made(told, day), before, entity=None)
        before.append(found)
    return before, postings


def sent(found):
    return [(e.number, str(e.booked_on), str(e.posted_on), e.amount) for e in found.sent]


def test_an_invoice_of_january_known_after_its_hand_over_stands_on_1_february():
    told = desk(bill("A", FULL))
    before, _ = closes(told, JANUARY)
    told.hear(bill("B", FULL, issued_on=date(2026, 1, 30)), paid("p", "119.00", FEB))

    found, postings = hand_over(made(told, FEBRUARY), before, entity=None)

    assert (before[0].number, sent(before[0])) == (1, [(1, "2026-01-01", "2026-01-01", 11900)])
    assert (found.number, sent(found)) == (
        2,
        [(2, "2026-01-30", "2026-02-01", 11900), (3, "2026-02-01", "2026-02-01", -11900)],
    )
    # Its tax is January's, and the voucher's own date stands beside it.
    (batch,) = datev.batches(postings, SKR03)
    late = batch.content.decode("cp1252").split("\r\n")[2].split(";")
    assert batch.name == "EXTF_Buchungsstapel_acme_2026-02.csv"
    assert (late[0], late[9], late[24], late[25]) == (
        "119,00", "0102", '"Belegdatum"', '"30.01.2026"',
    )  # fmt: skip
    assert (late[114], late[115]) == ("31012026", "31012026")


def test_what_corrects_the_tax_of_a_closed_month_keeps_that_month():
    told = desk(bill("A", FULL))
    before, _ = closes(told, JANUARY, FEBRUARY)
    told.hear(WriteOff(**C1, on=date(2026, 2, 20)))

    _, postings = hand_over(made(told, MARCH), before, entity=None)

    (batch,) = datev.batches(postings, SKR03)
    fields = batch.content.decode("cp1252").split("\r\n")[2].split(";")
    assert (fields[9], fields[25], fields[115]) == ("0103", '"20.02.2026"', "28022026")


@pytest.mark.parametrize(("on", "stands_on"), [("01-31", "02-01"), ("02-01", "02-01")])
def test_the_last_closed_day_and_the_first_open_one(on, stands_on):
    told = desk(bill("A", FULL))
    before, _ = closes(told, JANUARY)
    told.hear(paid("p", "119.00", date.fromisoformat(f"2026-{on}")))

    found, _ = hand_over(made(told, FEBRUARY), before, entity=None)

    assert sent(found) == [(2, f"2026-{on}", f"2026-{stands_on}", -11900)]


def test_a_contract_that_becomes_a_test_after_a_hand_over_keeps_its_books_and_blocks_no_close():
    told = desk(bill("A", FULL))
    before, _ = closes(told, JANUARY)
    told.until(FEB).hear(ContractChanged(**C1, test=True), paid("p", "119.00", FEB))

    found, _ = hand_over(made(told, FEBRUARY), before, entity=None)

    assert sent(found) == [(2, "2026-02-01", "2026-02-01", -11900)]


def test_a_contract_that_was_a_test_whenever_something_was_booked_has_no_books():
    told = desk(bill("A", FULL), test=True)
    told.until(FEB).hear(ContractChanged(**C1, test=False))
    told.until(date(2026, 2, 2)).hear(ContractChanged(**C1, test=True))

    assert made(told, FEBRUARY).journal.tests == ("C1",)


def test_what_was_sent_is_sent_once_whatever_is_booked_after_it():
    told = desk(bill("A", FULL), paid("p", "19.00", JAN))
    before, postings = closes(told, JANUARY, FEBRUARY, MARCH)

    assert [len(each.sent) for each in before] == [2, 0, 0]
    assert [each.number for each in before] == [1, 2, 3]
    assert postings == ()


def test_a_closed_day_cannot_be_closed_again():
    told = desk(bill("A", FULL))
    before, _ = closes(told, JANUARY)

    with pytest.raises(Closed, match="closed up to 2026-01-31"):
        hand_over(made(told, JANUARY), before, entity=None)


def test_a_ledger_that_lost_what_was_sent_is_refused():
    before, _ = closes(desk(bill("A", FULL)), JANUARY)
    other = desk(bill("Z", FULL, issued_on=APR))

    with pytest.raises(Disagrees, match="contract C1, entry 1: hand-over 1 has it"):
        hand_over(made(other), before, entity=None)
    assert isinstance(before[0].sent[0], Sent)
