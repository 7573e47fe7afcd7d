"""What a command says: as any producer outside, on Kafka or into a file for a run."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.envelope import Event
from schemas.message import ContractMessage
from services.cli.plumbing.failure import fail


def event_of(message: ContractMessage, *, id_: str, source: str, at: datetime) -> Event:
    """Return the event that says *message* at an instant."""
    return Event(
        id=id_,
        source=source,
        type=type(message).__name__,
        time=at.isoformat(timespec="seconds"),
        subject=message.contract_id,
        data=message.model_dump_json(exclude_none=True).encode(),
    )


def now() -> datetime:
    """Return the instant: what is said outside of the log is said when it is said."""
    return datetime.now(UTC)  # noqa: TID251 - outside


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the last second of *day*: a run over files hears all else of the day before it."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(time_zone))


def leave(events: Iterable[Event], file: Path) -> None:
    """Write *events* to *file*, one a line; end the command where that cannot be."""
    try:
        file.write_bytes(b"".join(event.to_line() + b"\n" for event in events))
    except OSError as error:
        what = f"the file cannot be written: {(error.strerror or 'unknown').lower()}"
        fail(what, where=file, do="choose another with --write")
