"""A small storm; `make storm` makes larger ones."""

from pathlib import Path

from tests.kafka.storm import Size, storm
from tests.support.servers import Kafka, Postgres

SMALL = Size(contracts=60, days=20, kills=4, zombies=1, guests=1, brokers=1, databases=1)


def test_after_a_storm_every_input_counts_once_and_every_output_stands_once(
    kafka: Kafka, postgres: Postgres, tmp_path: Path
):
    raged, verified = storm(SMALL, 7, kafka=kafka, postgres=postgres, folder=tmp_path)

    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.endswith(": clean\n")
    assert raged.happened == {"kill": 4, "freeze": 1, "guest": 1, "broker": 1, "database": 1}
    assert raged.live == [0, 0]
    # Another took over, start again: nothing else ends a worker by itself.
    assert set(raged.exits) <= {75}
