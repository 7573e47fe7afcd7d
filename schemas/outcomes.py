"""What became of acts upon the world: internal messages, on ``<service>.outcomes``."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from schemas.instants import Instant
from schemas.message import ContractMessage
from schemas.values import Name

Attempt = Annotated[int, Field(ge=1, le=2**31 - 1)]


class PutOff(Exception):
    """An act that surely did not happen, and may when it is tried again; raised by the act.

    Not before *until*, where the act knows a time; else after the gap that its effect declares.
    """

    def __init__(self, until: datetime | None = None) -> None:
        super().__init__()
        self.until = until


class ActOutcome(ContractMessage):
    """What an act came to; a service declares its own kinds, and decides from them alone.

    ``effect_id`` is the event id of the intent. An intent has one outcome; later ones are refused.
    """

    identity: ClassVar[tuple[str, ...]] = ("effect_id",)

    effect_id: Name


class ActNote(ContractMessage):
    """How far an act has come that has no outcome yet; the runtime hears it, no service does."""

    identity: ClassVar[tuple[str, ...]] = ("effect_id", "attempt")

    effect_id: Name
    attempt: Attempt


class ActBegan(ActNote):
    """It may have happened from here on; said before it is tried."""

    # When its first attempt began: how long it has been tried.
    first_at: Instant | None = None


class ActPutOff(ActNote):
    """This attempt did not happen, or may be repeated under the same id."""

    # Before which it is not tried again.
    until: Instant | None = None


class ActUnknown(ActNote):
    """Nobody knows whether it happened; it waits for an outcome that a person says."""


NOTES = (ActBegan, ActPutOff, ActUnknown)
