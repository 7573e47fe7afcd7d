"""``duestream deliveries``: what the store says is on its way, and what may be said of it."""

import asyncio
import json
from datetime import UTC, date, datetime

import pytest

from schemas.deliveries import DeliveryIntended
from services.runtime.store.database import Database
from services.runtime.store.rows import acts_column
from services.runtime.store.store import Store
from services.runtime.store.tables import STATE
from services.runtime.stream.acts import OpenAct, event_of
from tests.support.console import duestream

UNTIL = datetime(2026, 2, 1, 10, tzinfo=UTC)


def an_act(name, **more):
    intended = DeliveryIntended(
        contract_id="C1",
        delivery_id=name,
        channel="letter",
        document={"kind": "invoice", "id": f"i-{name}", "number": f"RE-{name}"},
        intended_on=date(2026, 2, 1),
    )
    event = event_of("notifications", intended, time="2026-02-01T09:00:00+00:00")
    return OpenAct("letter", "deliveries", event, seq=0, **more)


ACTS = (
    an_act("d-1", attempt=1, phase="unknown"),
    an_act("d-2", attempt=2, phase="waits", until=UNTIL),
    an_act("d-3", attempt=1, phase="began"),
    an_act("d-4"),
)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("DUESTREAM_STATE_DIR", str(tmp_path))

    async def filled():
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'notifications.sqlite'}", "n")
        store = Store(database)
        try:
            await store.migrate()
            await store.create(1)
            async with store.transaction() as tx:
                await tx.execute(STATE.insert().values(_row()))
        finally:
            await store.close()

    asyncio.run(filled())


def _row():
    return {
        "contract_id": "C1",
        "partition": 0,
        "legal_entity_id": "acme",
        "at_new_terms": False,
        "sequence": 0,
        "value": b"{}",
        "spilled": False,
        "acts": acts_column(ACTS),
    }


def test_all_that_is_on_its_way_is_listed_with_its_attempts(store):
    said = json.loads(duestream("deliveries", "list", "--json").stdout)

    assert [(each["delivery"], each["phase"], each["attempts"]) for each in said] == [
        ("d-1", "unknown", 1),
        ("d-2", "waits", 2),
        ("d-3", "began", 1),
        ("d-4", "waits", 0),
    ]
    assert said[1]["until"] == "2026-02-01T10:00:00+00:00"
    assert said[1]["document"] == "invoice RE-d-2"


def test_only_what_nobody_knows_is_unknown(store):
    said = duestream("deliveries", "unknown").stdout

    assert ("d-1" in said, "d-2" in said, "1 deliveries" in said) == (True, False, True)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["settle", "d-9", "--sent"], "no such delivery is on its way"),
        (["settle", "d-1"], "it is not said whether it left"),
        (["settle", "d-3", "--sent"], "it is being handed over, or about to be"),
        (["retry", "d-4"], "it is being handed over, or about to be"),
    ],
    ids=str,
)
def test_what_cannot_be_settled_is_refused(store, words, complaint):
    result = duestream("deliveries", *words)

    assert (result.exit_code, complaint in result.stderr) == (1, True)


def test_without_a_store_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("DUESTREAM_STATE_DIR", str(tmp_path))

    result = duestream("deliveries", "list")

    assert (result.exit_code, "there is no store of notifications" in result.stderr) == (1, True)
