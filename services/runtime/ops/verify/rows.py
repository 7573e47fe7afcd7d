"""Verifies a projection from its topics alone: its rows equal those that are made again."""

import tempfile
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from services.runtime.kafka.agreement import Agreement, StoreAgreement
from services.runtime.kafka.reader import reading
from services.runtime.ops.state_reader import NoStore
from services.runtime.ops.verify.evidence import Violation
from services.runtime.ops.verify.verify import Report, Watch
from services.runtime.projection import Projection
from services.runtime.projector import Projector
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.editions import EDITIONS
from services.runtime.store.read_model import Content, OtherShape, Outdated, ReadModel
from services.runtime.stream.barrier import no_ends
from services.runtime.stream.changes import Broken
from services.runtime.stream.order import Place
from services.runtime.stream.record import Chunk, Record

_AT_ONCE = 2_000


async def verify_rows(projection: Projection, settings: Settings, watch: Watch) -> Report:
    """Verify *projection*, a partition at a time, of which memory must hold all rows twice.

    *watch* hears how many partitions of how many are done. Raise NoStore where there are no rows
    of this version, KafkaError where the broker fails, Disagreement where they are not of it.
    """
    database = Database(settings.database_url(projection.name), projection.name)
    store, report = ReadModel(projection, database), Report(projection.name)
    try:
        agreement = Agreement(settings, projection.reads)
        await StoreAgreement(agreement, store, projection.name, settings).look()
        if not await store.look():
            raise NoStore(f"{EDITIONS.name} has none of version {projection.version}")
        partitions = [p for p in await store.partitions() if p < settings.partitions]
        watch(0, len(partitions))
        for done, partition in enumerate(partitions, 1):
            await _judge(projection, settings, store, partition, report)
            watch(done, len(partitions))
    except (SQLAlchemyError, OSError, Outdated, OtherShape) as error:
        raise NoStore(str(error).splitlines()[0]) from error
    finally:
        await store.close()
    return report


async def _judge(
    projection: Projection, settings: Settings, store: ReadModel, partition: int, report: Report
) -> None:
    content, where = await store.content(partition), f"partition {partition}"
    names = [topic.name for topic in projection.reads]
    async with reading(settings, names, partitions=[partition]) as reader:
        begins = await reader.beginnings()
        report.violations += _gone(begins, content, where)
        try:
            again = await made_again(projection, reader.each(), content, partition)
        except Broken as error:
            found = [Violation(f"no rows again: an invariant broke at {error}", where)]
        else:
            found = list(differences(content, again, where))
    inputs = sum(content.positions.values())
    report.violations += found
    report.counts.update({"partitions": 1, "inputs": inputs, "rows": len(content.rows)})


def _gone(begins: Mapping[Place, int], content: Content, where: str) -> Iterator[Violation]:
    for (topic, _), begin in sorted(begins.items()):
        if begin and content.positions.get(topic):
            yield Violation(f"no rows again: {topic} has lost what stood before {begin}", where)


async def made_again(
    projection: Projection, records: AsyncIterable[Record], content: Content, partition: int
) -> Content:
    """Return what becomes of *records* before the positions of *content*, over empty tables.

    The same code makes them as in the worker; raise Broken where an invariant breaks.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'again.sqlite'}"
        store = ReadModel(projection, Database(url, projection.name, synchronous="OFF"))
        try:
            await store.create(partition + 1)
            return await made_over(store, projection, records, content, partition)
        finally:
            await store.close()


async def made_over(
    store: ReadModel,
    projection: Projection,
    records: AsyncIterable[Record],
    content: Content,
    partition: int,
) -> Content:
    """Return what made_again does, over a *store* that is empty."""
    projector = Projector(projection, store, ends=no_ends)
    await projector.claim([partition], "made again")
    at: dict[str, int] = defaultdict(int)
    async for some in _batches(records):
        by_topic: dict[str, list[Record]] = defaultdict(list)
        for each in some:
            if each.offset < content.positions.get(each.topic, 0):
                by_topic[each.topic].append(each)
        chunks = []
        for topic, found in by_topic.items():
            start, at[topic] = at[topic], found[-1].offset + 1
            chunks.append(Chunk(topic, partition, start, at[topic], tuple(found)))
        await projector.take(chunks)
    return await store.content(partition)


def differences(content: Content, again: Content, where: str) -> Iterator[Violation]:
    """Yield which rows are not what they are when they are made again."""
    for key in sorted(content.rows.keys() | again.rows.keys(), key=repr):
        here, there = content.rows.get(key), again.rows.get(key)
        # A row may hold personal data: its key says enough to look for it.
        which = f"{key.table} {key.values[:-1]!r}"
        if there is None:
            yield Violation(f"{which} is there, and no message makes it", where)
        elif here is None:
            yield Violation(f"{which} is missing", where)
        elif here != there:
            columns = ", ".join(sorted(name for name in there if here[name] != there[name]))
            yield Violation(f"{which} is not what its messages make: {columns}", where)


async def _batches(records: AsyncIterable[Record]) -> AsyncIterator[list[Record]]:
    some: list[Record] = []
    async for record in records:
        some.append(record)
        if len(some) == _AT_ONCE:
            yield some
            some = []
    yield some
