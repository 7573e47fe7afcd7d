"""Which contracts a mass run writes off, at both sides of each edge (R-85)."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded, ContractPaused
from schemas.instructions import DispatchReminder, SwitchEscalation, WriteOff
from schemas.values import Money
from services.dunning.mass_write_off import Proposal, Wanted, event_id, finished_on, propose
from tests.support.desk import Desk
from tests.support.events import invoice, paid, policy, registered, reminder, terms, webhook

JUNE_30 = date(2026, 6, 30)
# Due on 1 March, so that it is 121 days overdue on 30 June.
MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    given = Desk(terms(policy(*(steps or (webhook(5),)))))
    return given.hear(registered(**more), invoice("A", "119.00", MARCH_1))


def ended(given, on=date(2026, 4, 1)):
    return given.hear(ContractEnded(contract_id="C1", ends_on=on))


def reasons(given, **wanted):
    proposal = propose(given.account, Wanted(**{"on": JUNE_30} | wanted))
    return [each.text for each in proposal.reasons]


def test_what_is_open_on_a_contract_that_ends_is_written_off():
    given = ended(desk().hear(invoice("B", "10.00", date(2026, 3, 11))))

    assert propose(given.account, Wanted(on=JUNE_30)) == Proposal(
        contract_id="C1",
        open=Money(amount="129.00", currency="EUR"),
        receivables=2,
        newest_overdue_days=111,
        reasons=(),
    )


def test_of_a_contract_that_owes_nothing_nothing_is_said():
    given = ended(desk().hear(paid("p", "119.00", MARCH_1)))

    assert propose(given.account, Wanted(on=JUNE_30)) is None


def test_a_contract_without_an_end_is_left():
    assert reasons(desk()) == ["the contract has no end"]


def test_a_contract_that_ended_long_ago_is_not_asked_about_an_end_it_lacks():
    assert reasons(desk(), ended_days=30) == ["the contract has no end"]


@pytest.mark.parametrize(
    ("on", "left"),
    [
        (date(2026, 1, 1), ["its invoice of 2026-01-02 is not older than the write-off"]),
        (date(2026, 1, 2), ["its invoice of 2026-01-02 is not older than the write-off"]),
        (date(2026, 1, 3), []),
    ],
)
def test_the_write_off_is_after_the_latest_invoice(on, left):
    assert reasons(ended(desk()), on=on) == left


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"payment_method": "on_account"}, []),
        ({"payment_method": "card"}, ["it is paid by on_account"]),
        ({"currency": "EUR"}, []),
        ({"currency": "CHF"}, ["it owes EUR"]),
        ({"newest_overdue_days": 121}, []),
        ({"newest_overdue_days": 122}, ["its newest open receivable is 121 days overdue"]),
        ({"ended_days": 90}, []),
        ({"ended_days": 91}, ["it ended 90 days ago"]),
        (
            {"currency": "CHF", "ended_days": 91},
            ["it owes EUR", "it ended 90 days ago"],
        ),
    ],
)
def test_each_filter_leaves_what_is_not_so(wanted, left):
    assert reasons(ended(desk()), **wanted) == left


@pytest.mark.parametrize(
    ("due_on", "left"),
    [
        (date(2026, 6, 20), []),
        (date(2026, 6, 21), ["its newest open receivable is 9 days overdue"]),
        (date(2026, 6, 30), ["its newest open receivable is not overdue"]),
        (date(2026, 7, 20), ["its newest open receivable is not overdue"]),
    ],
)
def test_the_newest_of_several_receivables_counts(due_on, left):
    given = ended(desk().hear(invoice("B", "1.00", due_on)))

    assert reasons(given, newest_overdue_days=10) == left


def test_an_end_in_the_future_is_no_end_of_so_many_days_ago():
    given = ended(desk(), on=date(2026, 7, 5))

    assert reasons(given) == []
    assert reasons(given, ended_days=0) == ["it ends in 5 days"]


def test_a_run_that_has_steps_left_has_not_finished():
    given = ended(desk(webhook(5), webhook(200))).until(JUNE_30)

    assert finished_on(given.account) is None
    assert reasons(given, escalation_finished_days=0) == ["its escalation has not finished"]


def test_without_a_run_no_escalation_has_finished():
    given = ended(desk())

    assert reasons(given, escalation_finished_days=0) == ["its escalation has not finished"]


def test_the_escalation_finished_on_the_day_of_its_last_step():
    given = ended(desk(reminder(10), webhook(20))).until(JUNE_30)

    assert finished_on(given.account) == date(2026, 3, 21)
    assert reasons(given, escalation_finished_days=101) == []
    assert reasons(given, escalation_finished_days=102) == [
        "its escalation finished on 2026-03-21, 101 days ago"
    ]


def test_a_reminder_that_was_the_last_step_counts_from_its_dispatch():
    given = ended(desk(webhook(5), reminder(20, send="manual"))).until(date(2026, 4, 10))
    assert finished_on(given.account) is None

    [letter] = given.all_of("ReminderCreated")
    sent = DispatchReminder(
        contract_id="C1", dunning_id=letter.dunning_id, dispatched_on=date(2026, 4, 9)
    )
    given.hear(sent)

    assert finished_on(given.account) == date(2026, 4, 9)


def test_a_newer_anchor_has_its_own_steps_to_come():
    given = desk(webhook(20)).hear(invoice("B", "10.00", date(2026, 6, 25))).until(date(2026, 6, 1))
    assert finished_on(given.account) == date(2026, 3, 21)

    given.hear(paid("p", "119.00", date(2026, 6, 1), "A"))

    assert finished_on(given.account) is None


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (SwitchEscalation(contract_id="C1", on=False), ["it is suspended by the switch"]),
        (
            ContractPaused(contract_id="C1", paused_from=MARCH_1),
            ["it is suspended by a pause by operator"],
        ),
        (ContractPaused(contract_id="C1", paused_from=date(2026, 7, 1)), []),
        (ContractPaused(contract_id="C1", paused_from=MARCH_1, cause="escalation"), []),
    ],
)
def test_suspended_contracts_are_left_where_that_is_asked_for(told, left):
    given = ended(desk()).hear(told)

    assert reasons(given) == []
    assert reasons(given, exclude_suspended=True) == left


def test_what_is_proposed_dunning_writes_off():
    given = ended(desk()).until(JUNE_30)
    assert propose(given.account, Wanted(on=JUNE_30)).is_written_off

    given.hear(WriteOff(contract_id="C1", on=JUNE_30))

    assert given.account.balance == 0
    assert propose(given.account, Wanted(on=JUNE_30)) is None


def test_the_id_of_an_instruction_is_that_of_its_contract_and_day():
    assert event_id("C1", JUNE_30) == event_id("C1", JUNE_30)
    assert len({event_id("C1", JUNE_30), event_id("C2", JUNE_30), event_id("C1", MARCH_1)}) == 3
