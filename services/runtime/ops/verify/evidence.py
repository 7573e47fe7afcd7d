"""What is read to verify one partition of a service, and what of it contradicts the rest."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.envelope import Event
from schemas.message import Refused
from schemas.topics import DAYS, FROM_OUTSIDE, dead_letters_of
from services.runtime.store.store import Cut
from services.runtime.store.transaction import GIVEN, OUTBOX
from services.runtime.stream import codec
from services.runtime.stream.barrier import BEGUN
from services.runtime.stream.order import compact, expand
from services.runtime.stream.record import Output, Packed, Record
from services.runtime.stream.snapshot import Snapshot
from services.runtime.stream.wire import headers_from_text, pack
from services.runtime.worker import Worker

Content = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]


class Violation(NamedTuple):
    """Something that must not be, and where it was found."""

    what: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One partition: its topics are read between two cuts of its store, the inputs last.

    So it is consistent while the service works: all that the first cut counts as published must
    be on the topics, and nothing can be there of which the second does not know the cause.
    ``again`` is what a replay of the second cut's order says, None where it cannot be made.
    Order and replay begin at *base*, a snapshot; what was said before it was said by other rules.
    """

    partition: int
    before: Cut
    outputs: Sequence[Record]
    after: Cut
    inputs: Sequence[Record]
    again: Sequence[Output] | None = None
    # How many partitions the topics have: document numbers tell theirs only where it is not alone.
    partitions: int = 1
    base: Snapshot | None = None

    def since(self, name: str) -> int:
        """Return where a position or counter stood when the order of this evidence begins."""
        return self.base.positions.get(name, 0) if self.base else 0

    def is_earlier(self, output: Record) -> bool:
        """Say whether *output* was said before the order of this evidence begins."""
        return self.base is not None and output.offset < self.base.ends.get(output.topic, 0)


def topics_of(worker: Worker[Any]) -> list[str]:
    """Return the names of all topics that *worker* writes."""
    written = [topic.name for topic in (*worker.writes, worker.announces)]
    return [*written, dead_letters_of(worker.name).name]


def is_said_by(worker: Worker[Any], record: Record) -> bool:
    """Say whether *record* is to be judged: on some topics of ours others may write theirs, too."""
    if record.topic not in {topic.name for topic in FROM_OUTSIDE}:
        return True
    said = record.content
    return isinstance(said, Event) and said.source == f"/duestream/{worker.name}"


def order_of(cut: Cut) -> list[str]:
    """Return the recorded order, and a day that has begun and is not worked off behind it.

    Its first contracts have spoken; the order gets it when the last has.
    """
    begun = cut.positions.get(BEGUN, 0)
    amid = begun > cut.positions.get(DAYS.name, 0)
    return [*cut.order, *([compact([(DAYS.name, begun - 1)])] if amid else [])]


def faults_of_order(evidence: Evidence) -> Iterator[Violation]:
    """Yield where the inputs up to the positions are not in the recorded order exactly once."""
    positions, partition = evidence.after.positions, evidence.partition
    there = {(each.topic, each.offset) for each in evidence.inputs}
    latest: dict[str, int] = {}
    seen: set[tuple[str, int]] = set()
    for topic, offset in (place for runs in evidence.after.order for place in expand(runs)):
        where = f"{topic}/{partition}/{offset}"
        if (topic, offset) in seen:
            yield Violation("applied twice", where)
        elif offset < latest.get(topic, -1):
            yield Violation("applied behind a later record of its topic", where)
        if (topic, offset) not in there:
            yield Violation("applied, and not in the log", where)
        if offset >= positions.get(topic, 0):
            yield Violation("applied, and behind the position in the store", where)
        seen.add((topic, offset))
        latest[topic] = max(offset, latest.get(topic, -1))
    for topic, offset in sorted(there - seen):
        if evidence.since(topic) <= offset < positions.get(topic, 0):
            yield Violation(
                "passed over: before the position, not applied", f"{topic}/{partition}/{offset}"
            )


def faults_of_outbox(evidence: Evidence) -> Iterator[Violation]:
    """Yield where the rows that are left in the outbox are not what a replay says."""
    again, cut, partition = evidence.again or (), evidence.after, evidence.partition
    count, begin = cut.positions.get(OUTBOX, 0), evidence.since(OUTBOX)
    amid, found = len(order_of(cut)) > len(cut.order), begin + len(again)
    if found < count or (found > count and not amid):
        what = f"the store counts {count} outputs, a replay says {found}"
        yield Violation(what, f"outbox/{partition}")
    first = count - len(cut.outbox)
    for seq, row in enumerate(cut.outbox, first):
        where = f"outbox/{partition}/{row.seq}"
        if row.seq != seq:
            yield Violation(f"{seq} is missing in the outbox", where)
            return
        packed = Packed(row.key, row.value, headers_from_text(row.headers), None)
        if seq < begin:
            continue
        if seq >= found or (row.topic, _content(packed)) != _said(again[seq - begin]):
            yield Violation("a replay says something else", where)


def faults_of_topics(worker: Worker[Any], evidence: Evidence) -> Iterator[Violation]:
    """Yield where the topics are not what a replay says, byte for byte and in its order."""
    published = _published(evidence.before)
    for topic in topics_of(worker):
        again = [
            (seq, _said(each)[1])
            for seq, each in enumerate(evidence.again or (), evidence.since(OUTBOX))
            if each.topic == topic
        ]
        sure = sum(seq < published for seq, _ in again)
        there = (each for each in evidence.outputs if each.topic == topic)
        found = [each for each in there if not evidence.is_earlier(each)]
        yield from _compared(
            [each for _, each in again], found, sure, f"{topic}/{evidence.partition}"
        )


def faults_of_contracts(worker: Worker[Any], evidence: Evidence) -> Iterator[Violation]:
    """Yield where sequence, cause or the service's own audit of a contract do not hold."""
    places = {each.place for each in evidence.inputs}
    for contract_id, numbered in sorted(contracts(worker, evidence).items()):
        numbered.sort(key=lambda pair: pair[0])
        for expected, (number, record) in enumerate(numbered, 1):
            if number != expected:
                what = f"sequence {number} where {expected} is next"
                yield Violation(what, f"{contract_id} at {record.place}")
                break
        messages = []
        for _, record in numbered:
            cause = dict(record.event.extensions).get("causedby")
            if cause not in places and not _is_gone(evidence, cause):
                where = f"{contract_id} at {record.place}"
                yield Violation(f"I8: its cause {cause} is not in the log", where)
            try:
                messages.append(codec.decode(record.event, record.topic))
            except Refused as why:
                yield Violation(f"no message: {why}", f"{contract_id} at {record.place}")
        for what in worker.audit(messages) if worker.audit else ():
            yield Violation(what, contract_id)


def faults_of_numbers(worker: Worker[Any], evidence: Evidence) -> Iterator[Violation]:
    """Yield where the document numbers of a range are not 1, 2, 3 ... in the log's order (R-100).

    What stands on the topics is what a replay says, or was reported; so the replay is looked at.
    """
    before = evidence.base.positions if evidence.base else {}
    given = Counter(
        {name.removeprefix(GIVEN): n for name, n in before.items() if name.startswith(GIVEN)}
    )
    for output in evidence.again or ():
        number = _number(worker, output)
        if number is not None:
            given[number[0]] += 1
            if number[1] != given[number[0]]:
                what = f"number {number[1]} of {number[0]} where {given[number[0]]} is next"
                yield Violation(what, f"{output.topic}/{output.partition}")
                given[number[0]] = number[1]


def _is_gone(evidence: Evidence, cause: str | None) -> bool:
    """Say whether a cause may have been deleted from its log: it was taken before a snapshot."""
    topic, _, offset = (cause or "").split("/") if (cause or "").count("/") == 2 else ("", "", "0")
    return int(offset) < evidence.since(topic)


def _number(worker: Worker[Any], output: Output) -> tuple[str, int] | None:
    written = {topic.name for topic in worker.writes}
    if worker.numbers is None or output.topic not in written:
        return None
    assert isinstance(output.content, Event), "a service says events on its topics"
    return worker.numbers(codec.decode(output.content, output.topic))


def contracts(worker: Worker[Any], evidence: Evidence) -> dict[str, list[tuple[int, Record]]]:
    """Return what is published for sure of each contract, with its sequence, topic by topic."""
    written = {topic.name for topic in worker.writes}
    published = _published(evidence.before) - evidence.since(OUTBOX)
    sure = Counter(each.topic for each in evidence.outputs if evidence.is_earlier(each))
    for again in (evidence.again or ())[: max(0, published)]:
        sure[again.topic] += 1
    found = defaultdict(list)
    taken = Counter[str]()
    for record in evidence.outputs:
        taken[record.topic] += 1
        whole = evidence.again is None or taken[record.topic] <= sure[record.topic]
        if record.topic in written and whole and isinstance(record.content, Event):
            sequence = dict(record.event.extensions).get("sequence", "0")
            found[record.event.subject].append((int(sequence), record))
    return found


def _compared(
    again: list[Content], found: list[Record], sure: int, where: str
) -> Iterator[Violation]:
    """Yield what of *again* is missing in *found*, or there too often, or else out of its order.

    The first *sure* of *again* must be there.
    """
    there = [_content(pack_of(each)) for each in found]
    if there == again[: len(there)] and len(there) >= sure:
        return
    missing = Counter(again[:sure]) - Counter(there)
    for content in missing:
        yield Violation(f"missing: {_name(content)}", where)
    known, seen = Counter(again), Counter[Content]()
    for record, content in zip(found, there, strict=True):
        seen[content] += 1
        if seen[content] > known[content]:
            what = "stands twice" if known[content] else "a replay does not say this"
            yield Violation(f"{what}: {_name(content)}", record.place)
    if not missing and seen <= known:
        at = next(n for n, pair in enumerate(zip(there, again, strict=False)) if pair[0] != pair[1])
        yield Violation(f"out of its order: {_name(there[at])}", found[at].place)


def pack_of(record: Record) -> Packed:
    """Return *record* as it stands in the log."""
    assert record.raw is not None, "read from a log that keeps bytes"
    return Packed(record.raw.key, record.raw.value, record.raw.headers, None)


def _published(cut: Cut) -> int:
    """Return below which seq all rows were deleted from the outbox, as published."""
    count = cut.positions.get(OUTBOX, 0)
    return min((int(row.seq) for row in cut.outbox), default=count)


def _said(output: Output) -> tuple[str, Content]:
    return output.topic, _content(pack(output.content))


def _content(packed: Packed) -> Content:
    return packed.key, packed.value, packed.headers


def _name(content: Content) -> str:
    """Name an output by its type and id, a dead letter by where it came from."""
    headers = {name: (value or b"").decode(errors="replace") for name, value in content[2]}
    if "dl-topic" in headers:
        return "dead letter of " + "/".join(
            headers.get(f"dl-{each}", "?") for each in ("topic", "partition", "offset")
        )
    return f"{headers.get('ce_type')} {headers.get('ce_id')}"
