"""What a shell completes, and the version."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.console import duestream

COMMAND = Path(sys.executable).parent / "duestream"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("to", ["top", "topics"]),
        ("topics ", ["list", "apply", "strimzi"]),
        ("topics str", ["strimzi"]),
        ("top --js", ["--json"]),
    ],
)
def test_bash_is_offered_the_commands_that_begin_so(typed, offered):
    words = f"duestream {typed}"
    asked = {
        "_DUESTREAM_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run(
        [COMMAND], env=os.environ | asked, capture_output=True, text=True, check=False
    )

    assert done.stdout.split() == offered


def test_the_version_is_that_of_the_package():
    done = duestream("--version")

    assert (done.exit_code, done.stdout) == (0, f"duestream {version('duestream')}\n")
