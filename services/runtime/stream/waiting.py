"""What waits for a fact at a contract: how much may, for how long, and what is not at home here."""

from collections.abc import Iterable
from datetime import date, timedelta

from schemas.frozen import replace
from schemas.message import Refused
from services.runtime.stream.changes import Decoded
from services.runtime.stream.contract import Waiting
from services.runtime.stream.record import Record
from services.runtime.worker import Wake

WAITING_MOST = 100
# They stand in one row, beside the contract's state.
WAITING_BYTES = 1_000_000
WAITING_BOUND = timedelta(days=30)


def queued(
    waiting: tuple[Waiting, ...], decoded: Decoded, *, today: date | None
) -> tuple[Waiting, ...]:
    """Return *waiting* with one more; raise Refused where that is too many, or too much."""
    if len(waiting) == WAITING_MOST:
        raise Refused("unreferenced", "too many records of the contract wait already")
    records = (decoded.record, *(each.record for each in waiting))
    if sum(each.size for each in records) > WAITING_BYTES:
        raise Refused("unreferenced", "too much of the contract waits already")
    until = today + WAITING_BOUND if today else None
    return (*waiting, Waiting(decoded.record, until, decoded.names))


def bounded(waiting: Iterable[Waiting], today: date) -> tuple[Waiting, ...]:
    """Return *waiting*, each with a bound: what came before the first day gets it from that."""
    bound = today + WAITING_BOUND
    return tuple(each if each.until else replace(each, until=bound) for each in waiting)


def elsewhere(home: int) -> Refused:
    """Return why a record is dead-lettered whose contract is kept on the partition *home*."""
    return Refused("elsewhere", f"the contract is kept on partition {home}")


def on_day(each: Waiting, day: Record) -> str:
    """Name what waits on a day, apart from when it came: by then its contract may be known."""
    return f"{each.record.place} on {day.place}"


def woken_by(waiting: tuple[Waiting, ...], wake: Wake) -> Wake:
    """Return *wake*, earlier where what waits asks for it.

    What came before the first day has no bound yet; the first day gives it one. What waits for a
    legal entity is woken by the first day of any that is new, and by each day: the contract may
    be registered elsewhere by now.
    """
    if not waiting:
        return wake
    is_new = wake.legal_entity_id is None
    bounds = [date.min if is_new else each.until or date.min for each in waiting]
    return replace(
        wake,
        on=min([*bounds, *([wake.on] if wake.on else [])]),
        at_new_terms=wake.at_new_terms or is_new,
    )
