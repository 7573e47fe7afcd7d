"""Worlds with a projection: deployed anew, made anew, and read all the while."""

import asyncio
import json
import sqlite3
from collections import Counter
from datetime import timedelta

from schemas.payments import PaymentFailed, PaymentPending
from services.runtime.ops.verify.rows import differences, made_over
from services.runtime.store.read_model import Outdated, ReadModel
from tests.simulation.database import File, SimulatedDatabase
from tests.simulation.stories import Service, Story, _at, _events, _few, _last
from tests.simulation.workers import ProjectionReplica
from tests.support import tally
from tests.support.events import ACME, eur, line, paid, registered
from tests.support.receipts import PROJECTION, version
from tests.support.traffic import BEGIN

_READ_EVERY_S = 0.3
_NAME = PROJECTION.name


class Library:
    """Deploys the projection, reads it, and knows from the log alone what its rows must be."""

    def __init__(self, world, folder):
        self._world, self._folder, self.wrong = world, folder, []
        self._file = world.files[_NAME] = File(folder / f"{_NAME}.sqlite", world.empty)
        self._group = world.groups[_NAME] = world.library_group(_NAME)
        random = world.faults.random
        # When a later version is deployed, and when somebody has the rows made anew.
        self._raised_at_s = random.choice((None, 0.0, 0.5, 3.0, 8.0))
        self._anew_at_s = random.choice((None, None, 1.0, 4.0, 8.0))
        self._members, self._is_raised, self._is_made_anew = [], False, False
        self._last = {}

    def lives(self):
        """Yield all that lives as long as the world."""
        yield self._group.look_after()
        for name in ("a", "b")[: self._world.faults.random.randint(1, 2)]:
            yield self._world.live(f"{_NAME}-{name}", self._replica)
        yield self._deploy()
        yield self._make_anew()
        yield self._read()

    def _replica(self, name):
        member = ProjectionReplica(name, self._world, self._declared())
        self._members.append(member)
        return member

    def _declared(self):
        return version(2 if self._is_raised else 1)

    def _store(self):
        return ReadModel(self._declared(), SimulatedDatabase(self._file))

    async def _deploy(self):
        """Replace one process after the other by one that has the later version."""
        if self._raised_at_s is None:
            return
        await asyncio.sleep(self._raised_at_s)
        self._is_raised = True
        self._world.faults.happened["outside: a later version"] += 1
        for member in list(self._members):
            member.end("replaced")
            await asyncio.sleep(self._world.faults.random.choice((0.0, 1.0, 5.0)))

    async def _make_anew(self):
        if self._anew_at_s is None:
            return
        await asyncio.sleep(self._anew_at_s)
        self._is_made_anew = True
        store = self._store()
        await store.create(self._world.partitions)
        try:
            await store.make_anew()
        except Outdated:
            return
        self._world.faults.happened["outside: made anew"] += 1

    async def _read(self):
        """Read, for ever: what was there once stays, and no sum becomes less."""
        while True:
            await asyncio.sleep(_READ_EVERY_S)
            found = self._look()
            lost = [name for name, count in self._last.items() if found.get(name, -1) < count]
            if lost:
                self.wrong.append(f"readers see less than before of {lost[0]}")
            self._last = found

    def _look(self):
        """Return what readers get: how often was paid, and what was delivered."""
        paid = "select contract_id || partition, payments from received"
        sent = "select contract_id || delivery_id || partition, 1 from sent"
        try:
            return dict([*self._file.look(paid), *self._file.look(sent)])
        except sqlite3.OperationalError:
            return {}  # nothing is complete yet; later this is less than before

    def waits(self):
        """Yield what is not made of the log yet."""
        try:
            rows = "select edition, version, is_complete from editions order by edition"
            editions = self._file.look(rows)
        except sqlite3.OperationalError:
            editions = []
        wanted = self._declared().version
        if [each[1:] for each in editions] != [(wanted, 1)] or self._is_to_come():
            yield f"{_NAME}: {editions} of version {wanted}"
            return
        rows = f"select topic, partition, next from positions__{editions[0][0]}"
        positions = {(topic, p): n for topic, p, n in self._file.look(rows)}
        for topic in PROJECTION.reads:
            for p in range(self._world.partitions):
                if positions.get((topic.name, p), 0) < self._world.log.last[topic.name, p]:
                    yield f"{_NAME}: {topic.name}/{p}"

    def _is_to_come(self):
        is_raised = self._raised_at_s is None or self._is_raised
        return not (is_raised and (self._anew_at_s is None or self._is_made_anew))

    async def faults(self):
        """Yield what does not hold when the world has come to rest."""
        for fault in self.wrong:
            yield fault
        store = self._store()
        await store.look()
        for p in range(self._world.partitions):
            content = await store.content(p)
            found = {key: row for key, row in content.rows.items()}
            for fault in self._faults_of_rows(found, p):
                yield f"{_NAME}/{p}: {fault}"
            again = await self._again(content, p)
            for each in differences(content, again, f"partition {p}"):
                yield f"{_NAME}: {each.what} ({each.where})"

    async def _again(self, content, partition):
        file = File(self._folder / f"again-{partition}.sqlite", self._world.empty)
        store = ReadModel(self._declared(), SimulatedDatabase(file))
        await store.create(self._world.partitions)
        again = await made_over(
            store, self._declared(), self._records(partition), content, partition
        )
        file.close()
        return again

    async def _records(self, partition):
        for topic in PROJECTION.reads:
            for each in self._world.log.records(topic.name, partition):
                yield each

    def _faults_of_rows(self, rows, partition):
        """Yield where rows are not what the log says, counted here in another way."""
        paid, pending, sent = self._said(partition)
        done = Counter(
            each.event.subject for each in self._world.log.records("dunning.days", partition)
        )
        days = {(entity,): (count,) for entity, count in done.items()}
        for table, said in (
            ("received", paid),
            ("pending", pending),
            ("sent", sent),
            ("days_done", days),
        ):
            found = {
                key.values[:-1]: (*row.values(),)[len(key.values) - 1 : -1]
                for key, row in rows.items()
                if key.table == table
            }
            for key in sorted(found.keys() | said.keys()):
                if found.get(key) != said.get(key):
                    yield f"{table} {key} is {found.get(key)}, and the log says {said.get(key)}"

    def _said(self, partition):
        names, sums, pending, sent = set(), Counter(), {}, {}
        for each in self._world.log.records("payments", partition):
            event, data = each.event, json.loads(each.event.data)
            payment = event.subject, data.get("payment_id")
            mine = {(*payment, event.type), (event.subject, event.source, event.id)}
            if names & mine:
                continue
            names |= mine
            if event.type == "PaymentPending":
                pending[payment] = data["initiated_on"], event.source
            else:
                pending.pop(payment, None)
            if event.type == "PaymentReceived":
                sums[event.subject, "payments"] += 1
                sums[event.subject, "minor"] += int(data["money"]["amount"].replace(".", ""))
        paid = {(c,): (sums[c, "payments"], sums[c, "minor"]) for c, _ in sums}
        pending = {key: (BEGIN.fromisoformat(day), who) for key, (day, who) in pending.items()}
        for each in self._world.log.records("deliveries", partition):
            data = json.loads(each.event.data)
            states = {"DeliveryIntended": "intended", "Dispatched": "sent", "Bounced": "bounced"}
            key = each.event.subject, data["delivery_id"]
            day = data.get("dispatched_on")
            on = BEGIN.fromisoformat(day) if day else sent.get(key, (None, None))[1]
            sent[key] = states[each.event.type], on
        return paid, pending, sent


def projecting(random):
    """The tally, whose payments are announced, now and then; and what follows from both."""
    days = random.randint(1, 3)
    said = list(_few(random, days))
    for number in range(random.randint(1, 8)):
        minute = random.randrange(1, days * 1440)
        day, contract = BEGIN + timedelta(minute // 1440), f"T-{random.randrange(4)}"
        message = _announced(random, contract, f"p{random.randrange(4)}", day)
        said.append(line(message, _at(day, minute % 1440), name=f"announced-{number}"))
    last = _last(days)
    return Story((Service(tally.WORKER),), last, _events(said, last), library=Library)


class Deployed(Library):
    """A library in which always the same happens: a later version, then that made anew."""

    def __init__(self, world, folder):
        super().__init__(world, folder)
        self._raised_at_s, self._anew_at_s = 3.0, 8.0


def one_of_each(_random):
    """Two payments of a contract, one of them announced."""
    said = [line(ACME, _at(BEGIN, 0), name="acme")]
    told = (
        registered(contract_id="T-1"),
        PaymentPending(
            contract_id="T-1", payment_id="p1", money=eur("1.00"), method="card", initiated_on=BEGIN
        ),
        paid("p1", "1.00", BEGIN).model_copy(update={"contract_id": "T-1"}),
        paid("p2", "2.00", BEGIN).model_copy(update={"contract_id": "T-1"}),
    )
    said += [line(each, _at(BEGIN, n), name=f"{n}") for n, each in enumerate(told, 1)]
    last = _last(1)
    return Story((Service(tally.WORKER),), last, _events(said, last), library=Deployed)


def _announced(random, contract, name, day):
    told = {"contract_id": contract, "payment_id": name}
    if random.random() < 0.3:
        return PaymentFailed(**told, failed_on=day)
    return PaymentPending(**told, money=eur("1.00"), method="card", initiated_on=day)
