"""Records on ``days`` that are nothing: dead-lettered in their turn, and no day is lost by them."""

import asyncio
from datetime import date

import pytest

from schemas.envelope import Event, Raw
from services.runtime.embedded.replay import replay
from services.runtime.stream.record import Record, Unreadable
from services.runtime.stream.wire import headers_from_text, pack
from tests.support.events import ACME, registered
from tests.support.harness import applied
from tests.support.tally import WORKER, Log, day, names

UNREADABLE = Record("days", 0, 0, Unreadable("no value"), raw=Raw(None, None))


def event(type_, data):
    said = {"id": "1", "source": "/x", "time": "2026-02-01T00:00:00Z", "subject": "acme"}
    return Event(**said, type=type_, data=data)


@pytest.mark.parametrize(
    ("nothing", "reason"),
    [
        (UNREADABLE, b"undecodable"),
        (event("DayBegan", b"{"), b"undecodable"),
        (event("DayBegan", b'{"legal_entity_id":"acme","day":"9999-12-31"}'), b"invalid"),
        (event("PaymentReceived", b"{}"), b"unknown_type"),
    ],
)
def test_the_days_around_it_begin_and_a_replay_dead_letters_the_same(tmp_path, nothing, reason):
    log = Log().say("days", ACME).then().say("contracts", registered())
    log.then().say("days", day(date(2026, 2, 1)), nothing, day(date(2026, 2, 2)), nothing)

    async def scenario():
        engine = await applied(tmp_path, log)
        said, rows = await names(engine.store), await engine.store.unpublished(0, after=-1, most=9)
        order = await engine.store.recorded_order(0)
        await engine.store.close()
        records = [each for some in log.phases for chunk in some for each in chunk.records]
        return engine, said, rows, await replay(WORKER, records, {0: order}, partitions=1)

    engine, said, rows, again = asyncio.run(scenario())

    assert said == [
        "C1 registered-0",
        "C1 day-2026-02-01",
        "dunning.days",
        "tally.dead-letters",
        "C1 day-2026-02-02",
        "dunning.days",
        "tally.dead-letters",
    ]
    assert dict(headers_from_text(rows[3].headers))["dl-reason"] == reason
    assert (engine.transaction.positions["days", 0], engine.stopped) == (5, {})
    assert [pack(each.content).value for each in again] == [row.value for row in rows]
