"""A small storm; `make storm` makes larger ones."""

import signal
from pathlib import Path

import pytest

from tests.kafka.storm import Size, storm
from tests.support import rubbish, workers
from tests.support.doomed import POINTS
from tests.support.servers import Kafka, Postgres

pytestmark = pytest.mark.long
SMALL = Size(
    contracts=60,
    days=20,
    kills=2,
    points=1,
    zombies=1,
    guests=1,
    leaves=1,
    brokers=1,
    databases=1,
    networks=3,
    rubbish=1,
    productions=1,
)


def test_after_a_storm_every_input_counts_once_and_every_output_stands_once(
    kafka: Kafka, postgres: Postgres, tmp_path: Path
):
    raged = storm(SMALL, 7, kafka=kafka, postgres=postgres, folder=tmp_path)

    raged.run(most_s=600)

    verified = workers.run(raged.told, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.endswith(": clean\n")
    assert raged.live == [0, 0]
    assert rubbish.not_dead_lettered_once(raged.told, raged.rubbish) == []
    # Whoever was to die at a point did.
    assert raged.met.keys() == set(POINTS)
    # Told to leave, also before it could hear that; another took over, start again. Nothing else
    # ends a worker by itself.
    assert set(raged.exits) <= {0, -signal.SIGTERM, 75}
