"""Days are gates: no reminder crosses a payment that was in the log when its day began (R-34)."""

import asyncio
from datetime import date, datetime

import pytest

from schemas.days import DayDone
from schemas.envelope import Event
from services.runtime.clock.clock import Clock
from services.runtime.stream.record import Record
from tests.support.events import ACME, invoice, line, paid, policy, registered, reminder
from tests.support.nights import Night
from tests.support.tally import day

FEB_2, FEB_4, FEB_5 = date(2026, 2, 2), date(2026, 2, 4), date(2026, 2, 5)
STEPS = policy(reminder(3))  # of what is due on 2 February: on the 5th
PAYMENT = paid("p", "50.00", FEB_4)


def upstream_is_done(on):
    done = DayDone(legal_entity_id="acme", day=on)
    said = {"id": f"done-{on}", "source": "/duestream/invoicing", "subject": "acme"}
    time = f"{on}T00:00:00+01:00"
    return Event(**said, type="DayDone", time=time, data=done.model_dump_json().encode())


async def evening(folder, **how):
    """Return a night on which 50.00 EUR are owed, and nothing of it is said on the log yet."""
    night = await Night(folder, **how).start()
    night.append("days", ACME, STEPS)
    night.append("contracts", registered()).append("invoices", invoice("A", "50.00", FEB_2))
    await night.fetch("days")
    return await night.fetch()


def run(scenario, folder, **how):
    async def tidy():
        night = await evening(folder, **how)
        try:
            await scenario(night)
        finally:
            await night.store.close()
        return night

    return asyncio.run(tidy())


def test_without_a_payment_the_reminder_is_made_on_its_day(tmp_path):
    async def scenario(night):
        await night.append("days", day(FEB_4), day(FEB_5)).fetch()

    night = run(scenario, tmp_path)

    assert (night.reminded(), night.days_done()) == (["2026-02-05"], 2)


@pytest.mark.parametrize("order", [("days", "payments"), ("payments", "days")])
def test_a_payment_just_before_the_day_is_booked_before_it_whatever_is_fetched_first(
    tmp_path, order
):
    async def scenario(night):
        night.append("payments", PAYMENT).append("days", day(FEB_5))
        for topic in order:
            await night.fetch(topic)

    night = run(scenario, tmp_path)

    assert (night.reminded(), night.days_done()) == ([], 1)


def test_a_payment_just_behind_the_day_comes_after_its_reminder(tmp_path):
    async def scenario(night):
        await night.append("days", day(FEB_5)).fetch("days")
        await night.append("payments", PAYMENT).fetch("payments")

    night = run(scenario, tmp_path)

    assert (night.reminded(), night.days_done()) == (["2026-02-05"], 1)


def test_a_payment_with_a_later_time_than_the_day_counts_if_it_was_in_the_log(tmp_path):
    async def scenario(night):
        night.append("payments", PAYMENT, time="2026-02-05T00:00:00.100+01:00")
        await night.append("days", day(FEB_5)).fetch("days")
        await night.fetch("payments")

    assert run(scenario, tmp_path).reminded() == []


def test_where_a_day_waits_for_the_one_before_it_sees_what_came_meanwhile(tmp_path):
    other = paid("other", "1.00", FEB_4).model_copy(update={"contract_id": "C2"})

    async def scenario(night):
        night.append("payments", other).append("days", day(FEB_4), day(FEB_5))
        await night.fetch("days")  # the 4th waits for the payment of another contract
        night.append("payments", PAYMENT)
        await night.fetch("payments", most=1)
        assert night.days_done() == 1  # the 5th waits in its turn
        await night.fetch("payments")

    night = run(scenario, tmp_path)

    assert (night.reminded(), night.days_done()) == ([], 2)


@pytest.mark.parametrize("had_read_the_day", [False, True])
def test_a_worker_that_was_stopped_over_midnight_books_first_what_was_paid(
    tmp_path, had_read_the_day
):
    async def scenario(night):
        night.append("payments", PAYMENT).append("days", day(FEB_5))
        if had_read_the_day:
            await night.fetch("days")
            night.append("payments", paid("q", "1.00", FEB_4))
        await night.start()
        await night.fetch("days")
        assert night.days_done() == 0
        await night.fetch()

    night = run(scenario, tmp_path)

    assert (night.reminded(), night.days_done()) == ([], 1)


def said_after_a_week(clock):
    """Return the days of a clock that stood still from the 3rd to the 11th, at nine."""
    now = datetime.fromisoformat("2026-02-11T09:00:00+01:00")
    return [clock.as_said_at(each, now) for each in clock.until(now, last=date(2026, 2, 28))]


@pytest.mark.parametrize(("paid_on", "reminded"), [(None, ["2026-02-11"]), (date(2026, 2, 9), [])])
def test_after_a_week_without_a_clock_late_days_fire_nothing_and_the_first_in_time_catches_up(
    tmp_path, paid_on, reminded
):
    clock = Clock()
    terms = Event.from_line(line(ACME, "2026-02-02T00:00:00+01:00"))
    clock.forward(Record("terms", 0, 0, terms))

    async def scenario(night):
        if paid_on:
            night.append("payments", paid("p", "50.00", paid_on))
        for each in said_after_a_week(clock):
            await night.append("days", each).fetch("days")
            assert each.subject == "acme"
        await night.fetch()

    night = run(scenario, tmp_path)

    assert (night.reminded(), night.days_done()) == (reminded, 9)
    late = [b"late" in event.data for event in night.log["days"][2:]]
    assert late == [*[True] * 8, False]


def test_a_service_ahead_of_its_upstream_holds_the_day_and_goes_on_with_facts(tmp_path):
    async def scenario(night):
        await night.append("days", day(FEB_5)).fetch("days")
        night.append("invoicing.days", upstream_is_done(FEB_4))
        await night.fetch("invoicing.days")
        assert night.days_done() == 0
        await night.append("payments", PAYMENT).fetch("payments")
        assert len(night.said.topics["receivables"]) == 3  # two entries, and it is settled
        await night.append("invoicing.days", upstream_is_done(FEB_5)).fetch("invoicing.days")

    night = run(scenario, tmp_path, gated=True)

    assert (night.reminded(), night.days_done()) == ([], 1)


def test_what_the_upstream_said_before_it_was_done_is_applied_before_the_day(tmp_path):
    async def scenario(night):
        await night.append("days", day(FEB_5)).fetch("days")
        night.append("invoices", invoice("B", "70.00", FEB_2))
        night.append("invoicing.days", upstream_is_done(FEB_5))
        await night.fetch("invoicing.days")
        assert night.days_done() == 0
        await night.fetch("invoices")

    night = run(scenario, tmp_path, gated=True)

    [made] = night.said.topics["reminders"]
    assert b'"demanded":{"amount":"120.00","currency":"EUR"}' in made.data


def test_the_upstream_was_done_while_nobody_listened(tmp_path):
    async def scenario(night):
        night.append("invoicing.days", upstream_is_done(FEB_5)).append("payments", PAYMENT)
        await night.fetch("invoicing.days")
        await night.start()
        await night.append("days", day(FEB_5)).fetch("days")
        assert night.days_done() == 0
        await night.fetch("payments")

    night = run(scenario, tmp_path, gated=True)

    assert (night.reminded(), night.days_done()) == ([], 1)
