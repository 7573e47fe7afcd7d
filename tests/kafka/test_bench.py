"""The bench still works: all of its parts, so small that they say nothing about speed."""

import json
import subprocess
import sys

import pytest

from tests.support.servers import Kafka, Postgres

pytestmark = pytest.mark.alone
BOOKS = ("plain loop, postgres", "postgres", "sqlite", "postgres, 2 workers")


def test_every_part_of_the_bench_measures_something(kafka: Kafka, postgres: Postgres, tmp_path):
    out = tmp_path / "bench.json"
    command = [sys.executable, "-m", "bench", "--tiny", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]

    found = json.loads(out.read_text())
    parts = [
        "dunning",
        "usage",
        "latency",
        "million",
        "billing",
        "closing",
        "documents",
        "stages",
        "backlog",
    ]
    assert list(found) == ["machine", *parts]
    for part in ("dunning", "usage"):
        assert list(found[part]) == ["empty loop", "stock Faust", *BOOKS]
        assert {found[part][each]["messages"] for each in BOOKS} == {62 if part == "usage" else 60}
    assert {each["messages"] for each in found["latency"].values()} == {200}
    assert {each["invoices"] for each in found["billing"].values()} == {50}
    # Of 5,000 contracts one of a hundred is due, and what the multiplied ones came from.
    assert found["million"]["day"]["woken"] == 59
    assert [*found["stages"]] == ["usage, 20 records at once", "dunning, 20 records at once"]
    assert found["backlog"]["postgres"]["messages"] == 2_000
    assert "x stock Faust" in done.stdout
