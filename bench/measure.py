"""Measured processes, watched until they are through, and what came out of it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from bench.gauge import EVERY_S
from deploy.kafka.broker import Failed
from services.runtime.kafka.app import TEMPORARY
from services.runtime.settings import Settings

_GIVEN_UP_S = 240


@dataclass(frozen=True)
class Figures:
    """What one run came to; processor time in microseconds of all measured processes."""

    messages: int
    seconds: float
    per_second: float
    cpu_us: float
    most_mb: float
    bytes_each: float | None = None


class Left(Failed):
    """A worker lost its partitions to another one and ended, to be started again."""


class Child:
    """A process that says how far it is."""

    def __init__(self, settings: Settings, *arguments: str) -> None:
        self.lines: list[dict[str, Any]] = []
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.child", *arguments],
            env=_environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._errors: list[bytes] = []
        for follow in (self._follow, self._listen):
            threading.Thread(target=follow, daemon=True).start()

    def _follow(self) -> None:
        for line in self.process.stdout or ():
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))

    def _listen(self) -> None:
        for line in self.process.stderr or ():
            self._errors = [*self._errors[-50:], line]

    def last(self, name: str) -> Any:
        """Return what it said last under *name*, or nothing yet."""
        return self.lines[-1].get(name) if self.lines else None

    def said(self) -> str:
        """Return what it said last."""
        return f"{self.lines[-1:]} {b''.join(self._errors).decode(errors='replace')}"

    def check(self) -> None:
        """Raise Failed where it ended by itself with an error."""
        if self.process.poll():
            kind = Left if self.process.returncode == TEMPORARY else Failed
            raise kind(b"".join(self._errors).decode(errors="replace"))

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()


def until(
    done: Callable[[], bool],
    children: Iterable[Child],
    what: str,
    *,
    most_s: float = _GIVEN_UP_S,
) -> None:
    """Wait until *done*, while *children* live."""
    deadline, watched = time.monotonic() + most_s, list(children)
    while not done():
        for child in watched:
            child.check()
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {most_s} s: {[each.said() for each in watched]}")
        time.sleep(0.01)


def watch(children: Sequence[Child], goal: int, *, most_s: float = _GIVEN_UP_S) -> Figures:
    """Wait until *children* have done *goal* together and all is published; say what it took."""

    def is_done() -> bool:
        done = sum(child.last("done") or 0 for child in children)
        return done >= goal and all(child.last("idle") for child in children)

    try:
        until(is_done, children, f"{goal} messages are done", most_s=most_s)
    finally:
        for child in children:
            child.kill()
    return _figures(children, goal)


def _figures(children: Sequence[Child], goal: int) -> Figures:
    begun = min(child.lines[0]["at"] for child in children)
    ends = [
        next(
            line
            for line in list(child.lines)
            if line["done"] == child.last("done") and line["idle"]
        )
        for child in children
    ]
    # What is over before it is looked at twice took no longer than a look.
    seconds = max(max(end["at"] for end in ends) - begun, EVERY_S)
    cpu_s = sum(
        end["cpu_s"] - child.lines[0]["cpu_s"] for end, child in zip(ends, children, strict=True)
    )
    letters = sum(end.get("letters", 0) for end in ends)
    if letters:
        raise Failed(f"{letters} dead letters")
    return Figures(
        messages=goal,
        seconds=round(seconds, 3),
        per_second=round(goal / seconds, 1),
        cpu_us=round(cpu_s / goal * 1e6, 1),
        most_mb=round(max(line["rss_mb"] for child in children for line in child.lines), 1),
    )


def middle(runs: Sequence[Figures]) -> dict[str, Any]:
    """Return the run in the middle by speed, with the slowest and the fastest."""
    speeds = [run.per_second for run in runs]
    chosen = min(runs, key=lambda run: abs(run.per_second - median(speeds)))
    return asdict(chosen) | {"slowest": min(speeds), "fastest": max(speeds), "runs": len(runs)}


def _environment(settings: Settings) -> dict[str, str]:
    names = (
        "kafka",
        "state_dir",
        "partitions",
        "database",
        "cached_contracts",
        "session_timeout_s",
    )
    values = {name: getattr(settings, name) for name in names}
    values["services"] = ",".join(settings.services)
    ours = {f"DUESTREAM_{n.upper()}": str(v) for n, v in values.items() if v is not None}
    others = {k: v for k, v in os.environ.items() if not k.startswith("DUESTREAM_")}
    return others | ours
