"""What a service says, as events: ids from facts, and what caused it."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from schemas.context import Context
from schemas.days import DayBegan, DayDone
from schemas.envelope import TRACE, Event
from schemas.message import ContractMessage, Message
from schemas.values import derived_id
from services.runtime.stream.codec import unsayable
from services.runtime.stream.record import Record

S = TypeVar("S")
Process = Callable[[S, Any, Context], tuple[S, tuple[ContractMessage, ...]]]


def outcome(
    process: Process[S], state: S, message: Message, context: Context
) -> tuple[S, tuple[ContractMessage, ...]]:
    """Return what *process* makes of a message; raise Refused where it would say what none reads.

    A message of ours that its own schema refuses is no broken invariant of state: what led to it
    is dead-lettered, and nothing is changed.
    """
    wrong = None
    try:
        return process(state, message, context)
    except ValidationError as error:
        wrong = unsayable(error)
    # Not from the error: it would hold its frames where no garbage collector looks.
    raise wrong


def answer(
    service: str, message: ContractMessage, data: bytes, *, cause: Record, time: str, sequence: int
) -> Event:
    """Return *message*, encoded as *data*, as the next that *service* says of its contract."""
    return Event(
        id=message.derived_id(),
        source=f"/duestream/{service}",
        type=type(message).__name__,
        time=time,
        subject=message.contract_id,
        data=data,
        extensions=(
            ("sequence", str(sequence)),
            ("causationid", f"{cause.event.source} {cause.event.id}"),
            ("causedby", cause.place),
            *(each for each in cause.event.extensions if each[0] in TRACE),
        ),
    )


def day_done(service: str, record: Record, began: DayBegan) -> Event:
    """Return that *service* is through with a day on the partition of *record*."""
    done = DayDone(legal_entity_id=began.legal_entity_id, day=began.day)
    return Event(
        id=derived_id("DayDone", service, done.legal_entity_id, done.day),
        source=f"/duestream/{service}",
        type="DayDone",
        time=record.event.time,
        subject=done.legal_entity_id,
        data=done.model_dump_json().encode(),
        extensions=(("causedby", record.place),),
    )
