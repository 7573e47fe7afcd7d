"""An engine over SQLite in a temporary folder, for tests that look at one behaviour."""

from tests.support.tally import WORKER, Flaky, Nobody, Small, sqlite


async def opened(tmp_path, log, *, worker=WORKER, partitions=1, cached=100, owner="one"):
    """Return an engine that owns all partitions of *log*."""
    store = Flaky(sqlite(tmp_path))
    await store.create(partitions)

    async def asked(wanted):
        return {place: end for place, end in log.ends.items() if place[1] in wanted}

    engine = Small(worker, store, Nobody(), ends=asked, cached=cached)
    await engine.claim(range(partitions), owner)
    return engine


async def applied(tmp_path, log, **how):
    """Return an engine that took all of *log*, phase by phase."""
    engine = await opened(tmp_path, log, **how)
    for phase in log.phases:
        assert await engine.take(phase) == []
    return engine


def about(message, contract):
    """Return *message* for another contract."""
    return message.model_copy(update={"contract_id": contract})
