"""Where the store of a service is, for commands that read it."""

from pathlib import Path

from services.cli.plumbing.cluster import read_settings
from services.cli.plumbing.failure import fail


def store_of(service: str, file: Path | None, *, do: str) -> tuple[str, object]:
    """Return the database's address, and what to call it: it may hold a password.

    Without a *file* they are those of the workers; *do* says what to do where there are none.
    """
    if file is None:
        settings = read_settings()
        if settings.database is not None:
            return settings.database, "DUESTREAM_DATABASE"
        file = settings.store_file(service)
    if not file.is_file():
        fail(f"there is no store of {service}", where=file, do=do)
    return f"sqlite+aiosqlite:///{file}", file
