"""What was dead-lettered is forgotten in the store, too: sent again after a restart, it counts."""

import asyncio
from datetime import date

from tests.support.events import ACME, paid, policy, registered, webhook
from tests.support.harness import about, opened
from tests.support.tally import Log, names

ON = date(2026, 2, 1)


def test_what_waited_and_was_dead_lettered_may_be_sent_again_to_the_next_owner(tmp_path):
    log = Log().say("days", ACME, policy(webhook(3)))
    log.say("payments", about(paid("p", "13.00", ON), "C1")).then()
    log.say("contracts", registered()).then()
    log.say("payments", about(paid("p", "12.00", ON), "C1"))

    async def scenario():
        waits, refuses, again = log.phases
        for owner, chunks in (("one", waits), ("two", refuses), ("three", again)):
            engine = await opened(tmp_path, log, owner=owner)
            await engine.take(chunks)
            said = await names(engine.store)
            await engine.store.close()
        return said

    assert asyncio.run(scenario()) == ["C1 registered-1", "tally.dead-letters", "C1 p", "C1 p"]
