"""Verifies a service from its topics and store alone, stopped or at work; changes nothing."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from services.runtime.embedded.replay import Lost, replay, replay_from
from services.runtime.kafka.agreement import Agreement, StoreAgreement
from services.runtime.kafka.agreement import topics_of as all_topics_of
from services.runtime.kafka.reader import reading
from services.runtime.kafka.snapshot_log import SnapshotLog
from services.runtime.ops.state_reader import NoStore
from services.runtime.ops.verify.evidence import (
    Evidence,
    Violation,
    contracts,
    faults_of_contracts,
    faults_of_numbers,
    faults_of_order,
    faults_of_outbox,
    faults_of_topics,
    is_said_by,
    order_of,
    topics_of,
)
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.snapshots import begin_at, write_lines
from services.runtime.store.store import Store
from services.runtime.store.transaction import APPLIED
from services.runtime.stream.changes import Broken
from services.runtime.stream.record import Output, Packed, Record
from services.runtime.stream.snapshot import Incomplete, Lines, Snapshot
from services.runtime.worker import Worker

Watch = Callable[[int, int], None]
ReadsPieces = Callable[[int, Snapshot], AsyncIterator[Packed]]


class OtherRules(Exception):
    """What is to be replayed was said by another version of the rules."""


@dataclass(slots=True)
class Report:
    """What was looked at, counted, and what of it must not be."""

    service: str
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)


async def verify(worker: Worker[Any], settings: Settings, watch: Watch) -> Report:
    """Verify *worker*, a partition at a time, of which memory must hold all records.

    *watch* hears how many partitions of how many are done. Raise NoStore where the database
    fails, KafkaError where the broker does, Disagreement where they are not of each other.
    """
    store, report = (
        Store(Database(settings.database_url(worker.name), worker.name)),
        Report(worker.name),
    )
    try:
        agreement = Agreement(settings, all_topics_of(worker))
        await StoreAgreement(agreement, store, worker.name, settings).look()
        # A start with a wrong setting may have left more.
        partitions = [p for p in await store.partitions() if p < settings.partitions]
        watch(0, len(partitions))
        for done, partition in enumerate(partitions, 1):
            evidence = replace(
                await gather(worker, settings, store, partition), partitions=len(partitions)
            )
            pieces = SnapshotLog(settings, worker.name, ()).pieces
            await judge(worker, evidence, report, pieces=pieces)
            watch(done, len(partitions))
    except (SQLAlchemyError, OSError) as error:
        raise NoStore(str(error).splitlines()[0]) from error
    finally:
        await store.close()
    if not report.counts["partitions"]:
        raise NoStore("the service never ran")
    return report


async def gather(worker: Worker[Any], settings: Settings, store: Store, partition: int) -> Evidence:
    """Read what there is of *partition*, in the order that Evidence relies on."""
    base = await SnapshotLog(settings, worker.name, ()).newest(partition)
    since = base.positions.get(APPLIED, 0) if base else 0
    before = await store.cut(partition, since=since)
    found = await _read(settings, topics_of(worker), partition)
    outputs = [each for each in found if is_said_by(worker, each)]
    after = await store.cut(partition, since=since)
    inputs = await _read(settings, [topic.name for topic in worker.reads], partition)
    return Evidence(
        partition=partition,
        before=before,
        outputs=outputs,
        after=after,
        inputs=inputs,
        base=base,
    )


async def nothing(_partition: int, _snapshot: Snapshot) -> AsyncIterator[Packed]:
    """Yield nothing: the order begins with the first record."""
    for piece in tuple[Packed, ...]():
        yield piece


async def judge(
    worker: Worker[Any], evidence: Evidence, report: Report, *, pieces: ReadsPieces = nothing
) -> None:
    """Replay *evidence*, and add to *report* what contradicts itself."""
    found = list(faults_of_order(evidence))
    where = f"partition {evidence.partition}"
    try:
        evidence = replace(evidence, again=await _again(worker, evidence, pieces))
        found += [*faults_of_outbox(evidence), *faults_of_topics(worker, evidence)]
        found += faults_of_numbers(worker, evidence)
    except (OtherRules, Incomplete) as why:
        found.append(Violation(f"no replay: {why}", where))
    except Lost as place:
        found.append(Violation(f"no replay: {place} is not in the log", where))
    except Broken as error:
        found.append(Violation(f"no replay: an invariant broke at {error}", where))
    found += faults_of_contracts(worker, evidence)
    report.violations += found
    report.counts.update(
        {
            "partitions": 1,
            "inputs": len(evidence.inputs),
            "outputs": len(evidence.outputs),
            "waiting in the outbox": len(evidence.after.outbox),
            "contracts": len(contracts(worker, evidence)),
        }
    )


async def _again(worker: Worker[Any], evidence: Evidence, pieces: ReadsPieces) -> list[Output]:
    """Return what *worker* says again; raise Lost, Broken, OtherRules or Incomplete."""
    base, last, partition = evidence.base, evidence.after.last, evidence.partition
    number = base.number if base else -1
    if last is not None and last.number > number and last.rules != worker.rules:
        raise OtherRules(
            f"its last commit is of rules {last.rules}, and these are {worker.rules}: "
            "verify with the version that said it"
        )
    told: Any = {"partitions": evidence.partitions, "elsewhere": evidence.after.strays}
    orders = {partition: order_of(evidence.after)}
    if base is None:
        return await replay(worker, evidence.inputs, orders, **told)
    fill = partial(fill_from, snapshot=base, pieces=pieces(partition, base), partition=partition)
    return await replay_from(fill, worker, evidence.inputs, orders, **told)


async def fill_from(
    store: Store, *, snapshot: Snapshot, pieces: AsyncIterator[Packed], partition: int
) -> None:
    """Write what *snapshot* holds to a *store* that is empty; raise Incomplete where it cannot."""
    lines = Lines(snapshot)
    if not lines.is_whole:
        async for piece in pieces:
            async with store.transaction() as tx:
                await write_lines(store, tx, lines.add(piece))
            if lines.is_whole:
                break
    lines.end()
    async with store.transaction() as tx:
        await begin_at(store, tx, partition, snapshot)


async def _read(settings: Settings, topics: list[str], partition: int) -> list[Record]:
    async with reading(settings, topics, partitions=[partition]) as reader:
        return await reader.rest()
