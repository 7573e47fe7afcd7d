"""What a service says of some contracts when it hears again what it heard, in the recorded order.

The same code runs as in the worker, over an empty store, and hears of no others. So what
came after a charge cannot change it: the recorded order is the cut (U-03).
"""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeGuard

from schemas.context import Context
from schemas.envelope import Event
from schemas.message import ContractMessage
from schemas.topics import CONTRACTS, DAYS, Topic
from services.runtime.embedded.replay import Lost, replay
from services.runtime.ops.source import Folder, RecordSource
from services.runtime.ops.state_reader import NoStore
from services.runtime.ops.verify.evidence import order_of
from services.runtime.partitions import partition_of
from services.runtime.store.store import Store
from services.runtime.store.transaction import APPLIED
from services.runtime.stream import codec
from services.runtime.stream.order import Place, compact, expand
from services.runtime.stream.record import Record
from services.runtime.worker import Worker

_AT_ONCE = 2_000
_NOTHING = range(0)


class Home(NamedTuple):
    """Where contracts are kept, on one of so many partitions."""

    contracts: frozenset[str]
    partition: int
    partitions: int


async def home_of(store: Store, contract_id: str) -> Home | None:
    """Return where *store* has a contract; None where it was never registered."""
    homes = await store.homes([contract_id])
    if contract_id not in homes:
        return None
    return Home(frozenset([contract_id]), homes[contract_id], len(await store.partitions()))


async def said_again(
    worker: Worker[Any],
    source: RecordSource,
    store: Store,
    home: Home,
    *,
    instead: Mapping[str, Event],
) -> list[Event]:
    """Return what *worker* says of the contracts; raise Lost where the log has not all it heard.

    Raise NoStore where the store has not the whole order: it was made of a snapshot.

    *instead* holds, by its id, what is heard in place of what stands on the topics. The numbers of
    documents are taken as they were given: they count what other contracts were billed, too.
    """
    cut = await store.cut(home.partition)
    heard = await _heard(source, worker, home)
    if cut.positions.get(APPLIED, 0) > len(cut.order):
        # Made of a snapshot: the order before it is not in the store, and of other rules perhaps.
        raise NoStore(f"partition {home.partition} was made of a snapshot, which has none")
    places = [place for runs in order_of(cut) for place in expand(runs)]
    records = [_instead(each, instead) for each in heard.records]
    mine = {(each.topic, each.offset) for each in records}
    for topic, offset in places:
        if offset not in heard.there.get(topic, _NOTHING):
            raise Lost(f"{topic}/{home.partition}/{offset}")
    order = _in_runs([place for place in places if place in mine])
    if worker.numbers is not None:
        numbering = _Numbering(worker, await _issued(source, worker, home))
        worker = replace(worker, process=numbering.process, numbers=None)
    again = await replay(
        worker,
        records,
        {home.partition: order},
        partitions=home.partitions,
        elsewhere=cut.strays,
    )
    return [each.content for each in again if _is_of(each.content, home.contracts)]


class _Heard(NamedTuple):
    records: list[Record]
    # Between which offsets each topic still has what was said.
    there: dict[str, range]


async def _heard(source: RecordSource, worker: Worker[Any], home: Home) -> _Heard:
    """Return what *worker* reads of a contract, and of all days."""
    found = _Heard([], {})
    for topic in worker.reads:
        async for record in _of_partition(source, topic, home):
            first = found.there.get(record.topic, range(record.offset, 0)).start
            found.there[record.topic] = range(first, record.offset + 1)
            if topic.key != CONTRACTS.key or _is_of(record.content, home.contracts):
                found.records.append(record)
    return found


async def _of_partition(source: RecordSource, topic: Topic, home: Home) -> AsyncIterator[Record]:
    """Yield what stands on a partition of *topic*: a folder has all of them in one file."""
    if not isinstance(source, Folder):
        async for record in source.each([topic.name], partitions=[home.partition]):
            yield record
        return
    offset = 0
    async for record in source.each([topic.name]):
        if _partition_in_file(record, home.partitions) == home.partition:
            yield replace(record, partition=home.partition, offset=offset)
            offset += 1


def _partition_in_file(record: Record, partitions: int) -> int:
    """Return on which partition of a run *record* was."""
    if partitions == 1 or not isinstance(record.content, Event):
        return 0
    if record.topic == DAYS.name:
        return record.offset % partitions  # each is said to all, one after the other
    cause = dict(record.content.extensions).get("causedby", "")
    if cause.count("/") == 2:
        return int(cause.split("/")[1])
    return partition_of(record.content.subject, partitions)


def _instead(record: Record, instead: Mapping[str, Event]) -> Record:
    if isinstance(record.content, Event) and record.content.id in instead:
        return replace(record, content=instead[record.content.id])
    return record


def _in_runs(places: Sequence[Place]) -> list[str]:
    starts = range(0, len(places), _AT_ONCE)
    return [compact(places[start : start + _AT_ONCE]) for start in starts]


async def _issued(source: RecordSource, worker: Worker[Any], home: Home) -> list[ContractMessage]:
    """Return what *worker* said of the contracts, of each in its order."""
    found = list[tuple[int, ContractMessage]]()
    for topic in worker.writes:
        async for record in source.each([topic.name]):
            event = record.content
            if _is_of(event, home.contracts) and event.source == said_by(worker):
                message = codec.decode(event, topic.name)
                assert isinstance(message, ContractMessage), "what we say is about a contract"
                found.append((int(dict(event.extensions)["sequence"]), message))
    return [message for _, message in sorted(found, key=lambda pair: pair[0])]


def said_by(worker: Worker[Any]) -> str:
    """Return the source of what *worker* says."""
    return f"/duestream/{worker.name}"


class _Numbering:
    """Processes as *worker* does, and gives a contract the numbers that it was given, in order."""

    def __init__(self, worker: Worker[Any], issued: Iterable[ContractMessage]) -> None:
        self._worker = worker
        self._given: dict[str, dict[str, int]] = defaultdict(dict)
        self._left: dict[str, dict[str, deque[int]]] = defaultdict(lambda: defaultdict(deque))
        for message in issued:
            for name, ordinal in self._numbers([message]):
                self._left[message.contract_id][name].append(ordinal)

    def process(self, state: Any, message: Any, context: Context) -> tuple[Any, tuple[Any, ...]]:
        """Let the next number of each range be the one that the next document was given."""
        given, left = self._given[state.contract_id], self._left[state.contract_id]
        coming = {name: some[0] - 1 for name, some in left.items() if some}
        context = replace(context, counters=given | coming)
        after, said = self._worker.process(state, message, context)
        for name, ordinal in self._numbers(said):
            given[name] = ordinal
            if left[name]:
                left[name].popleft()
        return after, said

    def _numbers(self, said: Iterable[Any]) -> Iterator[tuple[str, int]]:
        assert self._worker.numbers is not None, "only a service that gives numbers counts them"
        return filter(None, map(self._worker.numbers, said))


def _is_of(content: object, contracts: frozenset[str]) -> TypeGuard[Event]:
    return isinstance(content, Event) and content.subject in contracts
