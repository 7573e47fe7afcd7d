"""What was said before is recognised: from the contract's row, and from what it had no room for."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.contracts import ContractChanged
from services.runtime.stream import dedup
from services.runtime.stream.dedup import Seen
from tests.support.events import ACME, paid, registered
from tests.support.harness import applied, opened
from tests.support.tally import WORKER, Log, day

ON = date(2026, 2, 1)
A, B = b"a" * 16, b"b" * 16


def packed(*entries):
    some = b""
    for name, content, until in entries:
        some = dedup.add(some, name, Seen(content, until))
    return some


def test_what_was_said_last_under_a_name_counts():
    some = packed((A, b"1" * 16, ON), (B, b"2" * 16, None), (A, b"3" * 16, None))
    assert dedup.find(some, A) == (b"3" * 16, None)
    assert dedup.find(some, B) == (b"2" * 16, None)
    assert dedup.unpack(some) == {A: (b"3" * 16, None), B: (b"2" * 16, None)}


def test_a_content_that_looks_like_a_name_is_none():
    some = packed((A, B, ON))
    assert dedup.find(some, B) is None
    assert dedup.find(packed((B, b"2" * 16, ON), (A, B, ON)), B) == (b"2" * 16, ON)
    assert dedup.find(packed((b"x" * 15 + b"a", b"a" * 16, None)), A) is None


@pytest.mark.parametrize("until", [date(1970, 1, 1), ON, date(2999, 12, 31), None])
def test_a_bound_comes_back_as_it_was(until):
    assert dedup.find(packed((A, B, until)), A) == (B, until)


def test_what_is_over_on_a_day_is_dropped_on_that_day():
    some = packed((A, B, ON), (B, B, ON + timedelta(days=1)), (B, A, None))
    assert dedup.alive(some, ON) == packed((B, B, ON + timedelta(days=1)), (B, A, None))
    assert dedup.alive(some, date.min) == some


def test_what_is_forgotten_is_not_there_any_more():
    assert dedup.without(packed((A, B, ON), (B, B, None), (A, A, None)), A) == packed((B, B, None))


def many(count):
    log = Log().say("contracts", registered())
    for number in range(count):
        log.then().say("payments", paid(f"p{number}", "1.00", ON))
    return log


@pytest.mark.parametrize("cached", [0, 100, None])
@pytest.mark.parametrize("count", [3, 40])
def test_what_is_said_again_is_known_however_much_was_said_before(tmp_path, cached, count):
    log = many(count)
    log.then().say("payments", paid("p0", "1.00", ON)).say("payments", paid("p0", "2.00", ON))
    log.then().say("payments", paid(f"p{count - 1}", "1.00", ON))

    async def scenario():
        engine = await applied(tmp_path, log, cached=cached)
        rows = await engine.store.states(["C1"])
        return engine.counts, [row.spilled for row in rows]

    counts, spilled = asyncio.run(scenario())
    assert counts["applied"] == 1 + count
    assert counts["duplicates"] == 2
    assert counts["dead letters: conflict"] == 1
    assert spilled == [count == 40]


def test_what_is_remembered_for_a_day_counts_again_on_the_next(tmp_path):
    forgetful = replace(WORKER, remembers=timedelta(days=1))
    changed = ContractChanged(contract_id="C1", payment_terms_days=3)
    log = Log().say("days", ACME, day(ON)).say("contracts", registered())

    async def scenario():
        engine = await opened(tmp_path, log, worker=forgetful)
        duplicates = []
        for said in ("registered", changed, changed, day(ON + timedelta(days=1)), changed):
            if said != "registered":
                topic = "contracts" if said is changed else "days"
                log.then().say(topic, said)
            await engine.take(log.phases[-1])
            duplicates.append(engine.counts["duplicates"])
        return duplicates

    assert asyncio.run(scenario()) == [0, 0, 1, 1, 1]
