"""What a measured process says of itself, many times a second, a line of JSON each."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from services.runtime.engine import Engine
from services.runtime.kafka.publisher import KafkaPublisher
from services.runtime.store.transaction import OUTBOX

EVERY_S = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")

Look = Callable[[], dict[str, Any] | None]


def tell(look: Look) -> None:
    """Say what *look* sees, from a thread of its own; nothing while it sees None."""

    def go_on() -> None:
        while True:
            seen = look()
            if seen is not None:
                say(seen)
            time.sleep(EVERY_S)

    threading.Thread(target=go_on, daemon=True).start()


def say(seen: dict[str, Any]) -> None:
    """Write a line with the time, the processor time and the memory of this process."""
    line = {"at": time.monotonic(), "cpu_s": time.process_time(), "rss_mb": _resident_mb()}
    sys.stdout.write(json.dumps(line | seen) + "\n")
    sys.stdout.flush()


def look_at(engine: Engine[Any], publisher: KafkaPublisher) -> Look:
    """Return what to look at in an engine: records in the store, and whether all is published."""

    def look() -> dict[str, Any] | None:
        if not engine.has_claimed:
            return None
        said = {p: engine.transaction.positions.get((OUTBOX, p), 0) for p in engine.owned}
        counts = engine.counts
        letters = counts["dead letters"]
        return {
            "done": counts["applied"] + counts["duplicates"] + letters,
            "applied": counts["applied"],
            "days": counts["days"],
            "letters": letters,
            "outputs": sum(said.values()),
            "idle": all(publisher.published(p) >= seq - 1 for p, seq in said.items()),
        }

    return look


def _resident_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * _PAGE / 2**20
