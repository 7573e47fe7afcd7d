"""Measures on this machine: ``python -m bench [PART ...] [--tiny] [--out FILE]``.

PART: dunning, usage, latency, million (restart, memory and a day), billing (a billing day),
closing (calls by prefix and band, and a day that closes their month),
documents or stages (where the CPU of a record goes); without any, all of these. And backlog, which
takes a quarter of an hour: the memory of a worker that comes to five million messages over a
million contracts.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import backlog, billing, closing, documents, latency, million, report, stages, throughput

Measure = Callable[[], dict[str, Any]]

_REAL: dict[str, Measure] = {
    "dunning": lambda: throughput.measure("dunning", throughput.Size(20_000, 60_000, 6_000, 3)),
    "usage": lambda: throughput.measure("usage", throughput.Size(20_000, 200_000, 8_000, 3)),
    "latency": lambda: latency.measure(latency.Size(3, 10)),
    "million": lambda: million.measure(million.Size(1_000_000, 60_000, 50_000)),
    "billing": lambda: billing.measure(100_000, profiled=2_000),
    "closing": lambda: closing.measure(closing.Size(10_000, 10, 10_000, 500)),
    "documents": lambda: documents.measure(500),
    "stages": lambda: stages.measure(stages.Size(2_000, 12_000, (500, 4_000))),
    "backlog": lambda: backlog.measure(backlog.Size(1_000_000, 5_000_000)),
}
_ON_DEMAND = ("backlog",)
# Nothing to learn from, but that all of it works.
_TINY: dict[str, Measure] = {
    "dunning": lambda: throughput.measure("dunning", throughput.Size(20, 60, 20, 1)),
    "usage": lambda: throughput.measure("usage", throughput.Size(20, 60, 20, 1)),
    "latency": lambda: latency.measure(latency.Size(1, 1)),
    "million": lambda: million.measure(million.Size(5_000, 100, 1_000)),
    "billing": lambda: billing.measure(50, profiled=20),
    "closing": lambda: closing.measure(closing.Size(20, 4, 1_000, 20)),
    "documents": lambda: documents.measure(5),
    "stages": lambda: stages.measure(stages.Size(20, 60, (20,))),
    "backlog": lambda: backlog.measure(backlog.Size(200, 2_000)),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(_REAL))
    parser.add_argument("--tiny", action="store_true", help="only see that all of it works")
    parser.add_argument("--out", type=Path, default=Path("out/bench.json"))
    asked = parser.parse_args()
    parts = _TINY if asked.tiny else _REAL
    if unknown := set(asked.parts) - parts.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    # That a new topic has no leader yet is no news.
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    found: dict[str, Any] = {"machine": report.machine()}
    for part in asked.parts or [each for each in parts if asked.tiny or each not in _ON_DEMAND]:
        begun = time.monotonic()
        found[part] = parts[part]()
        took = f"{part}: {time.monotonic() - begun:.0f} s"
        print(took, json.dumps(found[part]), file=sys.stderr, flush=True)
        report.write(found, asked.out)
    print(report.table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
