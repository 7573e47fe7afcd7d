"""What the clock says of itself, asked as a supervisor and a scraper would."""

import asyncio
import json
from datetime import date

import aiohttp

from schemas.days import DayDone
from services.runtime.clock.pacing import DayPacing
from services.runtime.kafka.clock_health import ClockHealth
from services.runtime.kafka.retry import Patience
from services.runtime.kafka.unanswered import Unanswered
from services.runtime.settings import Settings
from tests.runtime.kafka.test_unanswered import letter
from tests.support.servers import free_port
from tests.support.tally import day


def pace():
    """Two partitions that heard of 1 February, of which one is done with it."""
    found = DayPacing(2)
    found.sequence = [day(date(2026, 2, 1), entity="acme"), day(date(2026, 2, 2), entity="acme")]
    for partition in found.partitions:
        list(found.coming(partition))
    found.done(0, DayDone(legal_entity_id="acme", day=date(2026, 2, 1)))
    return found


async def asked(path, prepare=lambda health, patience: None):
    port, patience = free_port(), Patience()
    health = ClockHealth(Settings(port=port), patience)
    prepare(health, patience)
    await health.port.open()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            return answer.status, await answer.text()
    finally:
        await health.port.close()


def following(health, _):
    health.follow(pace())
    health.letters.found = Unanswered()
    health.letters.found.take([letter(0, "invalid", at_s=100), letter(1, "invalid", at_s=200)])


def exposed():
    """Return what the clock tells a scraper."""
    return asyncio.run(asked("/metrics", following))[1]


def test_before_it_has_read_what_it_said_it_is_alive_and_not_ready():
    assert asyncio.run(asked("/livez"))[0] == 200
    assert asyncio.run(asked("/readyz"))[0] == 503


def test_at_work_it_is_ready_and_says_which_days_are_not_done():
    status, text = asyncio.run(asked("/readyz", following))

    assert status == 200
    assert json.loads(text)["days_not_done"] == {"acme on 1": "2026-02-01"}


def test_while_the_broker_is_away_it_is_not_ready_and_says_so():
    def away(health, patience):
        following(health, patience)
        patience.complain("clock", ConnectionError("no broker"))

    status, text = asyncio.run(asked("/readyz", away))

    assert (status, json.loads(text)["waiting_for"]) == (
        503,
        {"clock": "ConnectionError: no broker"},
    )


def test_what_it_waited_for_is_forgotten_once_it_goes_on():
    def back(health, patience):
        patience.complain("clock", ConnectionError("no broker"))
        following(health, patience)

    assert asyncio.run(asked("/readyz", back))[0] == 200


def test_dead_letters_that_nobody_answered_are_told_under_their_own_service():
    lines = exposed().splitlines()

    of = '{reason="invalid",service="dunning"}'
    assert f"duestream_dead_letters_open{of} 2.0" in lines
    assert f"duestream_dead_letters_oldest_timestamp_seconds{of} 100.0" in lines


def test_as_long_as_not_all_dead_letters_are_read_none_are_told():
    assert "duestream_dead_letters" not in asyncio.run(asked("/metrics"))[1]


def test_the_figures_say_since_when_a_day_is_not_done():
    lines = exposed().splitlines()
    begun = next(each for each in pace().sequence).instant.timestamp()

    for figure in (
        'duestream_clock_not_done{service="clock"} 1.0',
        # 2 February is in the sequence, and partition 0 and 1 have not been asked since.
        'duestream_clock_unsaid{service="clock"} 2.0',
        'duestream_waits{service="clock"} 0.0',
    ):
        assert figure in lines
    name = 'duestream_clock_oldest_day_not_done_timestamp_seconds{service="clock"} '
    [value] = [each.removeprefix(name) for each in lines if each.startswith(name)]
    assert float(value) == begun
