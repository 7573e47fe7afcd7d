"""``duestream rebuild`` where it cannot begin; what it makes is tested in simulated worlds."""

import pytest
from rich.console import Console

from services.cli.commands import rebuild
from services.runtime.ops.rebuild import Rebuilt
from tests.support.console import duestream


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (["billing"], "no service is called billing"),
        (["dunning", "--partition", "4"], "there is no partition 4"),
    ],
)
def test_a_wrong_call_deletes_nothing(told, said, tmp_path):
    folder = tmp_path / "stores"

    result = duestream("rebuild", *told, DUESTREAM_STATE_DIR=str(folder), DUESTREAM_PARTITIONS="4")

    assert result.exit_code == 1
    assert said in result.stderr
    assert not folder.exists()


def test_what_became_of_each_partition_is_said():
    console = Console(record=True, width=120, quiet=False)

    for each in (
        Rebuilt(0, 1233),
        Rebuilt(1, 7, has_gone_on=True),
        Rebuilt(2, -1),
        Rebuilt(3, 4, why="the order on Kafka lacks record 5"),
    ):
        rebuild._show(each, console)

    assert console.export_text().splitlines() == [
        "partition 0: made anew, 1,234 order records",
        "partition 1: gone on with, 8 order records",
        "partition 2: made anew, 0 order records",
        "stopped partition 3: the order on Kafka lacks record 5",
    ]
