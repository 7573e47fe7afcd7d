"""A bug as data, and a copy of the tree in which it lives as long as somebody looks for it."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_COPIED = ("services", "schemas", "tests", "examples", "deploy", "pyproject.toml")
_GIVEN_UP_S = 900
_SEED = re.compile(r"^seed (\d+)", re.MULTILINE)


class Change(NamedTuple):
    """In *file*, the text *old*, which stands there once, becomes *new*."""

    file: str
    old: str
    new: str

    def is_possible(self, root: Path) -> bool:
        return (root / self.file).read_text().count(self.old) == 1


class Worlds(NamedTuple):
    """Caught by the simulation, in one of so many worlds."""

    count: int = 400
    first: int = 0

    def command(self) -> list[str]:
        told = ("--seeds", str(self.count), "--from", str(self.first), "--stop")
        return ["-m", "tests.simulation", *told]


class Suite(NamedTuple):
    """Caught by a test, a file of tests, or a folder."""

    name: str

    def command(self) -> list[str]:
        return ["-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", self.name]


@dataclass(frozen=True)
class Bug:
    """What is wrong, by which changes, and what must notice."""

    name: str
    changes: tuple[Change, ...]
    caught_by: Worlds | Suite


class Catch(NamedTuple):
    """Whether a bug was caught, where, and how long that took."""

    caught: bool
    where: str
    seconds: float


@contextmanager
def planted(bug: Bug, tree: Path) -> Iterator[None]:
    """Change *tree* for the block, and put it back."""
    kept = {change.file: (tree / change.file).read_text() for change in bug.changes}
    for change in bug.changes:
        assert change.is_possible(tree), f"{bug.name}: {change.file} has changed"
        path = tree / change.file
        path.write_text(path.read_text().replace(change.old, change.new))
    try:
        yield
    finally:
        for file, text in kept.items():
            (tree / file).write_text(text)


def copy_tree(folder: Path) -> Path:
    """Return a copy of what runs and what tests it."""
    for name in _COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def look_for(bug: Bug, tree: Path) -> Catch:
    """Say whether *bug*, where it is planted in *tree*, is caught."""
    began = time.monotonic()
    # Bytecode is judged by time and size of its source: a change within a second might not count.
    told = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *bug.caught_by.command()],
        cwd=tree,
        env=told,
        capture_output=True,
        text=True,
        timeout=_GIVEN_UP_S,
    )
    took = time.monotonic() - began
    # 1 is what both say where something is wrong with what they look at, and nothing else is.
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{bug.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    if isinstance(bug.caught_by, Suite):
        return Catch(done.returncode == 1, bug.caught_by.name.removeprefix("tests/"), took)
    seed = _SEED.search(done.stdout)
    return Catch(seed is not None, f"seed {seed[1]}" if seed else "no world", took)
