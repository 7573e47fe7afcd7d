"""The acts of a contract that are open: their intent is said, their outcome is not taken yet."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from pydantic import AwareDatetime, ConfigDict

from schemas.envelope import Event
from schemas.frozen import frozen, replace
from schemas.message import ContractMessage
from schemas.outcomes import ActBegan, ActNote, ActPutOff, ActUnknown
from services.runtime.stream import codec


@frozen()
class OpenAct:
    """An intent as it was said, its place in the outbox, and what is known of its act."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        ser_json_bytes="base64", val_json_bytes="base64"
    )

    effect: str
    topic: str
    event: Event
    seq: int = -1
    # The last attempt that began; 0 for none.
    attempt: int = 0
    phase: Literal["waits", "began", "unknown"] = "waits"
    # When the first attempt began; and before when it is not tried again.
    first_at: AwareDatetime | None = None
    until: AwareDatetime | None = None

    @property
    def id(self) -> str:
        """The event id of the intent, under which the act is done."""
        return self.event.id


Acts = tuple[OpenAct, ...]


class Acting(Protocol):
    """Whoever does the acts: is told, after each commit, what is new and what is over."""

    def committed(
        self, opened: Sequence[tuple[int, OpenAct]], settled: Sequence[tuple[int, str]]
    ) -> None:
        """Hear of intents that are in the store, and of ids whose outcome was taken."""

    async def rest(self) -> None:
        """Before others take over: begin nothing, and let end what is amid, for a while."""


class Nobody:
    """Does no acts: of a service without effects, and of a replay."""

    def committed(
        self, opened: Sequence[tuple[int, OpenAct]], settled: Sequence[tuple[int, str]]
    ) -> None:
        """Do nothing."""

    async def rest(self) -> None:
        """Do nothing."""


def opened(acts: Acts, effect: str, topic: str, event: Event) -> Acts:
    """Return *acts* and the one that *event* intends."""
    assert find(acts, event.id) is None, "an intent is said once: its id names the attempt"
    return (*acts, OpenAct(effect, topic, event))


def find(acts: Acts, effect_id: str) -> OpenAct | None:
    """Return the open act of this id."""
    return next((each for each in acts if each.id == effect_id), None)


def noted(acts: Acts, said: ActNote) -> Acts:
    """Return *acts* with what is *said* of one of them; of a past attempt that is nothing."""
    return tuple(_noted(each, said) if each.id == said.effect_id else each for each in acts)


def numbered(acts: Acts, effect_id: str, seq: int) -> Acts:
    """Return *acts* of which one has its place in the outbox."""
    return tuple(replace(each, seq=seq) if each.id == effect_id else each for each in acts)


def settled(acts: Acts, effect_id: str) -> Acts:
    """Return *acts* without the one whose outcome was taken."""
    return tuple(each for each in acts if each.id != effect_id)


def note(kind: type[ActBegan] | type[ActPutOff] | type[ActUnknown], act: OpenAct) -> ActNote:
    """Return what is to be said of how far *act* has come, in its last attempt."""
    said = {"contract_id": act.event.subject, "effect_id": act.id, "attempt": act.attempt}
    more = {"first_at": act.first_at, "until": act.until}
    return kind.model_validate(said | {n: at for n, at in more.items() if n in kind.model_fields})


def begun(act: OpenAct, *, at: datetime) -> OpenAct:
    """Return *act* in its next attempt, which begins *at* a time."""
    first_at = act.first_at or at
    return replace(act, attempt=act.attempt + 1, phase="began", first_at=first_at, until=None)


def event_of(service: str, message: ContractMessage, *, time: str) -> Event:
    """Return what *service* says of an act, an outcome or how far it has come."""
    return Event(
        id=message.derived_id(),
        source=f"/duestream/{service}",
        type=type(message).__name__,
        time=time,
        subject=message.contract_id,
        data=codec.encoded(message),
    )


def _noted(act: OpenAct, said: ActNote) -> OpenAct:
    if isinstance(said, ActBegan):
        first_at = said.first_at or act.first_at
        return replace(act, attempt=said.attempt, phase="began", first_at=first_at, until=None)
    if said.attempt != act.attempt:
        return act
    if isinstance(said, ActPutOff):
        return replace(act, phase="waits", until=said.until)
    return replace(act, phase="unknown")
