"""What dunning asks for: ends, pauses and resumptions take effect by themselves."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded, ContractPaused, ContractResumed
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from tests.support.events import policy, webhook
from tests.support.office import Office
from tests.support.tariffs import plan

C1 = {"contract_id": "C1"}
RUN = {"payment_escalation_process_id": "P1"}
STEP = {**C1, **RUN, "receivable_id": "A", "reopening": 0, "step": 2}


def on(month, day):
    return date(2026, month, day)


def end_asked(when="immediately", **more):
    return ContractEndRequested(**STEP, when=when, **more)


def pause_asked(day, **more):
    return ContractPauseRequested(**STEP, paused_from=day, **more)


def resume_asked(day):
    return ContractResumeRequested(**C1, **RUN, resumed_on=day)


def test_r60_an_end_at_once_credits_what_is_billed_beyond_it():
    office = Office(plan()).register().until(on(2, 10)).hear(end_asked(ends_on=on(2, 10)))

    office.until(on(4, 1))

    assert office.story()[2:] == ["02-10 G-1 24.23 base[02-10,03-01)=20.36"]
    assert [each.cause for each in office.credits()] == ["end"]
    assert office.all_of("ContractEndFixed") == []


def test_r61_an_end_that_only_invoicing_knows_is_fixed():
    office = Office(plan(bill="in_arrears")).register().until(on(2, 10))

    office.hear(end_asked("after_current_period")).until(on(4, 1))

    [fixed] = office.all_of("ContractEndFixed")
    assert (fixed.ends_on, fixed.payment_escalation_process_id) == (on(3, 1), "P1")
    assert [each.issued_on for each in office.invoices()] == [on(2, 1), on(3, 1)]


@pytest.mark.parametrize(
    ("ends_on", "left"), [(on(2, 5), on(2, 5)), (on(2, 10), on(2, 10)), (on(6, 1), on(2, 10))]
)
def test_a_request_ends_nothing_later_than_it_ends_anyway(ends_on, left):
    office = Office(plan()).register().until(on(2, 1))
    office.hear(ContractEnded(**C1, ends_on=ends_on), end_asked(ends_on=on(2, 10)))

    assert office.contract.agreed.ends_on == left


def test_a_contract_of_others_is_not_fixed_by_us():
    office = Office(plan()).register(plan_id=None).hear(end_asked("after_current_period"))

    assert office.said == []


@pytest.mark.parametrize(("credit", "story"), [
    (False, []),
    (True, ["02-10 G-1 24.23 base[02-10,03-01)=20.36"]),
])  # fmt: skip
def test_r65_only_the_policy_lets_a_pause_credit_what_is_billed(credit, story):
    office = Office(plan()).register().until(on(2, 10)).hear(pause_asked(on(2, 10), credit=credit))

    assert office.until(on(4, 1)).story()[2:] == story


def test_r64_a_pause_for_debt_ends_by_its_reset_and_bills_from_there():
    office = Office(plan()).register().until(on(2, 10)).hear(pause_asked(on(2, 10), credit=True))

    office.until(on(3, 15)).hear(resume_asked(on(3, 15)))

    assert office.story()[2:] == [
        "02-10 G-1 24.23 base[02-10,03-01)=20.36",
        "03-15 R-3 19.58 base[03-15,04-01)=16.45",
    ]


def test_r64_what_confirms_our_pause_changes_nothing():
    office = Office(plan()).register().until(on(2, 10)).hear(pause_asked(on(2, 10), credit=True))

    office.hear(ContractPaused(**C1, paused_from=on(2, 1)))

    assert len(office.credits()) == 1
    assert office.contract.pauses[0].since == on(2, 10)


def test_r65_an_operator_who_pauses_what_we_have_paused_lets_the_policy_credit_it():
    given = policy(webhook(5), credit_on_pause=True)
    office = Office(plan(), given).register().until(on(2, 10)).hear(pause_asked(on(2, 10)))

    office.hear(ContractPaused(**C1, paused_from=on(2, 12), cause="operator"))

    assert office.story()[2:] == ["02-10 G-1 24.23 base[02-10,03-01)=20.36"]


def test_r64_a_request_does_not_lift_the_pause_of_an_operator():
    office = Office(plan()).register().until(on(2, 10))
    office.hear(
        pause_asked(on(2, 10)), ContractPaused(**C1, paused_from=on(2, 20), cause="operator")
    )

    office.hear(resume_asked(on(2, 25))).until(on(3, 20))
    assert len(office.invoices()) == 2

    office.hear(ContractResumed(**C1, resumed_on=on(3, 20)))
    assert office.story()[2:] == ["03-20 R-3 13.82 base[03-20,04-01)=11.61"]
