"""A storm: whatever can fail fails while traffic goes on; then duestream verifies.

python -m tests.kafka.storm --contracts 2000 --kills 200 --seed 7 --database postgres --lose
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from sqlalchemy.engine import make_url

from services.registry import WORKERS
from services.runtime.kafka.producer import RecordPlace
from services.runtime.settings import Settings
from tests.support import rubbish, workers
from tests.support.doomed import OF_CLAIMS, OF_DAYS, POINTS
from tests.support.production import Production
from tests.support.proxy import Proxy
from tests.support.servers import SOCKET, Kafka, Postgres, until
from tests.support.stores import Stores
from tests.support.workers import DoomedProcess, WorkerProcess

# All there are, in the order in which a day passes through them.
SERVICES = tuple(WORKERS)
FROZEN_S = 8  # longer than the session timeout of the workers, 6 s
DOOMED_S, TRIES = 20, 4
GIVEN_UP_S, LATE_S = 1_800, 60


class Size(NamedTuple):
    """How large a storm is: what happens, and how often."""

    contracts: int
    days: int
    services: tuple[str, ...] = SERVICES
    kills: int = 0
    points: int = 0  # at each of doomed.POINTS, so often
    zombies: int = 0
    guests: int = 0
    leaves: int = 0
    brokers: int = 0
    databases: int = 0
    networks: int = 0
    rubbish: int = 0
    productions: int = 0
    losses: int = 0

    @property
    def plan(self) -> list[str]:
        """What is to happen, in order of kind."""
        counts = (
            ("kill", self.kills),
            ("doom", self.points * len(POINTS)),
            ("freeze", self.zombies),
            ("guest", self.guests),
            ("leave", self.leaves),
            ("broker", self.brokers),
            ("database", self.databases),
            ("network", self.networks),
            ("rubbish", self.rubbish),
            ("production", self.productions),
            ("lose", self.losses),
        )
        return [kind for kind, count in counts for _ in range(count)]


class Storm:
    """The plan of a seed, carried out."""

    def __init__(self, told, size: Size, seed: int, *, kafka: Kafka, postgres: Postgres | None):
        self.told, self.size, self.random = told, size, Random(seed)
        self.kafka, self.postgres = kafka, postgres
        self.folder = told.state_dir.parent
        self.proxies = {"kafka": Proxy(kafka.front, kafka.behind)}
        behind = {"kafka": f"127.0.0.1:{kafka.front}"}
        if postgres is not None:
            front = postgres.home / "front"
            front.mkdir(exist_ok=True)
            self.proxies["postgres"] = Proxy(front / SOCKET, postgres.socket)
            behind["database"] = told.database.replace(str(postgres.home), str(front))
        # The first has a bad network, so that it may lose sight of what the other still sees.
        self.workers = [
            DoomedProcess(its, name, self.folder, service=service)
            for name, its in (("one", told.model_copy(update=behind)), ("two", told))
            for service in told.services
            if postgres is not None or name == "one"
        ]
        self.points = [point for point in POINTS for _ in range(size.points)]
        self.exits: Counter[int] = Counter()
        self.happened: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self.rubbish: list[RecordPlace] = []
        self.live: list[int] = []
        self.stores = Stores(self.folder, postgres)
        # Copies that may come back, and the stores that were in use before.
        self.copies: list[Settings] = []
        self.replaced: list[Settings] = []
        traffic = {"contracts": size.contracts, "days": size.days, "seed": seed}
        self.production = Production(told, self.folder, **traffic)

    def run(self, most_s: float) -> None:
        """Carry out the plan, let everything that is left be worked off, and stop in order.

        What of the plan has not begun after *most_s* is left out.
        """
        deadline = time.monotonic() + most_s
        self.random.shuffle(self.points)
        self.production.divide(10 + self._days)
        for each in (*self.proxies.values(), *self.workers):
            each.start()
        try:
            for each in self.workers:
                each.await_ready()
            self.production.start()
            self._rage(deadline)
            self.production.release(self.production.parts)
            until(self._is_done, "all is worked off", GIVEN_UP_S)
            self._let_rubbish_be_read()
        finally:
            for each in (self.production, *self.workers, *self.proxies.values()):
                each.close()

    @property
    def _days(self) -> int:
        """How many points of days are planned: each needs days that are still to come."""
        return len(OF_DAYS) * self.size.points

    def _rage(self, deadline: float) -> None:
        plan = self.size.plan
        self.random.shuffle(plan)
        for number, kind in enumerate(plan):
            if time.monotonic() > deadline:
                return
            free = self.production.parts - self._days
            passed = sum(self.met[point] + self.missed[point] for point in OF_DAYS)
            self.production.release(1 + number * free // len(plan) + passed)
            self._pause(0.5 if kind == "doom" else 3.0)
            self._note(f"{kind} {self.points[-1]}" if kind == "doom" else kind)
            getattr(self, f"_{kind}")()
            self.happened[kind] += 1
            if number in (len(plan) // 3, 2 * len(plan) // 3):
                self.live.append(self._verify_live())

    def _pause(self, most_s: float) -> None:
        deadline = time.monotonic() + self.random.uniform(0.2, most_s)
        until(lambda: self.tend() and time.monotonic() > deadline, "a pause ends")

    def tend(self) -> bool:
        """Start whoever ended by itself, as a supervisor does."""
        for each in self.workers:
            code = each.exited()
            if code is not None:
                point = each.met()
                if point is None:
                    self.exits[code] += 1
                else:
                    self.met[point] += 1
                each.start()
        return True

    def _note(self, what: str) -> None:
        """Say what happens next, for whoever reads the workers' logs afterwards."""
        with (self.folder / "storm.log").open("a") as log:
            print(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), what, file=log)

    def _kill(self) -> None:
        self._restart(self.random.choice(self.workers))

    def _restart(self, worker: DoomedProcess) -> None:
        worker.kill()
        worker.start()

    def _doom(self) -> None:
        """Let a service come to one of the points; who is there first dies."""
        point = self.points.pop()
        service = self.random.choice(self.told.services)
        doomed = [each for each in self.workers if each.service == service]
        for each in doomed:
            each.doom(point)
        if point in OF_CLAIMS:
            self._restart(self.random.choice(doomed))
        if not any(self._meets(point) for _ in range(TRIES)):
            self.missed[point] += 1
        for each in doomed:
            each.spare()

    def _meets(self, point: str) -> bool:
        """Send what leads to *point*, and wait a while for somebody to die there."""
        before = self.met[point]
        if point in OF_DAYS:
            self.production.release(self.production.released + 1)
        elif point not in OF_CLAIMS:
            self._rubbish()
        deadline = time.monotonic() + DOOMED_S
        while self.met[point] == before and time.monotonic() < deadline:
            self.tend()
            time.sleep(0.05)
        return self.met[point] > before

    def _freeze(self) -> None:
        worker = self.random.choice(self.workers)
        assert worker.process is not None, "started before"
        worker.process.send_signal(signal.SIGSTOP)
        time.sleep(FROZEN_S)
        worker.process.send_signal(signal.SIGCONT)

    def _guest(self) -> None:
        service = self.random.choice(self.told.services)
        guest = WorkerProcess(self.told, "guest", self.folder, service=service).start()
        try:
            time.sleep(self.random.uniform(2.0, 8.0))
        finally:
            guest.stop()

    def _leave(self) -> None:
        """Tell a worker to leave; it may be killed while it does."""
        worker = self.random.choice(self.workers)
        assert worker.process is not None, "started before"
        worker.process.send_signal(signal.SIGTERM)
        if self.random.random() < 0.5:
            time.sleep(self.random.uniform(0.0, 0.5))
            worker.kill()
        else:
            self.exits[worker.stop()] += 1
        worker.start()

    def _broker(self) -> None:
        self.kafka.kill()
        self.kafka.start()

    def _database(self) -> None:
        assert self.postgres is not None, "planned with one"
        self.postgres.kill()
        self.postgres.start()

    def _network(self) -> None:
        """Let the first worker lose sight of a server: late or no answers, connections cut."""
        name = self.random.choice(sorted(self.proxies))
        kind = self.random.choice(("late", "deaf", "deaf and cut", "cut", "refused"))
        proxy = self.proxies[name]
        match kind:
            case "late":
                proxy.late(self.random.uniform(0.1, 1.0))
            case "deaf" | "deaf and cut":
                proxy.deafen()
            case "refused":
                proxy.refuse()
        time.sleep(self.random.uniform(0.5, FROZEN_S))
        if "cut" in kind:
            proxy.cut()
        proxy.heal()
        self.happened[f"{name} {kind}"] += 1

    def _rubbish(self) -> None:
        """Send what cannot be read, to every partition something; and what was sent before."""
        for _ in range(2):
            self.rubbish += rubbish.send(self.told, rubbish.rubbish(self.random, self.told))
        rubbish.send(self.told, rubbish.again(self.random, self.told, most=200))

    def _production(self) -> None:
        self.production.kill()

    def _lose(self) -> None:
        """Let all services find other stores: a copy of before, none, or those of before."""
        for each in self.workers:
            each.kill()
        if not self.copies or self.random.random() < 0.5:
            self.copies.append(self.stores.copy(self.told))
        kind = self.random.choice(("copy", "empty", "old primary"))
        if kind == "old primary" and self.replaced:
            found = self.replaced.pop(0)
        elif kind == "copy":
            found = self.stores.copy(self.random.choice(self.copies))
        else:
            found, kind = self.stores.empty(self.told), "empty"
        self.replaced.append(self.told)
        self.happened[f"lost: {kind}"] += 1
        self._note(f"lost: {kind}")
        for each in self.workers:
            each.told = _over(found, each.told)
        self.told = found
        for each in self.workers:
            each.start()
        if self.random.random() < 0.5:
            time.sleep(self.random.uniform(2.0, 10.0))
            for each in self.workers:
                self._restart(each)

    def _verify_live(self) -> int:
        """Verify while all work, again where a server or a store is not back yet; 0 is clean."""
        for _ in range(20):
            done = workers.run(self.told, "verify")
            if done.returncode != 1:
                break
            self._pause(3.0)
        if done.returncode:
            print(done.stdout[-5000:], done.stderr[-2000:], file=sys.stderr)
        return done.returncode

    def _let_rubbish_be_read(self) -> None:
        """Wait for whoever has just come back; what is missing after a while is reported."""
        deadline = time.monotonic() + LATE_S
        while time.monotonic() < deadline and rubbish.not_dead_lettered_once(
            self.told, self.rubbish
        ):
            self.tend()
            time.sleep(1)

    def _is_done(self) -> bool:
        self.tend()
        time.sleep(1)
        return not self.production.is_alive() and len(set(self._ended())) == self.told.partitions

    def _ended(self) -> Iterator[int]:
        for record in workers.read(self.told, self.told.days_follow):
            if json.loads(record.event.data)["day"] == str(self.production.last):
                yield record.partition


def _over(found: Settings, told: Settings) -> Settings:
    """Return *told* with the stores of *found*, reached in the way in which it reaches its own."""
    more: dict[str, object] = {"state_dir": found.state_dir}
    if found.database and told.database:
        host = make_url(told.database).query["host"]
        url = make_url(found.database).update_query_dict({"host": host})
        more["database"] = url.render_as_string(hide_password=False)
    return told.model_copy(update=more)


def size_of(kills: int, *, on_postgres: bool, lose: bool, **of_traffic) -> Size:
    """Return the storm of so many kills, and of the rest in proportion."""
    rare, often = max(1, kills // 40), max(1, kills // 10)
    return Size(
        **of_traffic,
        kills=kills,
        points=rare,
        zombies=max(1, kills // 5),
        guests=often if on_postgres else 0,
        leaves=often,
        brokers=rare,
        databases=rare * on_postgres,
        networks=often,
        rubbish=often,
        productions=rare,
        losses=max(3, often) * lose,
    )


def storm(size: Size, seed: int, *, kafka: Kafka, postgres: Postgres | None, folder: Path):
    """Prepare it in *folder*."""
    database = postgres.database(f"storm{seed}") if postgres else None
    told = workers.settings(kafka, folder, database=database, partitions=4, services=size.services)
    made = workers.run(told, "topics", "apply")
    assert made.returncode == 0, made.stderr
    return Storm(told, size, seed, kafka=kafka, postgres=postgres)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=1000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=int, default=120, help="begin nothing after so many")
    parser.add_argument("--services", default=",".join(SERVICES))
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--lose", action="store_true", help="stores are lost, and come back")
    asked = parser.parse_args()
    # What ends it from outside must end its servers too, as ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    on_postgres = asked.database == "postgres"
    size = size_of(
        asked.kills,
        on_postgres=on_postgres,
        lose=asked.lose,
        contracts=asked.contracts,
        days=asked.days,
        services=tuple(asked.services.split(",")),
    )
    kafka, postgres = Kafka(brief=False), Postgres() if on_postgres else None
    for server in (kafka, postgres):
        if server is not None:
            server.start()
    folder, began = Path(tempfile.mkdtemp(prefix="duestream-storm-")), time.monotonic()
    raged = storm(size, asked.seed, kafka=kafka, postgres=postgres, folder=folder)
    raged.run(most_s=asked.minutes * 60)
    verified = workers.run(raged.told, "verify")
    print(verified.stdout, verified.stderr, sep="")
    return report(raged, verified.returncode, asked.seed, time.monotonic() - began)


def report(raged: Storm, verified: int, seed: int, took_s: float) -> int:
    """Say what happened and what came of it; return the exit code."""
    odd = rubbish.not_dead_lettered_once(raged.told, raged.rubbish)
    code = verified or max(raged.live, default=0) or 3 * bool(odd)
    for point in POINTS:
        print(
            f"{raged.met[point]:4} {point}"
            + f", {raged.missed[point]} missed" * bool(raged.missed[point])
        )
    for name, counts in (("happened", raged.happened), ("exits", raged.exits)):
        print(f"{name}: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    print(
        f"seed {seed}: {raged.size.contracts} contracts, {raged.production.events} events, "
        f"{raged.production.repeated} parts sent again, {len(raged.rubbish)} rubbish "
        f"of which {len(odd)} not dead-lettered once {odd[:5]}; live {raged.live}; {took_s:.0f} s; "
        f"logs in {raged.folder}: {'NOT CLEAN' if code else 'clean'}"
    )
    return code


if __name__ == "__main__":
    sys.exit(main())
