"""A run of poison beside good traffic, day by day, from a seed.

python -m tests.poison.feast --number 1000000 --seed 1
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.message import Refused
from schemas.topics import DAYS, TERMS
from services.registry import WORKERS
from services.runtime.clock.clock import Clock
from services.runtime.stream.codec import decode, event_of
from services.runtime.stream.wire import pack, unpack
from services.runtime.worker import Worker
from tests.poison.inquest import Account, Inquest
from tests.poison.mutations import mutate
from tests.poison.records import Sent, lives, of_every_kind
from tests.support.events import ACME, line
from tests.support.traffic import BEGIN, STEPS

DAYS_LONG = 40
_BATCH = 500
# Then others come to a new store: the few contracts that live long would grow, and everything slow.
_COURSE = 100_000
_IN_MEMORY = Path("/dev/shm")  # where there is one; nothing here has to survive


class Feast:
    """What is served to *worker*: *number* records that were changed, and the good ones."""

    def __init__(self, worker: Worker[Any], number: int, seed: int, *, partitions: int) -> None:
        self._random, self._partitions = Random(seed), partitions
        self._number, self._each_day = 0, -(-number // DAYS_LONG)
        self._topics = [topic.name for topic in worker.reads]
        self._lives = lives(worker, days=DAYS_LONG, seed=seed, partitions=partitions)
        self._kinds = of_every_kind(worker, self._random, partitions=partitions)
        self._known: list[Sent] = []
        self._clock = Clock()

    def terms(self) -> Iterator[Event]:
        """Yield what the clock says at first."""
        for message in (ACME, STEPS):
            event = Event.from_line(line(message, f"{BEGIN}T00:00:00+01:00"))
            self._known.append(Sent(TERMS.name, 0, pack(event)))
            yield from self._said(self._known[-1])

    def batches(self) -> Iterator[tuple[list[Sent], list[Event]]]:
        """Yield what comes at once, in an order by chance, and what the clock says then."""
        for number in range(DAYS_LONG):
            today = BEGIN + timedelta(number)
            good = [sent for day, sent in self._lives if day == today]
            self._known += good
            good += islice(self._kinds, len(good))
            parts = -(-self._each_day // _BATCH)
            for part in range(parts):
                yield self._batch(good[part::parts], self._each_day // parts)
            yield [], list(self._tomorrow(today))

    def _batch(self, some: list[Sent], spoiled: int) -> tuple[list[Sent], list[Event]]:
        said: list[Event] = []
        for _ in range(spoiled):
            sent = self._spoiled()
            if sent.topic == TERMS.name:
                said += self._said(sent)
            elif not self._is_of_the_calendar(sent):
                some.append(sent)
        self._random.shuffle(some)
        return some, said

    def _spoiled(self) -> Sent:
        """Return a changed record; most have an id of their own, so that no other is known."""
        self._number += 1
        sent = next(self._kinds)
        if self._random.random() < 0.5:
            sent = self._random.choice(self._known)
            name = f"m{self._number}".encode()
            new = [("ce_id", name) if n == "ce_id" else (n, v) for n, v in sent.packed.headers]
            sent = sent._replace(packed=sent.packed._replace(headers=tuple(new)))
        return mutate(sent, self._random, topics=self._topics, partitions=self._partitions)

    def _is_of_the_calendar(self, sent: Sent) -> bool:
        """Say whether it went astray and still is what only the clock or a service says."""
        if sent.topic != DAYS.name and not sent.topic.endswith(".days"):
            return False
        try:
            decode(event_of(unpack(*sent[:2], 0, sent.packed)), sent.topic)
        except Refused:
            return False
        return True

    def _said(self, sent: Sent) -> list[Event]:
        try:
            return self._clock.forward(unpack(TERMS.name, 0, self._number, sent.packed))
        except Refused:
            return []

    def _tomorrow(self, today) -> Iterator[Event]:
        end = self._clock.ends(today)
        assert end is not None, "the first terms open a calendar"
        for event in self._clock.until(end, last=today + timedelta(1)):
            if DayBegan.model_validate_json(event.data).day > today:
                yield event


async def feast(
    worker: Worker[Any], number: int, seed: int, *, folder: Path, partitions: int = 2
) -> Account:
    """Serve it all, and return what became of it; an AssertionError says what must not be."""
    served = Feast(worker, number, seed, partitions=partitions)
    inquest = Inquest(worker, folder, partitions=partitions)
    await inquest.open()
    for event in served.terms():
        await inquest.say(event)
    for sent, said in served.batches():
        await inquest.feed(sent)
        for event in said:
            await inquest.say(event)
    return await inquest.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--service", choices=sorted(WORKERS), default="dunning")
    asked = parser.parse_args()
    began = time.monotonic()

    worker, whole = WORKERS[asked.service], Account()
    for seed, first in enumerate(range(0, asked.number, _COURSE), start=asked.seed):
        with tempfile.TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
            number = min(_COURSE, asked.number - first)
            whole += asyncio.run(feast(worker, number, seed, folder=Path(folder)))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        took = time.monotonic() - began
        print(f"seed {seed}: {whole.inputs:,} inputs, {took:.0f} s, {peak} MiB at most", flush=True)
    print(whole)
    return 0


if __name__ == "__main__":
    sys.exit(main())
