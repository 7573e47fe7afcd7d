"""A contract that registers on two partitions before its legal entity is known: one has it."""

import asyncio

import pytest

from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.usage import app as usage
from tests.support.events import ACME, registered
from tests.support.harness import opened
from tests.support.tally import Log, day, names


def registering():
    """Both registrations wait for the legal entity, whose first day is read on each partition."""
    log = Log()
    for partition in (0, 1):
        log.say("contracts", registered(), partition=partition)
    return log


def days(log, *partitions):
    log.then()
    for partition in partitions:
        log.say("days", ACME, day("2026-02-03"), partition=partition)
    return log


def worked(tmp_path, log, worker):
    """Return where the contract is kept, and the dead letters of each partition."""

    async def scenario():
        engine = await opened(tmp_path, log, worker=worker, partitions=2)
        for phase in log.phases:
            await engine.take(phase)
        said = [await names(engine.store, partition) for partition in (0, 1)]
        letters = [sum("dead-letters" in each for each in one) for one in said]
        rows = await engine.store.states(["C1"])
        kept = sorted(row.partition for row in rows if row.legal_entity_id is not None)
        return engine.stopped, kept, letters

    return asyncio.run(scenario())


@pytest.mark.parametrize("worker", [dunning.worker, invoicing.worker, usage.worker])
def test_where_both_wait_for_the_same_day_the_first_has_it(tmp_path, worker):
    log = days(registering(), 0, 1)

    assert worked(tmp_path, log, worker) == ({}, [0], [0, 1])


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
def test_where_one_has_it_already_what_waits_on_the_other_is_a_dead_letter(tmp_path, first, second):
    log = days(days(registering(), first), second)

    assert worked(tmp_path, log, dunning.worker) == ({}, [first], [second == 0, second == 1])
