"""Days that the wire counts as the first one after are told as the last one of them."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded
from schemas.decisions import StepDecided
from schemas.escalations import ContractEndRequested
from schemas.instructions import DeferReceivable, HoldEscalation
from schemas.invoices import ContractEndFixed, FreePeriodGranted, PeriodEnding
from schemas.orders import GrantPrepaid
from schemas.receivables import ReceivableSettled
from services.cli.words import tell
from services.cli.words.language import ENGLISH
from services.cli.words.names import Names
from tests.support.events import eur

NAMES = Names({"A": "invoice R-A"}, {})
C = {"contract_id": "C"}
OF_RUN = {"payment_escalation_process_id": "run", "receivable_id": "A", "reopening": 0, "step": 2}


@pytest.mark.parametrize(
    ("from_on", "ends", "told"),
    [
        # 2026 has 28 days of February; the year before a leap day is the 28th again.
        (date(2026, 2, 1), date(2026, 3, 1), "from 2026-02-01 until and including 2026-02-28"),
        (date(2028, 2, 1), date(2028, 3, 1), "from 2028-02-01 until and including 2028-02-29"),
        (date(2025, 12, 1), date(2026, 1, 1), "from 2025-12-01 until and including 2025-12-31"),
        (date(2026, 2, 1), date(2026, 2, 3), "from 2026-02-01 until and including 2026-02-02"),
        # One day is told once, and so is an instant.
        (date(2026, 2, 1), date(2026, 2, 2), "on 2026-02-01"),
        (date(2026, 2, 1), date(2026, 2, 1), "on 2026-02-01"),
    ],
)
def test_a_period_is_told_with_its_first_day_and_its_last(from_on, ends, told):
    assert ENGLISH.span(from_on, ends) == told


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (HoldEscalation(**C, until=date(2026, 2, 10)),
         "A clerk holds the escalation until and including 2026-02-09."),
        (HoldEscalation(**C), "A clerk holds the escalation until further notice."),
        # A new due date is a day on which one may still pay.
        (DeferReceivable(**C, invoice_id="A", until=date(2026, 2, 10)),
         "A clerk gives time for invoice R-A until and including 2026-02-10."),
        (GrantPrepaid(**C, grant_id="g", money=eur("5.00"), expires_on=date(2027, 1, 1)),
         "A clerk gives prepaid credit of 5.00 EUR, to be used until and including 2026-12-31."),
        (ContractEnded(**C, ends_on=date(2026, 3, 1)),
         "The contract ends at the end of 2026-02-28."),
        (ContractEndRequested(**C, **OF_RUN, when="immediately", ends_on=date(2026, 3, 2)),
         "The contract is to end at the end of 2026-03-01 (at once)."),
        (ContractEndFixed(**C, ends_on=date(2026, 4, 1),
                          components=({"component_id": "tv", "ends_on": date(2026, 3, 1)},)),
         "The end of the contract has its date: it ends at the end of 2026-03-31; "
         "tv until and including 2026-02-28."),
        (PeriodEnding(**C, ends_on=date(2026, 3, 1)),
         "A billing period ends at the end of 2026-02-28."),
        (FreePeriodGranted(**C, grant_number=1, touches=(
            {"component_id": "base", "from_on": date(2026, 2, 1), "until": date(2026, 3, 1)},
            {"component_id": "tv", "from_on": date(2026, 2, 1)})),
         "Free of charge is what comes: base from 2026-02-01 until and including 2026-02-28 and "
         "tv from 2026-02-01 on."),
    ],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_what_ends_with_the_beginning_of_a_day_is_told_with_the_day_before(message, sentence):
    assert tell(message, NAMES) == sentence


def decided(outcome, rule, **facts):
    return StepDecided.model_validate(
        {"contract_id": "C", "decided_on": date(2026, 3, 2), "outcome": outcome, "rule": rule,
         "step": {"number": 2, "days_overdue": 42, "action": "end_contract"}, "facts": facts}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "known"),
    [
        # It may fire on the 10th: the notice is over with the 9th.
        (decided("guarded", "R-31", min_notice_days="14", notice_ends="2026-03-10"),
         "the 14 days of notice run until and including 2026-03-09"),
        (decided("held", "R-13", held_by="payment p", held_through="2026-03-06"),
         "payment p is on its way, until and including 2026-03-06"),
        (decided("no_op", "R-32", ends_on="2026-03-01"),
         "the contract ends at the end of 2026-02-28"),
    ],
)  # fmt: skip
def test_a_decision_names_the_last_day_that_still_counts(decision, known):
    assert f": {known}. R-" in tell(decision, NAMES)


@pytest.mark.parametrize(
    ("by", "written_off", "sentence"),
    [
        ("payment", None, "Invoice R-A is settled."),
        ("credit", None, "Invoice R-A is settled by a credit note."),
        ("receivable", None, "Invoice R-A is settled by credit that was there."),
        ("write_off", "30.00",
         "Nothing of invoice R-A is open any more: 30.00 EUR of it is written off, not paid."),
        # Some of what was written off was paid later: the rest of it was not.
        ("payment", "20.00",
         "Nothing of invoice R-A is open any more: 20.00 EUR of it is written off, not paid."),
    ],
)  # fmt: skip
def test_what_was_written_off_is_not_told_as_settled(by, written_off, sentence):
    money = eur(written_off) if written_off else None
    told = ReceivableSettled(**C, receivable_id="A", reopening=0, by=by, written_off=money)

    assert tell(told, NAMES) == sentence
