"""The figures of workers and clock: as a table that fits 80 columns, and as JSON."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from rich.table import Table
from rich.text import Text

from schemas.values import Money
from services.cli.views.plain import plain

_NOTHING = "-"
# A record that was seen so many seconds ago and is not applied is worth a colour.
_LATE_S = 60
# By the name of a figure in JSON: of which metrics it is made, and how several samples are one.
_FIGURES: dict[str, tuple[tuple[str, ...], Callable[[list[int]], int]]] = {
    "partitions": (("duestream_partitions_owned",), sum),
    "stopped": (("duestream_partitions_stopped",), sum),
    "recovering": (("duestream_partitions_recovering",), sum),
    "behind": (("duestream_lag", "duestream_clock_unsaid"), sum),
    "behind_s": (("duestream_lag_seconds",), max),
    "day_since": (
        (
            "duestream_oldest_day_held_timestamp_seconds",
            "duestream_clock_oldest_day_not_done_timestamp_seconds",
        ),
        max,
    ),
    "outbox_rows": (("duestream_outbox_rows_waiting",), sum),
    "outbox_s": (("duestream_outbox_age_seconds",), max),
    "dead_letters": (("duestream_dead_letters_total",), sum),
    "waits": (("duestream_waits",), sum),
    "memory_bytes": (("process_resident_memory_bytes",), sum),
}


_MONEY = ("open", "credit", "overdue")
_LETTERS = ("duestream_dead_letters_open", "duestream_dead_letters_oldest_timestamp_seconds")


class OpenLetters(NamedTuple):
    """Dead letters of one reason that nobody has sent again, and when the oldest was written."""

    service: str
    reason: str
    number: int
    since: int


@dataclass(frozen=True, slots=True)
class Look:
    """What one process said of itself, or why it did not; a figure it does not have is missing."""

    address: str
    service: str = ""
    version: str = ""
    figures: tuple[tuple[str, int], ...] = ()
    dead_letters: tuple[tuple[str, int], ...] = ()
    # By currency what is open, credit and overdue, in minor units; runs by level.
    money: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    runs: tuple[tuple[str, int], ...] = ()
    letters_open: tuple[OpenLetters, ...] = ()
    error: str = ""


def look_at(address: str, text: str) -> Look:
    """Read an exposition of Prometheus; raise ValueError where it is none of ours."""
    samples = [each for found in text_string_to_metric_families(text) for each in found.samples]
    about = [each.labels for each in samples if each.name == "duestream_build_info"]
    if not about:
        raise ValueError("what answers there is not duestream")
    figures = {}
    for figure, (names, together) in _FIGURES.items():
        values = [int(each.value) for each in samples if each.name in names]
        # Counted by reason: before the first there is none.
        if values or (figure == "dead_letters" and about[0]["service"] != "clock"):
            figures[figure] = together(values or [0])
    letters = [each for each in samples if each.name == "duestream_dead_letters_total"]
    reasons = sorted((each.labels["reason"], int(each.value)) for each in letters)
    told = about[0]["service"], about[0]["version"], tuple(figures.items()), tuple(reasons)
    return Look(
        address, *told, _money(samples), _by(samples, "duestream_runs", "level"), _letters(samples)
    )


def _by(samples: Sequence[Sample], name: str, label: str) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((s.labels[label], int(s.value)) for s in samples if s.name == name))


def _money(samples: Sequence[Sample]) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for what in _MONEY:
        for currency, minor in _by(samples, f"duestream_{what}_minor", "currency"):
            found[currency][what] = minor
    return tuple((currency, tuple(of.items())) for currency, of in sorted(found.items()))


def _letters(samples: Sequence[Sample]) -> tuple[OpenLetters, ...]:
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each in samples:
        if each.name in _LETTERS:
            of = each.labels["service"], each.labels["reason"]
            found[of][_LETTERS.index(each.name)] = int(each.value)
    return tuple(OpenLetters(*of, *told) for of, told in sorted(found.items()) if told[0])


def as_json(look: Look) -> dict[str, Any]:
    """Return *look* as plain values; instants in UTC, null for a figure that is not there."""
    if look.error:
        return {"address": look.address, "error": look.error}
    figures = {name: dict(look.figures).get(name) for name in _FIGURES}
    since = figures.pop("day_since")
    return {
        "address": look.address,
        "service": look.service,
        "version": look.version,
        **figures,
        "day_not_done_since": _instant(since).isoformat() if since else None,
        "dead_letters_by_reason": dict(look.dead_letters),
        "money_minor": {currency: dict(of) for currency, of in look.money},
        "runs_by_level": dict(look.runs),
        "dead_letters_open": [
            {**each._asdict(), "since": _instant(each.since).isoformat()}
            for each in look.letters_open
        ],
    }


def table(looks: Sequence[Look]) -> Table:
    """Return a table of one line a process; what wants somebody is red, and is a word besides."""
    found = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1, 0, 0))
    # The last one may be folded; none is cut, so that no two processes look alike.
    found.add_column("service", no_wrap=True)
    for name in ("parts", "behind", "late", "unsent", "dead"):
        found.add_column(name, justify="right", no_wrap=True)
    found.add_column("day since, UTC", no_wrap=True)
    found.add_column("at", overflow="fold")
    found.add_column("wants", overflow="fold")
    for look in sorted(looks, key=lambda each: (each.service, each.address)):
        found.add_row(*_row(look))
    return found


def below(looks: Sequence[Look]) -> list[str]:
    """Return what all *looks* together say of the money and of dead letters, a line each."""
    return [*_lines_of_money(looks), *_lines_of_letters(looks)]


def _lines_of_money(looks: Sequence[Look]) -> Iterator[str]:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    runs = Counter[str]()
    for look in looks:
        for currency, of in look.money:
            sums[currency].update(dict(of))
        runs.update(dict(look.runs))
    for currency, summed in sorted(sums.items()):
        amounts = (f"{what} {Money.of(summed[what], currency).amount}" for what in _MONEY)
        yield f"{plain(currency)}: {', '.join(amounts)}"
    if runs:
        levels = ", ".join(f"{plain(level)}: {number:,}" for level, number in sorted(runs.items()))
        yield f"runs by level of their highest letter: {levels}"


def _lines_of_letters(looks: Sequence[Look]) -> Iterator[str]:
    for each in sorted({each for look in looks for each in look.letters_open}):
        of = f"{plain(each.service)}, {plain(each.reason)}: {each.number:,}"
        yield f"dead letters of {of}, the oldest of {_instant(each.since):%Y-%m-%d %H:%M} UTC"


def _row(look: Look) -> tuple[str | Text, ...]:
    at = plain(look.address.removeprefix("127.0.0.1:"))
    if look.error:
        return (*("?", *[_NOTHING] * 6), at, Text(plain(look.error), style="red"))
    figures = dict(look.figures)
    since = figures.get("day_since")
    late = figures.get("behind_s")
    return (
        plain(look.service),
        _count(figures.get("partitions")),
        _count(figures.get("behind")),
        Text(_span(late), style="red" if (late or 0) > _LATE_S else ""),
        _count(figures.get("outbox_rows")),
        _count(figures.get("dead_letters")),
        f"{_instant(since):%m-%d %H:%M}" if since else _NOTHING,
        at,
        Text(", ".join(_wants(figures)), style="red"),
    )


def _wants(figures: dict[str, int]) -> list[str]:
    words = {"stopped": "stopped", "recovering": "recovering", "waits": "servers away"}
    return [f"{figures[name]} {word}" for name, word in words.items() if figures.get(name)]


def _count(number: int | None) -> str:
    return _NOTHING if number is None else f"{number:,}"


def _span(seconds: int | None) -> str:
    """Write seconds as the largest unit that is filled twice: 90s, 12m, 5h, 3d."""
    if seconds is None:
        return _NOTHING
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
