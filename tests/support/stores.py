"""Stores that are put back: copies of all that a deployment keeps, and empty ones."""

import itertools
import shutil
from pathlib import Path

from sqlalchemy.engine import make_url

from deploy.kafka.broker import Failed
from services.runtime.settings import Settings
from tests.support.servers import Postgres, until


class Stores:
    """Makes stores of all services, in files or as databases of *postgres*.

    A copy is of a moment at which nobody works on it: whoever did was killed, or has stopped.
    """

    def __init__(self, folder: Path, postgres: Postgres | None) -> None:
        self._folder, self._postgres, self._numbers = folder, postgres, itertools.count(1)

    def empty(self, told: Settings) -> Settings:
        """Return the settings of *told* over stores in which nothing is."""
        if told.database:
            return self._made(told, "template0")
        return told.model_copy(update={"state_dir": self._next()})

    def copy(self, told: Settings) -> Settings:
        """Return the settings of *told* over stores as they are now."""
        if told.database:
            return self._made(told, make_url(told.database).database)
        place = self._next()
        shutil.copytree(told.state_dir, place)
        return told.model_copy(update={"state_dir": place})

    def _next(self) -> Path:
        return self._folder / f"store{next(self._numbers)}"

    def _made(self, told: Settings, template: str | None) -> Settings:
        name, found = f"{make_url(told.database or '').database}x{next(self._numbers)}", list[str]()
        # The sessions of who was killed end a moment later.
        until(lambda: self._try(name, template or "", found), f"{name} is made of {template}")
        return told.model_copy(update={"database": found[0]})

    def _try(self, name: str, template: str, found: list[str]) -> bool:
        assert self._postgres is not None, "its databases are there"
        try:
            found.append(self._postgres.database(name, template=template))
        except Failed:
            return False
        return True
