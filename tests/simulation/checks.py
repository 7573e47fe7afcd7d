"""What must hold when a world has come to rest."""

import json
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from aiokafka.errors import ProducerFenced

from schemas.days import DayBegan
from schemas.envelope import DeadLetter, Event
from schemas.topics import DAYS
from schemas.topics import order_of as order_of_service
from services.runtime.embedded.embedded import Embedded
from services.runtime.embedded.replay import go_on, replay_over
from services.runtime.ops.verify.evidence import (
    Evidence,
    faults_of_contracts,
    faults_of_numbers,
    faults_of_order,
    faults_of_outbox,
    faults_of_topics,
    is_said_by,
    order_of,
    topics_of,
)
from services.runtime.ops.verify.verify import fill_from
from services.runtime.store.store import Fenced, Store
from services.runtime.store.transaction import APPLIED
from services.runtime.stream.chain import order_in
from services.runtime.stream.order import expand
from services.runtime.stream.snapshot import cover_in
from services.runtime.stream.wire import letter_of
from tests.simulation.broker import Broker, Covers, newest_of
from tests.simulation.database import File, SimulatedDatabase
from tests.simulation.process import Spectator


async def faults_of(world, folder):
    """Yield what does not hold, a line each."""
    acts = world.office.faults() if world.office else ()
    for fault in (*exit_faults(world), *calendar_faults(world), *acts):
        yield fault
    if world.library:
        async for fault in world.library.faults():
            yield fault
    for service in world.story.services:
        for p in range(world.partitions):
            name = service.worker.name
            base = newest_of(world.log, f"{name}.snapshots", p)
            since = base.positions.get(APPLIED, 0) if base else 0
            cut = await world.store(name).cut(p, since=since)
            evidence = gather(world, service.worker, p, cut, base)
            if not world.in_step:
                evidence = await replayed(world, service.worker, evidence, folder)
            for fault in (
                *faults_of_partition(service.worker, evidence),
                *gate_faults(world, service, evidence),
                *chain_faults(world, service.worker, evidence),
            ):
                yield f"{service.worker.name}: {fault}"
    if world.in_step:
        async for fault in differences(world, folder):
            yield fault


def exit_faults(world):
    """Yield which process ended itself for another reason than that somebody took over."""
    for name, why in world.exits:
        if not isinstance(why, str | Fenced | ProducerFenced):
            yield f"{name} ended by {why!r}"


def gather(world, worker, partition, cut, base):
    """Return what there is of a partition at rest: one cut of its store is both."""
    return Evidence(
        partition=partition,
        before=cut,
        outputs=said_by(world, worker, partition),
        after=cut,
        inputs=read(world, [topic.name for topic in worker.reads], partition),
        partitions=world.partitions,
        base=base,
    )


async def replayed(world, worker, evidence, folder):
    """Return *evidence* with what a replay in its recorded order says; raise Lost or Broken."""
    file = File(folder / f"replay-{worker.name}-{evidence.partition}.sqlite", world.empty)
    store, orders = Store(SimulatedDatabase(file)), {evidence.partition: order_of(evidence.after)}
    await store.create(world.partitions)
    elsewhere, base, p = evidence.after.strays, evidence.base, evidence.partition
    if base:
        log = Broker(world.log, Spectator(), partitions=world.partitions)
        pieces = Covers(log, worker).pieces(p, base)
        await fill_from(store, snapshot=base, pieces=pieces, partition=p)
    again = await (go_on if base else replay_over)(
        store, worker, evidence.inputs, orders, elsewhere=elsewhere
    )
    file.close()
    return replace(evidence, again=again)


def read(world, topics, partition):
    """Return all records of *topics* that readers of committed data get."""
    return [each for name in topics for each in world.log.records(name, partition)]


def said_by(world, worker, partition):
    """Return what *worker* said; on some topics others may say theirs, too."""
    found = read(world, topics_of(worker), partition)
    return [each for each in found if is_said_by(worker, each)]


def faults_of_partition(worker, evidence):
    """Yield what duestream verify would find."""
    found = [*faults_of_order(evidence), *faults_of_numbers(worker, evidence)]
    if evidence.again is not None:
        found += [*faults_of_outbox(evidence), *faults_of_topics(worker, evidence)]
    found += faults_of_contracts(worker, evidence)
    return [f"{fault.what} ({fault.where})" for fault in found]


def chain_faults(world, worker, evidence):
    """Yield where the order topic is no chain, or not the store's order, or behind an output."""
    name, p = order_of_service(worker.name).name, evidence.partition
    slots = [each for each in world.log.slots[name, p] if each.is_read]
    found = [(slot, order_in(slot.packed)) for slot in slots]
    said, before = [(slot, record) for slot, record in found if record], ""
    for number, (_, record) in enumerate(said):
        if (record.number, record.before) != (number, before):
            yield f"{name}/{p}: {record.number} is no successor of {number - 1}"
            return
        before = record.digest
    yield from _uncovered(world, worker, p, said)
    base = evidence.base.number if evidence.base else -1
    late = [record for _, record in said if record.number > base]
    taken = [place for record in late for place in expand(record.inputs)]
    stored = [place for runs in evidence.after.order for place in expand(runs)]
    if taken != stored[: len(taken)]:
        yield f"{name}/{p} is not the order of the store: {_difference(stored, taken)}"
    outputs = sorted(_outputs_of(world, worker, p), key=lambda slot: slot.said)
    for seq, slot in enumerate(outputs):
        late = [
            n
            for n, (mine, record) in enumerate(said)
            if record.first <= seq < _next(said, n) and mine.said > slot.said
        ]
        if late:
            yield f"{name}/{p}: {late[0]} stands behind output {seq}"


def _uncovered(world, worker, partition, said):
    """Yield where other rules begin, and no whole snapshot stands before them."""
    slots = world.log.slots[f"{worker.name}.snapshots", partition]
    found = [(slot, cover_in(slot.packed)) for slot in slots if slot.is_read]
    covers = [(slot, cover) for slot, cover in found if cover]
    for (_, before), (slot, record) in pairwise(said):
        if record.rules != before.rules and not any(
            cover.number == before.number and mine.said < slot.said for mine, cover in covers
        ):
            yield f"{worker.name}.order/{partition}: {record.number} is of other rules, uncovered"


def _next(said, number):
    """Return before which output the next commit begins that has any; none is in a later one."""
    return next((r.first for _, r in said[number + 1 :] if r.first > said[number][1].first), 10**9)


def _outputs_of(world, worker, partition):
    for topic in topics_of(worker):
        for each in world.log.records(topic, partition):
            if is_said_by(worker, each):
                yield world.log.slots[topic, partition][each.offset]


def gate_faults(world, service, evidence):
    """Yield where a day began before what was in the log when it was said, or done upstream.

    Done is what a service said up to its DayDone: of the same day upstream, of the day before
    that of the last service.
    """
    log, p = world.log, evidence.partition
    rank = {place: n for n, place in enumerate(_order(world, service.worker, evidence))}
    names = [topic.name for topic in service.worker.reads if topic is not DAYS]
    slots = {(name, n): log.slots[name, p][n] for name in names for n in _read(log, name, p)}
    before = {}
    for record in evidence.inputs:
        if record.event.type != DayBegan.__name__:
            continue
        entity, day = record.event.subject, _day(record)
        here, begun = log.slots[DAYS.name, p][record.offset], rank[DAYS.name, record.offset]
        late = [place for place, slot in slots.items() if slot.seen < here.said]
        if service.gated:
            late += _said_until(world, p, world.workers[0].announces.name, (entity, day), slots)
        if entity in before:
            follow = world.settings.days_follow
            late += _said_until(world, p, follow, (entity, before[entity]), slots)
        before[entity] = day
        for place in late:
            if rank.get(place, begun) > begun:
                yield f"{record.place} began before {place}, which was there"


def _said_until(world, partition, topic, done, slots):
    """Return which of *slots* its service said up to *done*, in the same transaction or before."""
    for each in world.log.records(topic, partition):
        if (each.event.subject, _day(each)) == done:
            last = world.log.slots[topic, partition][each.offset]
            return [
                place
                for place, slot in slots.items()
                if slot.deed and slot.deed.writer == last.deed.writer
                if slot.deed is last.deed or slot.said < last.said
            ]
    raise AssertionError(f"{topic}/{partition} does not say {done}")


def _order(world, worker, evidence):
    """Return the whole recorded order; what was taken before a snapshot stands on its topic."""
    if evidence.base is None:
        return [place for runs in evidence.after.order for place in expand(runs)]
    packed = world.log.records_packed(order_of_service(worker.name).name, evidence.partition)
    found = filter(None, map(order_in, packed))
    return [place for record in found for place in expand(record.inputs)]


def calendar_faults(world):
    """Yield where a partition was not told the calendar, or a day before the last was done."""
    expected = [(each.type, each.subject, each.time, each.id) for each in world.outside.calendar]
    follow, first = world.settings.days_follow, told_to(world, 0)
    for p in range(world.partitions):
        days, told = world.log.records(DAYS.name, p), told_to(world, p)
        if told != (expected if world.in_step else first):
            yield f"days/{p} are not the calendar: {_difference(expected, told)}"
        if sorted(told) != sorted(expected):
            yield f"days/{p} do not tell all: {_difference(sorted(expected), sorted(told))}"
        done = {
            (each.event.subject, _day(each)): world.log.slots[follow, p][each.offset].seen
            for each in world.log.records(follow, p)
        }
        last = {}
        for each in days:
            if each.event.type == DayBegan.__name__:
                said = world.log.slots[DAYS.name, p][each.offset].said
                before = last.get(each.event.subject)
                if before and done.get((each.event.subject, before), said) >= said:
                    yield f"{each.place} was said before {before} was done"
                last[each.event.subject] = _day(each)


def told_to(world, partition):
    """Return what the clock said to *partition*; whether a day is late may differ."""
    events = [each.event for each in world.log.records(DAYS.name, partition)]
    return [(each.type, each.subject, each.time, each.id) for each in events]


async def differences(world, folder):
    """Yield where what was said of a contract is not what a plain run says."""
    plain = Plain(world.workers, folder, partitions=world.partitions).over(world)
    await plain.run([e.to_line() for e in world.story.events], until=world.last)
    for worker in world.workers:
        found = [each for p in range(world.partitions) for each in said_by(world, worker, p)]
        inputs = [each for each in found if letter_of(each.raw).headers]
        said = [each for each in found if each not in inputs]
        expected = [each for topic in topics_of(worker) for each in plain.log.topics[topic]]
        for mine, theirs in (
            (by_contract(each.content for each in said), by_contract(expected)),
            (letters_on_the_log(inputs), letters_in_memory(expected)),
        ):
            for name in sorted(mine.keys() | theirs.keys()):
                if mine.get(name) != theirs.get(name):
                    lost = _difference(theirs.get(name, []), mine.get(name, []))
                    yield f"{worker.name}: {name}: a plain run says {lost}"


class Plain(Embedded):
    """The embedded run, with its store beside those of *world*."""

    def over(self, world):
        self._world = world
        return self

    def store_of(self, service):
        file = File(self._folder / f"plain-{service}.sqlite", self._world.empty)
        return Store(SimulatedDatabase(file))


def by_contract(contents):
    """Return what was said of each contract in the order of sequence, without causedby."""
    said = defaultdict(list)
    for each in contents:
        extensions = dict(each.extensions) if isinstance(each, Event) else {}
        if "sequence" in extensions:
            line = int(extensions["sequence"]), each.type, each.id, each.time, each.data
            said[each.subject].append((*line, extensions["causationid"]))
    return {contract: sorted(lines) for contract, lines in said.items()}


def letters_on_the_log(records):
    """Return which events are dead letters, by their reason; one said again is one again."""
    found = defaultdict(list)
    for each in records:
        letter = letter_of(each.raw)
        found[dict(letter.headers)["dl-reason"]].append(dict(letter.raw.headers)["ce_id"])
    return {reason: sorted(set(names)) for reason, names in found.items()}


def letters_in_memory(contents):
    """Return the same of the log of a plain run, where a record came as a line."""
    found = defaultdict(list)
    for each in contents:
        if isinstance(each, DeadLetter):
            name = json.loads(each.raw.value)["id"].encode()
            found[dict(each.headers)["dl-reason"]].append(name)
    return {reason: sorted(set(names)) for reason, names in found.items()}


def _read(log, name, partition):
    slots = log.slots[name, partition][: log.end((name, partition))]
    return [n for n, slot in enumerate(slots) if slot.is_read]


def _day(record):
    return json.loads(record.event.data)["day"]


def _difference(expected, found):
    """Return the first place where two lists differ."""
    for n, pair in enumerate(zip(expected, found, strict=False)):
        if pair[0] != pair[1]:
            return f"{pair[0]!r}, here {pair[1]!r}, at {n}"
    longer = expected if len(expected) > len(found) else found
    least = min(len(expected), len(found))
    return f"{len(expected)} of {len(found)}, from {longer[least]!r}"
