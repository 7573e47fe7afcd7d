"""A worker of the receipts projection, which dies where a file tells it to.

python -m tests.support.receiving FOLDER VERSION: where ``doom`` names a point, it renames that file
and ends by SIGKILL.
"""

import os
import signal
import sys
from pathlib import Path

from services.cli.plumbing.cluster import read_settings
from services.runtime.kafka import launch
from services.runtime.kafka.app import compose_projection
from services.runtime.store.database import Database
from services.runtime.store.read_model import ReadModel
from tests.support.receipts import version

WRITTEN, COMMITTED = "rows are written", "rows are committed"


class Doomed(ReadModel):
    """A store that dies before or behind the commit of rows."""

    folder = Path()

    async def write(self, tx, table, rows):
        await super().write(tx, table, rows)
        # Positions are the last that is written.
        if table is self.edition.places and any(row["next"] for row in rows):
            self._at(WRITTEN)

    async def put(self, epochs, drafts, *, seen, places):
        await super().put(epochs, drafts, seen=seen, places=places)
        if drafts.written():
            self._at(COMMITTED)

    def _at(self, point):
        doom = self.folder / "doom"
        if doom.exists() and doom.read_text() == point:
            doom.rename(self.folder / "fulfilled")
            os.kill(os.getpid(), signal.SIGKILL)


def main():
    folder, projection, settings = Path(sys.argv[1]), version(int(sys.argv[2])), read_settings()
    sys.argv[1:] = []  # Faust would read them
    database = Database(settings.database_url(projection.name), projection.name)
    store = Doomed(projection, database)
    store.folder = folder
    launch.prepare(projection, settings)
    launch.run(compose_projection(projection, settings, store=store))


if __name__ == "__main__":
    main()
