"""``duestream backup``: copies of the stores, made while workers are at work."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.cli.plumbing.cluster import read_settings
from services.cli.plumbing.failure import fail
from services.registry import DECLARED
from services.runtime.settings import Settings
from services.runtime.store.backup import Damaged, NotCopied, back_up


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder, in which the copies will be")],
) -> None:
    """Copy the store of each service into a folder, each as of one moment, and check the copies.

    Example: duestream backup /backups/2026-02-01

    Workers go on meanwhile. A copy that comes back is brought to the end of what is published by
    its worker. Stores in PostgreSQL are copied with its own tools: docs/backups.md says how.
    """
    settings = read_settings()
    if settings.database:
        do = "copy it with pg_basebackup or pg_dump, as docs/backups.md says"
        fail("the stores are in PostgreSQL", where="DUESTREAM_DATABASE", do=do)
    files = [file for name in DECLARED if (file := settings.store_file(name)).exists()]
    if not files:
        fail("there is no store", where=settings.state_dir, do="see DUESTREAM_STATE_DIR")
    if folder.exists():
        fail("this is there already", where=folder, do="name a new folder: no copy is written over")
    folder.mkdir(parents=True)
    console = Console(highlight=False, soft_wrap=True)
    for file in files:
        try:
            back_up(file, folder / file.name)
        except Damaged as damaged:
            do = "begin with an older copy or an empty store: its worker brings it to the end"
            fail(f"the store is damaged: {damaged}", where=file, do=do)
        except NotCopied as fault:
            target, do = folder / file.name, "see that there is room, and that it may be written"
            fail(f"{file.name} cannot be copied: {fault}", where=target, do=do)
        console.print(f"copied {file.name}, {(folder / file.name).stat().st_size:,} bytes, whole")
    for what, place in _beside(settings):
        console.print(f"keep {what}, too: {place}")


def _beside(settings: Settings) -> list[tuple[str, Path]]:
    """Return what belongs to every backup and is no store: no replay makes it again."""
    kept = (("the documents", settings.documents_dir), ("the letters", settings.letters_dir))
    return [(what, place) for what, place in kept if place is not None]
