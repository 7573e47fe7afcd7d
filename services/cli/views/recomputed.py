"""What was charged or billed beside what comes out again, line by line: on the screen, as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from services.cli.views.plain import plain
from services.cli.words.language import Language

# By what the parts of a list are told apart.
_NAMES = ("line_id", "grant_id", "invoice_id")


class Deviation(NamedTuple):
    """A value that came out in another way; None where there is none."""

    where: str
    was: Any
    again: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """A charge or document, and how it differs from what was recomputed."""

    kind: str
    name: str
    deviations: tuple[Deviation, ...]


def deviations(was: Any, again: Any, where: str = "") -> Iterator[Deviation]:
    """Yield where two JSON values differ; lines are compared by what they are called."""
    if isinstance(was, Mapping) and isinstance(again, Mapping) and not _is_money(was, again):
        for name in dict.fromkeys((*was, *again)):
            inside = f"{where}.{name}" if where else name
            yield from deviations(was.get(name), again.get(name), inside)
    elif isinstance(was, list) and isinstance(again, list):
        yield from deviations(_named(was), _named(again), where)
    elif was != again:
        yield Deviation(where, was, again)


def _is_money(*values: Mapping[str, Any]) -> bool:
    return all(each.keys() == {"amount", "currency"} for each in values)


def _named(parts: list[Any]) -> dict[str, Any]:
    """Return *parts* by their names, else by their places."""
    return {_name(each, place): each for place, each in enumerate(parts, 1)}


def _name(part: Any, place: int) -> str:
    if isinstance(part, Mapping):
        for name in _NAMES:
            if name in part:
                return str(part[name])
    return str(place)


def as_json(compared: list[Comparison]) -> list[dict[str, Any]]:
    """Return *compared* as plain values."""
    return [
        {
            "kind": each.kind,
            "name": each.name,
            "differences": [one._asdict() for one in each.deviations],
        }
        for each in compared
    ]


def show(compared: list[Comparison], console: Console, says: Language) -> None:
    """Print *compared* for a person."""
    for each in compared:
        key = "recomputed.differs" if each.deviations else "recomputed.same"
        title = says.say(key, kind=says.word("recomputed", each.kind), name=each.name)
        console.print(Text(plain(title), style="bold"), soft_wrap=True)
        for one in each.deviations:
            console.print(Text(plain(f"  {_line(one, says)}")), soft_wrap=True)


def _line(one: Deviation, says: Language) -> str:
    if not one.where:
        return says.say("recomputed.gone")
    was, again = _text(one.was), _text(one.again)
    return says.say("recomputed.line", where=one.where, was=was, again=again)


def _text(value: Any) -> str:
    if isinstance(value, Mapping) and _is_money(value):
        return f"{value['amount']} {value['currency']}"
    return "-" if value is None else str(value)
