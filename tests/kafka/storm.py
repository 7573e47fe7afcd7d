"""A storm: workers, broker and database die while traffic goes on; then duestream verifies.

python -m tests.kafka.storm --contracts 2000 --kills 200 --seed 7 --database postgres
"""

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.support import workers
from tests.support.servers import Kafka, Postgres, until
from tests.support.traffic import BEGIN, traffic
from tests.support.workers import WorkerProcess

FROZEN_S = 8  # longer than the session timeout of the workers, 6 s
GIVEN_UP_S = 600


class Size(NamedTuple):
    """How large a storm is."""

    contracts: int
    days: int
    kills: int
    zombies: int
    guests: int
    brokers: int
    databases: int

    @property
    def plan(self) -> list[str]:
        """What is to happen, in order of kind."""
        counts = (
            ("kill", self.kills),
            ("freeze", self.zombies),
            ("guest", self.guests),
            ("broker", self.brokers),
            ("database", self.databases),
        )
        return [kind for kind, count in counts for _ in range(count)]


class Publisher(threading.Thread):
    """Publishes the traffic in parts, the next one when it may; sends a part again if cut off."""

    def __init__(self, told, size: Size, seed: int, folder: Path, parts: int) -> None:
        super().__init__(daemon=True)
        self._told, self._folder = told, folder
        self.sent = self.repeated = 0
        self.may = threading.Semaphore(1)
        length = -(-size.days // parts)
        self.last = BEGIN + timedelta(size.days - 1)
        self._parts: list[tuple[date, Path]] = []
        events = list(traffic(size.contracts, size.days, seed))
        self.events = len(events)
        for start in range(0, size.days, length):
            last = min(BEGIN + timedelta(start + length - 1), self.last)
            file = folder / f"{last}.jsonl"
            some = [said for day, said in events if last - timedelta(length) < day <= last]
            file.write_bytes(b"\n".join(some))
            self._parts.append((last, file))
        self.parts = len(self._parts)

    def run(self) -> None:
        for last, file in self._parts:
            self.may.acquire()
            while workers.run(self._told, "publish", file, "--until", last).returncode != 0:
                self.repeated += 1
            self.sent += 1


class Storm:
    """The plan of a seed, carried out."""

    def __init__(self, told, size: Size, seed: int, *, kafka: Kafka, postgres: Postgres | None):
        self.told, self.size, self.random = told, size, Random(seed)
        self.kafka, self.postgres = kafka, postgres
        self.folder = told.state_dir.parent
        names = ("one", "two") if postgres else ("one",)
        self.workers = [WorkerProcess(told, name, self.folder) for name in names]
        self.exits: Counter[int] = Counter()
        self.happened: Counter[str] = Counter()
        self.live: list[int] = []
        self.publisher = Publisher(told, size, seed, self.folder, parts=10)

    def run(self) -> None:
        """Carry out the plan, let everything that is left be worked off, and stop in order."""
        plan = self.size.plan
        self.random.shuffle(plan)
        for each in self.workers:
            each.start().await_ready()
        self.publisher.start()
        released = 1
        try:
            for number, kind in enumerate(plan):
                while released * len(plan) < number * self.publisher.parts:
                    self.publisher.may.release()
                    released += 1
                self._pause()
                getattr(self, f"_{kind}")()
                self.happened[kind] += 1
                if number in (len(plan) // 3, 2 * len(plan) // 3):
                    self.live.append(self._verify_live())
            for _ in range(self.publisher.parts - released):
                self.publisher.may.release()
            until(self._is_done, "all is worked off", GIVEN_UP_S)
        finally:
            for each in self.workers:
                each.stop()

    def _pause(self) -> None:
        deadline = time.monotonic() + self.random.uniform(0.2, 4.0)
        until(lambda: self.tend() and time.monotonic() > deadline, "a pause ends")

    def tend(self) -> bool:
        """Start whoever ended by itself, as a supervisor does."""
        for each in self.workers:
            assert each.process is not None, "started before"
            code = each.process.poll()
            if code is not None:
                self.exits[code] += 1
                each.start()
        return True

    def _kill(self) -> None:
        worker = self.random.choice(self.workers)
        worker.kill()
        worker.start()

    def _freeze(self) -> None:
        worker = self.random.choice(self.workers)
        assert worker.process is not None, "started before"
        worker.process.send_signal(signal.SIGSTOP)
        time.sleep(FROZEN_S)
        worker.process.send_signal(signal.SIGCONT)

    def _guest(self) -> None:
        guest = WorkerProcess(self.told, "guest", self.folder).start()
        try:
            time.sleep(self.random.uniform(2.0, 8.0))
        finally:
            guest.stop()

    def _broker(self) -> None:
        self.kafka.kill()
        self.kafka.start()

    def _database(self) -> None:
        assert self.postgres is not None, "planned with one"
        self.postgres.kill()
        self.postgres.start()

    def _verify_live(self) -> int:
        """Verify while all work, again where a server was not back yet; 0 is clean."""
        for _ in range(5):
            done = workers.run(self.told, "verify")
            if done.returncode != 1:
                break
        if done.returncode:
            print(done.stdout[-5000:], done.stderr[-2000:], file=sys.stderr)
        return done.returncode

    def _is_done(self) -> bool:
        self.tend()
        time.sleep(1)
        return not self.publisher.is_alive() and len(set(self._ended())) == self.told.partitions

    def _ended(self) -> Iterator[int]:
        for record in workers.read(self.told, "dunning.days"):
            if json.loads(record.event.data)["day"] == str(self.publisher.last):
                yield record.partition


def size_of(contracts: int, days: int, kills: int, *, on_postgres: bool) -> Size:
    """Return the storm of so many kills, and of the rest in proportion."""
    rare = max(1, kills // 40)
    guests = max(1, kills // 10) if on_postgres else 0
    return Size(contracts, days, kills, max(1, kills // 5), guests, rare, rare * on_postgres)


def storm(size: Size, seed: int, *, kafka: Kafka, postgres: Postgres | None, folder: Path):
    """Let it rage in *folder*; return it and what duestream verify says in the end."""
    database = postgres.database(f"storm{seed}") if postgres else None
    told = workers.settings(kafka, folder, database=database, partitions=4)
    made = workers.run(told, "topics", "apply")
    assert made.returncode == 0, made.stderr
    raged = Storm(told, size, seed, kafka=kafka, postgres=postgres)
    raged.run()
    return raged, workers.run(told, "verify")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=1000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    asked = parser.parse_args()
    # What ends it from outside must end its servers too, as ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    on_postgres = asked.database == "postgres"
    size = size_of(asked.contracts, asked.days, asked.kills, on_postgres=on_postgres)
    kafka, postgres = Kafka(), Postgres() if on_postgres else None
    for server in (kafka, postgres):
        if server is not None:
            server.start()
    folder, began = Path(tempfile.mkdtemp(prefix="duestream-storm-")), time.monotonic()
    raged, verified = storm(size, asked.seed, kafka=kafka, postgres=postgres, folder=folder)
    print(verified.stdout, verified.stderr, sep="")
    happened = ", ".join(f"{count} {kind}" for kind, count in raged.happened.items())
    print(
        f"seed {asked.seed}, {asked.contracts} contracts, {raged.publisher.events} events, "
        f"{raged.publisher.repeated} parts sent again; {happened}; live {raged.live}; "
        f"exits {dict(raged.exits)}; {time.monotonic() - began:.0f} s; logs in {folder}: "
        f"{'clean' if not verified.returncode and not any(raged.live) else 'NOT CLEAN'}"
    )
    return verified.returncode or max(raged.live, default=0)


if __name__ == "__main__":
    sys.exit(main())
