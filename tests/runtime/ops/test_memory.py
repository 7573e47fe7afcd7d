"""Memory under pressure: what was dead-lettered is not remembered."""

import asyncio
import gc
from datetime import date

from schemas.values import Money
from services.runtime.stream.changes import Decoded
from tests.support.events import paid, registered
from tests.support.harness import applied
from tests.support.tally import Log


def test_a_bad_record_does_not_keep_its_batch_in_memory(tmp_path):
    # Checks of our own fail here; what pydantic holds of them no garbage collector sees.
    bad = [
        paid(f"p{cents}", "1.00", date(2026, 2, 1)).model_copy(
            update={"money": Money.of(cents, "EUR")}
        )
        for cents in (0, -1, -100)
    ]
    log = Log().say("contracts", registered()).then().say("payments", *bad)

    async def scenario():
        engine = await applied(tmp_path, log)
        await engine.store.close()
        return engine

    engine = asyncio.run(scenario())
    gc.collect()

    assert engine.counts["dead letters: invalid"] == 3
    assert [each for each in gc.get_objects() if isinstance(each, Decoded)] == []
