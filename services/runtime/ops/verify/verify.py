"""Verifies a service from its topics and store alone, stopped or at work; changes nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from services.runtime.embedded.replay import Lost, replay
from services.runtime.kafka.agreement import Agreement, StoreAgreement
from services.runtime.kafka.agreement import topics_of as all_topics_of
from services.runtime.kafka.reader import reading
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
from services.runtime.store.store import Store
from services.runtime.stream.changes import Broken
from services.runtime.stream.record import Record
from services.runtime.worker import Worker

Watch = Callable[[int, int], None]


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
            await judge(worker, evidence, report)
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
    before = await store.cut(partition)
    found = await _read(settings, topics_of(worker), partition)
    outputs = [each for each in found if is_said_by(worker, each)]
    after = await store.cut(partition)
    inputs = await _read(settings, [topic.name for topic in worker.reads], partition)
    return Evidence(
        partition=partition,
        before=before,
        outputs=outputs,
        after=after,
        inputs=inputs,
    )


async def judge(worker: Worker[Any], evidence: Evidence, report: Report) -> None:
    """Replay *evidence*, and add to *report* what contradicts itself."""
    found = list(faults_of_order(evidence))
    where = f"partition {evidence.partition}"
    try:
        orders = {evidence.partition: order_of(evidence.after)}
        again = await replay(
            worker,
            evidence.inputs,
            orders,
            partitions=evidence.partitions,
            elsewhere=evidence.after.strays,
        )
        evidence = replace(evidence, again=again)
        found += [*faults_of_outbox(evidence), *faults_of_topics(worker, evidence)]
        found += faults_of_numbers(worker, evidence)
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


async def _read(settings: Settings, topics: list[str], partition: int) -> list[Record]:
    async with reading(settings, topics, partitions=[partition]) as reader:
        return await reader.rest()
