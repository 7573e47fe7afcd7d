"""The wake-up index is exact: waking when it is due says the same as waking every day."""

from contextlib import suppress
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.chargebacks import DisputeClosed, DisputeOpened
from schemas.contracts import ContractPaused, ContractResumed
from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import (
    DeferReceivable,
    DispatchReminder,
    HoldEscalation,
    ReleaseEscalation,
    ResetEscalation,
    SwitchEscalation,
)
from schemas.message import NotYet, Refused
from schemas.payments import PaymentFailed, PaymentPending
from schemas.steps import Step
from tests.support.desk import Desk
from tests.support.events import (
    ACME,
    charged_back,
    end_contract,
    eur,
    invoice,
    paid,
    pause_contract,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)
from tests.support.properties import up_to

POLICIES = (
    policy(webhook(2), reminder(3, send="manual"), end_contract(6), webhook(8), reminder(9)),
    policy(reminder(1), pause_contract(2), webhook(2), thresholds={"EUR": "30.00"}),
    policy(webhook(1), end_contract(4), reminder(5), on_dispute="hold", min_notice_days=5),
    policy(reminder(2), reminder(2, send="manual"), webhook(3), strict_parity=True),
    policy(reminder(1), reminder(3), end_contract(3), webhook(4), min_notice_days=0),
    policy(reminder(1, fee=eur("2.00")), reminder(4), fees_block_reset=True, interest=True),
    policy(
        reminder(1, minimum={"EUR": "30.00"}),
        webhook(2),
        Step(days_overdue=3, action="pause_contract", minimum={"EUR": "50.00"}),
        min_notice_days=2,
    ),
)
C1 = {"contract_id": "C1"}
WHEN = st.integers(-6, 12)
COULD = st.one_of(
    st.tuples(st.just("day"), st.integers(1, 6)),
    st.tuples(st.just("day"), st.integers(1, 6)),
    st.tuples(st.just("late"), st.integers(1, 2)),
    *(
        st.tuples(st.just(name), WHEN)
        for name in (
            "invoice",
            "pay",
            "pay all",
            "return",
            "pend",
            "fail",
            "hold",
            "release",
            "off",
            "on",
            "dispute",
            "settle",
            "pause",
            "resume",
            "defer",
            "reset",
            "send",
            "intend",
            "dispatch",
            "undeliverable",
            "policy",
        )
    ),
)


def instructed(name, day, reminders):
    last = reminders[-1].dunning_id if reminders else "none"
    about = {**C1, "delivery_id": "D", "dunning_id": last, "channel": "letter"}
    return {
        "hold": HoldEscalation(**C1, until=day),
        "release": ReleaseEscalation(**C1),
        "off": SwitchEscalation(**C1, on=False),
        "on": SwitchEscalation(**C1, on=True),
        "reset": ResetEscalation(**C1),
        "pause": ContractPaused(**C1, paused_from=day, cause="operator"),
        "resume": ContractResumed(**C1, resumed_on=day),
        "send": DispatchReminder(**C1, dunning_id=last, dispatched_on=day),
        "intend": DeliveryIntended(**about),
        "dispatch": Dispatched(**about, dispatched_on=day),
        "undeliverable": DispatchFailed(**about, reason="unknown"),
    }[name]


def message(name, number, day, near, reminders):
    match name:
        case "invoice":
            return invoice(f"I{number}", "20.00", near)
        case "pay" | "pay all":
            return paid(f"P{number}", "20.00" if name == "pay" else "500.00", day)
        case "return":
            return charged_back(f"B{number}", f"P{number - 3}", "20.00", day)
        case "pend":
            return PaymentPending(
                **C1,
                payment_id="Q",
                money=eur("20.00"),
                method="card",
                initiated_on=day,
            )
        case "fail":
            return PaymentFailed(**C1, payment_id="Q", failed_on=day)
        case "dispute":
            return DisputeOpened(**C1, chargeback_id=f"B{number - 1}", on=day)
        case "settle":
            return DisputeClosed(**C1, chargeback_id=f"B{number - 2}", on=day)
        case "defer":
            return DeferReceivable(**C1, invoice_id=f"I{number - 2}", until=near)
        case _:
            return instructed(name, near if name in ("hold", "pause", "resume") else day, reminders)


def play(published, actions, *, every_day):
    desk = Desk(terms(published), every_day=every_day).hear(registered())
    desk.hear(invoice("first", "20.00", date(2026, 1, 3)))
    for number, (name, days) in enumerate(actions):
        near = desk.day + timedelta(days=days)
        if name in ("day", "late"):
            desk.until(near, late=name == "late")
        elif name == "policy":
            desk.publish(POLICIES[days % len(POLICIES)].model_copy(update={"version": number + 2}))
        else:
            with suppress(Refused, NotYet):
                said = desk.all_of("ReminderCreated")
                desk.hear(message(name, number, desk.day, near, said))
    desk.until(desk.day + timedelta(days=40))
    return desk.said


MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(), invoice("A", "20.00", MARCH_1))


def test_the_first_overdue_day_wakes_then_each_step_and_nothing_after_the_last():
    given = desk(webhook(5), webhook(9))
    assert given.account.wake_on == date(2026, 3, 2)

    wakes = []
    for day in (date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 10)):
        wakes.append(given.until(day).account.wake_on)

    assert wakes == [date(2026, 3, 6), date(2026, 3, 10), None]


def test_who_owes_nothing_is_not_woken():
    given = desk(webhook(5)).hear(paid("p", "20.00", MARCH_1))

    assert given.account.wake_on is None


def test_below_the_threshold_only_another_item_or_new_terms_wake():
    given = desk(webhook(5), thresholds={"EUR": "30.00"}).until(date(2026, 3, 2))
    assert (given.account.wake_on, given.account.awaits_policy) == (None, True)

    given.hear(invoice("B", "5.00", date(2026, 3, 20))).until(date(2026, 3, 3))
    assert given.account.wake_on == date(2026, 3, 21)


def test_a_hold_wakes_when_a_step_is_reached_and_on_the_day_after_it_ends():
    given = desk(webhook(5)).until(date(2026, 3, 2))
    given.hear(HoldEscalation(**C1, until=date(2026, 3, 21))).until(date(2026, 3, 5))
    assert given.account.wake_on == date(2026, 3, 6)

    given.until(date(2026, 3, 6))
    assert given.account.wake_on == date(2026, 3, 21)


def test_a_draft_that_stops_the_clock_wakes_nobody():
    given = desk(reminder(5, send="manual"), webhook(6)).until(date(2026, 3, 6))

    assert given.account.wake_on is None


def test_a_guarded_step_wakes_when_its_notice_has_passed():
    given = Desk(terms(policy(reminder(5), end_contract(9)))).until(date(2026, 4, 1))
    given.hear(registered(), invoice("A", "20.00", MARCH_1)).until(date(2026, 4, 2))

    # By post, so three days beside the fourteen: through 19 April.
    assert given.account.wake_on == date(2026, 4, 20)


def test_a_late_day_is_looked_at_again_on_the_next():
    given = desk(webhook(5)).until(date(2026, 3, 5)).until(date(2026, 3, 6), late=True)

    assert given.account.wake_on == date(2026, 3, 7)


HOLDING = ACME.model_copy(update={"missing_base_rate": "hold"})


def test_a_reminder_held_for_want_of_a_base_rate_is_looked_at_every_day():
    given = Desk(terms(policy(reminder(5), interest=True)).including(HOLDING))
    given.hear(registered(due_date_is_agreed=True))
    given.hear(invoice("A", "20.00", date(2026, 7, 10))).until(date(2026, 7, 15))

    assert given.account.wake_on == date(2026, 7, 16)


@settings(max_examples=up_to(300), deadline=None)
@given(st.sampled_from(POLICIES), st.lists(COULD, max_size=25))
def test_waking_on_the_index_says_what_waking_every_day_says(published, actions):
    assert play(published, actions, every_day=False) == play(published, actions, every_day=True)
