"""All that was said of one contract, gathered from a source: what its story is told from."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.contracts import ContractRegistered
from schemas.envelope import Event
from schemas.topics import CATALOGUE, CONTRACTS, TERMS, Topic
from services.cli.plumbing.cluster import WITH_DEAD_LETTERS
from services.cli.views.story import Page
from services.runtime.ops.source import RecordSource

# What is kept by contract, in the order of the catalogue.
_TOPICS = [topic for topic in CATALOGUE if topic.key == CONTRACTS.key]


@dataclass(slots=True)
class Gathered:
    """What there is of one contract; where there is nothing, the names of those that there are."""

    name: str
    begin: str
    known: Sequence[str] = ()
    by_topic: dict[str, list[Page]] = field(default_factory=lambda: defaultdict(list))

    def contracts(self) -> Sequence[str]:
        """Return the contracts among which it was looked for."""
        return self.known

    def pages(self, topic: Topic) -> Iterator[Page]:
        """Yield what stands on *topic* of the contract, with why it was dead-lettered."""
        yield from self.by_topic.get(topic.name, ())


async def gather(source: RecordSource, contract_id: str, *, partition: int) -> Gathered:
    """Read all that was said of a contract, and all terms.

    It is looked for on *partition* first; a producer may choose partitions in a way of its own.
    """
    found = await _read(source, contract_id, partition)
    if any(topic.name in found.by_topic for topic in _TOPICS):
        return found
    homes = await _homes(source)
    if contract_id in homes:
        return await _read(source, contract_id, homes[contract_id])
    found.known = sorted(homes)
    return found


async def _read(source: RecordSource, contract_id: str, partition: int) -> Gathered:
    found = Gathered(source.name, source.begin)
    refusals = await source.dead_letters(WITH_DEAD_LETTERS, partition=partition)
    names = [topic.name for topic in _TOPICS]
    async for record in source.each(names, about=contract_id, partitions=[partition]):
        content = record.content
        if isinstance(content, Event) and content.subject == contract_id:
            aside = refusals.get(source.named(record))
            why = f"{aside.reason}: {aside.detail}" if aside else None
            found.by_topic[record.topic].append(Page(content, why))
    async for record in source.each([TERMS.name]):
        if isinstance(record.content, Event):
            found.by_topic[TERMS.name].append(Page(record.content))
    return found


async def _homes(source: RecordSource) -> dict[str, int]:
    """Return the partition of each contract that is registered."""
    return {
        record.content.subject: record.partition
        async for record in source.each([CONTRACTS.name])
        if isinstance(record.content, Event) and record.content.type == ContractRegistered.__name__
    }
