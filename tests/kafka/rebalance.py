"""Measures for how long outputs stop when a worker joins, leaves or dies under steady traffic.

python -m tests.kafka.rebalance --rounds 3
"""

import argparse
import asyncio
import itertools
import logging
import signal
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median

from schemas.envelope import Event
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.kafka.reader import reading
from tests.kafka.test_at_once import make_topics
from tests.support import workers
from tests.support.events import ACME, line, paid, registered
from tests.support.servers import Kafka, Postgres, until
from tests.support.workers import WorkerProcess

ON, AT = date(2026, 2, 1), "2026-02-01T10:00:00+01:00"
CONTRACTS, PARTITIONS, PER_S = 2_000, 4, 200
QUIET_S, SETTLES_S = 3.0, 14.0
EVERY_S = 0.02


class Traffic:
    """Payments at a steady pace, and when what they cause could be read on each partition."""

    def __init__(self, told) -> None:
        self._told, self._names = told, itertools.count()
        self.seen: dict[int, list[float]] = defaultdict(list)

    async def run(self) -> None:
        await asyncio.gather(self._pay(), self._watch())

    async def _pay(self) -> None:
        due = time.monotonic()
        async with sending(self._told) as sender:
            while True:
                await sender.send([self._payment() for _ in range(int(PER_S * EVERY_S))])
                due += EVERY_S
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _watch(self) -> None:
        async with reading(self._told, ["receivables"]) as reader:
            while True:
                for record in await reader.more(timeout_s=0.1):
                    self.seen[record.partition].append(time.monotonic())

    def _payment(self) -> Outgoing:
        number = next(self._names)
        contract = f"C-{number % CONTRACTS:04}"
        message = paid(f"p{number}", "1.00", ON).model_copy(update={"contract_id": contract})
        event = Event.from_line(line(message, AT, name=f"p{number}"))
        return Outgoing("payments", None, event)

    def longest_s(self, partitions: set[int], start: float, end: float) -> float:
        """Return the longest time without an output on one of *partitions* between two moments."""
        return max((self._longest_s(each, start, end) for each in partitions), default=0.0)

    def _longest_s(self, partition: int, start: float, end: float) -> float:
        seen = [each for each in self.seen[partition] if start <= each <= end]
        return max(b - a for a, b in itertools.pairwise([start, *seen, end]))


class Bench:
    """Two workers of dunning that share the work; what happens to the second is timed."""

    def __init__(self, told, folder: Path) -> None:
        self._told, self._folder, self.traffic = told, folder, Traffic(told)
        self._numbers = itertools.count()
        self.found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)

    @contextmanager
    def pair(self, *, static: bool) -> Iterator[tuple[WorkerProcess, WorkerProcess]]:
        """Make two workers, of which the first works already."""
        names = [f"worker-{next(self._numbers)}" for _ in range(2)]
        both = [WorkerProcess(self._told, each, self._folder, static=static) for each in names]
        try:
            both[0].start().await_ready()
            until(lambda: len(both[0].partitions()) == PARTITIONS, "the first has all")
            yield both[0], both[1]
        finally:
            for each in both:
                each.close()

    def join(self) -> None:
        with self.pair(static=False) as (_, second):
            span = self._timed(lambda: _share(second))
            self._note("join", second.partitions(), span)

    def end(self, what: str, happen: Callable[[WorkerProcess], object], *, static: bool) -> None:
        """Let *happen* to the second whatever ends it."""
        with self.pair(static=static) as (_, second):
            _share(second)
            own = second.partitions()
            span = self._timed(lambda: happen(second))
            self._note(f"{what}, {'static' if static else 'dynamic'}", own, span)

    def _timed(self, happen: Callable[[], object]) -> tuple[float, float, float]:
        """Return when quiet began, when it ended, and when all had settled."""
        time.sleep(QUIET_S)
        quiet = time.monotonic()
        time.sleep(QUIET_S)
        start = time.monotonic()
        happen()
        time.sleep(SETTLES_S)
        return quiet, start, time.monotonic()

    def _note(self, what: str, own: set[int], span: tuple[float, float, float]) -> None:
        quiet, start, end = span
        everywhere = set(range(PARTITIONS))
        before = self.traffic.longest_s(everywhere, quiet, start)
        others = self.traffic.longest_s(everywhere - own, start, end)
        self.found[what].append((before, others, self.traffic.longest_s(own, start, end)))
        print(f"{what}: {self.found[what][-1]}", flush=True)


def _share(worker: WorkerProcess) -> None:
    worker.start().await_ready()
    until(lambda: len(worker.partitions()) == PARTITIONS // 2, "they share the work")


def _restart(worker: WorkerProcess) -> None:
    worker.stop()
    worker.start()


def _die_and_restart(worker: WorkerProcess) -> None:
    worker.kill()
    worker.start()


ENDS = {
    "SIGTERM": WorkerProcess.stop,
    "SIGTERM and restart": _restart,
    "kill -9": WorkerProcess.kill,
    "kill -9 and restart": _die_and_restart,
}


def prepare(told, folder: Path) -> None:
    """Say terms and contracts."""
    known = registered()
    lines = [line(ACME, AT, name="acme")]
    for number in range(CONTRACTS):
        contract = known.model_copy(update={"contract_id": f"C-{number:04}"})
        lines.append(line(contract, AT, name=f"c{number}"))
    file = folder / "contracts.jsonl"
    file.write_bytes(b"\n".join(lines))
    done = workers.run(told, "publish", file, "--until", ON)
    assert done.returncode == 0, done.stderr


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    # What ends it from outside must end its servers too, as ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    kafka, postgres = Kafka(brief=False), Postgres()
    kafka.start()
    postgres.start()
    folder = Path(tempfile.mkdtemp(prefix="duestream-rebalance-"))
    database = postgres.database("rebalance")
    told = workers.settings(kafka, folder, database=database, partitions=PARTITIONS)
    first = WorkerProcess(told, "first", folder, static=False)
    make_topics(told)
    first.start()
    prepare(told, folder)
    first.stop()
    bench = Bench(told, folder)
    traffic = threading.Thread(target=lambda: asyncio.run(bench.traffic.run()), daemon=True)
    traffic.start()
    for _ in range(asked.rounds):
        bench.join()
        for static in (False, True):
            for what, happen in ENDS.items():
                bench.end(what, happen, static=static)
    print(f"seconds without an output, of the partition that waited longest; {asked.rounds} rounds")
    print("| event | before | others' partitions | its partitions |\n|---|---|---|---|")
    for what, found in bench.found.items():
        print(f"| {what} | " + " | ".join(_told(each) for each in zip(*found, strict=True)) + " |")


def _told(seconds: tuple[float, ...]) -> str:
    return f"{median(seconds):.2f} [{min(seconds):.2f}-{max(seconds):.2f}]"


if __name__ == "__main__":
    main()
