"""A worker of the letters service that acts on a folder, and dies where a file there tells it to.

python -m tests.support.lettering FOLDER: a line in ``done`` for each act; where ``doom`` names a
point, it renames that file and ends by SIGKILL.
"""

import os
import signal
import sys
from pathlib import Path

from services.cli.plumbing.cluster import read_settings
from services.runtime.kafka import launch
from services.runtime.kafka.app import build
from tests.support.letters import sent, with_acts

BEGUN, DONE = "act begun", "act done"


class Post:
    """Appends what is done to a file that outlives the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, intent):
        self._at(f"{BEGUN} {intent.message.channel}")
        with (self._folder / "done").open("a") as done:
            done.write(f"{intent.message.channel} {intent.message.delivery_id} {intent.id}\n")
            done.flush()
            os.fsync(done.fileno())
        self._at(f"{DONE} {intent.message.channel}")
        return sent(intent)

    def _at(self, point: str) -> None:
        doom = self._folder / "doom"
        if doom.exists() and doom.read_text() == point:
            doom.rename(self._folder / "fulfilled")
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    worker, settings = with_acts(Post(Path(sys.argv[1]))), read_settings()
    sys.argv[1:] = []  # Faust would read them
    launch.prepare(worker, settings)
    launch.run(build(worker, settings))


if __name__ == "__main__":
    main()
