"""What became of each event of a file: on the screen, and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from schemas.envelope import Event
from services.cli.views.plain import plain
from services.cli.words.language import Language
from services.usage.fate import Counted, Fate
from services.usage.rating.lines import text
from services.usage.rating.tiers import EnteredTier

# A dead letter came of these.
PUT_ASIDE = ("conflict", "too_late", "refused")


class Placed(NamedTuple):
    """What an event counts for, whether that is charged, and on which document it stands."""

    counted: Counted
    group: Mapping[str, str]
    is_charged: bool
    document: str | None


@dataclass(frozen=True, slots=True)
class FateOfLine:
    """What became of a line of a file; *event* is None where it is none."""

    place: str
    event: Event | None
    kind: str
    why: str = ""
    fate: Fate | None = None
    places: tuple[Placed, ...] = ()


def counts(found: Sequence[FateOfLine]) -> dict[str, int]:
    """Return how many lines have which fate; together they are all lines."""
    return dict(sorted(Counter(each.kind for each in found).items()))


def as_json(found: Sequence[FateOfLine]) -> dict[str, Any]:
    """Return *found* as plain values."""
    return {"counts": counts(found), "lines": [_line(each) for each in found]}


def _line(each: FateOfLine) -> dict[str, Any]:
    event, fate = each.event, each.fate
    period = fate.period if fate else None
    fields = {
        "place": each.place,
        "source": event.source if event else None,
        "id": event.id if event else None,
        "contract_id": event.subject if event else None,
        "fate": each.kind,
        "why": each.why or None,
        "period": dict(zip(("from", "until"), map(str, period), strict=True)) if period else None,
        "counts_for": [_placed(one) for one in each.places] or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _placed(each: Placed) -> dict[str, Any]:
    fields = {
        "component_id": each.counted.component_id,
        "group": dict(each.group) or None,
        "quantity": text(each.counted.units),
        "tiers": [_tier(tier) for tier in each.counted.tiers] or None,
        "charged": each.is_charged,
        "document": each.document,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _tier(tier: EnteredTier) -> dict[str, Any]:
    return {
        "up_to": None if tier.up_to is None else text(tier.up_to),
        "free": tier.free,
    }


@dataclass(frozen=True, slots=True)
class FatesView:
    """Prints fates for a person, in a language."""

    says: Language

    def show(self, found: Sequence[FateOfLine], console: Console) -> None:
        """Print a line for each event of usage, and how many have which fate."""
        for each in found:
            if each.kind != "other":
                console.print(Text(plain(self._sentence(each))), soft_wrap=True)
        told = ", ".join(
            f"{n:,} {self.says.word('fate', kind)}" for kind, n in counts(found).items()
        )
        total = self.says.say("fate.total", lines=len(found), told=told)
        console.print(Text(total, style="bold"), soft_wrap=True)

    def _sentence(self, each: FateOfLine) -> str:
        name = f"{each.event.subject} {each.event.id}" if each.event else ""
        what = self.says.word("fate", each.kind)
        why = f": {each.why}" if each.why else ""
        return f"{each.place}  {name}  {what}{why}{'; '.join(self._places(each))}"

    def _places(self, each: FateOfLine) -> Iterator[str]:
        assert not each.places or (each.fate and each.fate.period), "what counts has a period"
        for n, one in enumerate(each.places):
            group = ", ".join(f"{name} {value}" for name, value in one.group.items())
            told = self.says.say(
                "fate.place",
                quantity=Decimal(text(one.counted.units)),
                component=one.counted.component_id,
                group=f" ({group})" if group else "",
                tiers=self.says.part("fate.tiers", tiers=self._tiers(one.counted.tiers)),
                document=self._document(one),
            )
            yield told if n else f": {told}"

    def _tiers(self, tiers: Sequence[EnteredTier]) -> str:
        return self.says.listed(self._tier(each) for each in tiers) if tiers else ""

    def _tier(self, tier: EnteredTier) -> str:
        if tier.free:
            return self.says.say("fate.free")
        if tier.up_to is None:
            return self.says.say("standing.beyond")
        return self.says.say("standing.up_to", up_to=Decimal(text(tier.up_to)))

    def _document(self, one: Placed) -> str:
        if one.document is not None:
            return self.says.say("fate.document", number=one.document)
        return self.says.say("fate.charged" if one.is_charged else "fate.uncharged")
