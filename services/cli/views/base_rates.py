"""What a run lacks of base rates: letters without interest, letters held, half-years that end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from pydantic import ValidationError

from schemas.decisions import StepDecided
from schemas.envelope import DeadLetter, Event
from schemas.message import Message
from schemas.reminders import ReminderCreated
from schemas.terms import LegalEntityPublished, PolicyPublished
from services.cli.words.language import ENGLISH, last_before
from services.dunning.damages.interest import loaded_until

# The Bundesbank says the rate of a half-year in the last days of the one before it.
AHEAD = timedelta(days=31)
NAMED_AT_MOST = 5
PUBLISH = "publish it in base_rates of the legal entity"

M = TypeVar("M", bound=Message)
Log = Mapping[str, Sequence[Event | DeadLetter]]


def lacking(log: Log, *, until: date) -> list[str]:
    """Return what is to be said of a run through the day *until* (R-93b)."""
    return [*_letters(log), *_held(log), *_half_years(log, until)]


def _letters(log: Log) -> Iterator[str]:
    letters = [m for m in _said(log, "reminders", ReminderCreated) if m.no_base_rate_from]
    if letters:
        first = min(m.no_base_rate_from for m in letters if m.no_base_rate_from)
        who = _named(m.contract_id for m in letters)
        what = f"letters without interest from {first} on, for no base rate is loaded"
        yield f"{what}: {len(letters):,} ({who}); {PUBLISH}"


def _held(log: Log) -> Iterator[str]:
    decided = _said(log, "decisions", StepDecided)
    held = {m.contract_id for m in decided if (m.rule, m.outcome) == ("R-93", "held")}
    if held:
        what = "contracts whose letters were held, for no base rate is loaded"
        yield f"{what}: {len(held):,} ({_named(held)}); {PUBLISH}"


def _half_years(log: Log, until: date) -> Iterator[str]:
    """Look ahead for who demands interest, in each policy's legal entity as it was said last."""
    entities = {m.legal_entity_id: m for m in _said(log, "days", LegalEntityPublished)}
    charging = {m.legal_entity_id for m in _said(log, "days", PolicyPublished) if m.interest}
    for name in sorted(charging & entities.keys()):
        ends = loaded_until(entities[name].base_rates)
        if until >= ends:
            yield f"{name}: no base rate is loaded from {ends} on; {PUBLISH}"
        elif until + AHEAD >= ends:
            loaded = f"base rates are loaded {ENGLISH.until(last_before(ends))}"
            yield f"{name}: {loaded}, the next is needed from {ends} on; {PUBLISH}"


def _said(log: Log, topic: str, shape: type[M]) -> list[M]:
    return [m for event in log.get(topic, ()) if (m := _read(event, shape)) is not None]


def _read(event: Event | DeadLetter, shape: type[M]) -> M | None:
    if not isinstance(event, Event) or event.type != shape.__name__:
        return None
    try:
        return shape.model_validate_json(event.data)
    except ValidationError:
        return None


def _named(contracts: Iterable[str]) -> str:
    found = sorted(set(contracts))
    more = len(found) - NAMED_AT_MOST
    return ", ".join(found[:NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")
