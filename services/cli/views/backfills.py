"""Sets of usage and what closing them would change: on the screen, and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from schemas.values import Money
from services.cli.views.plain import plain
from services.cli.words.language import Language
from services.usage.model import Backfill
from services.usage.preview import EffectOfSet
from services.usage.rating.lines import text


class ChangeBySet(NamedTuple):
    """What closing a set would change, and the document that has what was charged before."""

    effect: EffectOfSet
    document: str | None


@dataclass(frozen=True, slots=True)
class SetOfUsage:
    """A set of one contract; *at* is when its last message was said, *backfill* is of an open one.

    *changes* are those of closing it now.
    """

    contract_id: str
    state: str
    at: datetime
    backfill: Backfill | None = None
    events: int = 0
    currency: str = ""
    changes: tuple[ChangeBySet, ...] = ()

    @property
    def net(self) -> int:
        """What all changes come to, in the minor unit."""
        return sum(each.effect.net for each in self.changes)


def as_json(found: Sequence[SetOfUsage]) -> list[dict[str, Any]]:
    """Return *found* as plain values."""
    return [_set(each) for each in found]


def _set(each: SetOfUsage) -> dict[str, Any]:
    fields: dict[str, Any] = {"contract_id": each.contract_id, "state": each.state}
    fields["said_at"] = each.at.isoformat()
    if each.backfill is not None:
        fields |= {
            "meter": each.backfill.meter,
            "from": each.backfill.stretch.from_on.isoformat(),
            "until": each.backfill.stretch.until.isoformat(),
            "replaces": each.backfill.replaces,
            "events": each.events,
            "changes": [_change(one, each.currency) for one in each.changes],
            "net": Money.of(each.net, each.currency).model_dump(),
        }
    return fields


def _change(each: ChangeBySet, currency: str) -> dict[str, Any]:
    effect = each.effect
    fields = {
        "from": effect.period.from_on.isoformat(),
        "until": effect.period.until.isoformat(),
        "is_closed": effect.is_closed,
        "component_id": effect.component_id,
        "group": dict(effect.group) or None,
        "quantity": text(effect.quantity),
        "net": Money.of(effect.net, currency).model_dump(),
        "document": each.document,
    }
    return {name: value for name, value in fields.items() if value is not None}


def show(found: Sequence[SetOfUsage], console: Console, says: Language) -> None:
    """Print *found* for a person."""
    for each in found:
        for line in _lines(each, says):
            console.print(Text(plain(line)), soft_wrap=True)


def _lines(each: SetOfUsage, says: Language) -> Iterator[str]:
    if each.backfill is None:
        key = f"backfill.{each.state}"
        yield says.say(key, contract=each.contract_id, at=each.at)
        return
    yield says.say(
        "backfill.open",
        contract=each.contract_id,
        meter=each.backfill.meter,
        span=says.span(*each.backfill.stretch),
        instead=says.say("usage.instead") if each.backfill.replaces else "",
        events=each.events,
    )
    for one in each.changes:
        yield f"  {_told(one, each.currency, says)}"
    yield says.say("backfill.net", net=Money.of(each.net, each.currency))


def _told(each: ChangeBySet, currency: str, says: Language) -> str:
    effect = each.effect
    group = ", ".join(f"{name} {value}" for name, value in effect.group.items())
    return says.say(
        "backfill.change",
        component=effect.component_id,
        group=f" ({group})" if group else "",
        span=says.span(*effect.period),
        quantity=Decimal(text(effect.quantity)),
        net=Money.of(effect.net, currency),
        document=says.part("backfill.corrects", number=each.document)
        or says.say("backfill.late" if effect.is_closed else "backfill.running"),
    )
