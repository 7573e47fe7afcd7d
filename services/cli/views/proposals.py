"""What a mass run over write-offs says: on the screen, and as JSON."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.terms import LegalEntityPublished
from schemas.values import LegalEntityId, Money
from services.cli.views.plain import plain
from services.cli.views.summary import SHOWN_AT_MOST
from services.cli.words.language import ENGLISH
from services.dunning.mass_write_off import Proposal


@dataclass(frozen=True, slots=True)
class Case:
    """What becomes of a contract, and where it is kept."""

    proposal: Proposal
    partition: int
    legal_entity_id: LegalEntityId


@dataclass(frozen=True, slots=True)
class Review:
    """All contracts that owe on a day, and up to which day the store knows what they owe."""

    on: date
    cases: Sequence[Case]
    come_to: date | None
    entities: Mapping[LegalEntityId, LegalEntityPublished]

    def written_off(self) -> list[Case]:
        """Return the contracts that are to be written off."""
        return [each for each in self.cases if each.proposal.is_written_off]

    def left(self) -> list[Case]:
        """Return the contracts that something speaks against."""
        return [each for each in self.cases if not each.proposal.is_written_off]


def as_json(review: Review, *, executed: bool) -> dict[str, Any]:
    """Return *review* as plain values."""
    return {
        "as_of": review.on.isoformat(),
        "executed": executed,
        "books_come_to": review.come_to.isoformat() if review.come_to else None,
        "written_off": [_line(each.proposal) for each in review.written_off()],
        "totals": {each.currency: each.amount for each in _totals(review.written_off())},
        "left": [
            _line(each.proposal) | {"reasons": [r._asdict() for r in each.proposal.reasons]}
            for each in review.left()
        ],
    }


def show(review: Review, console: Console, *, executed: bool) -> None:
    """Print *review* for a person: what goes, what is left and why, and what to do next."""
    going, left = review.written_off(), review.left()
    first = "written off" if executed else "to write off"
    for title, cases in ((first, going), ("left", left)):
        if cases:
            console.print(_table(title, cases))
            console.print()
    totals = " and ".join(ENGLISH.written(each) for each in _totals(going)) or "nothing"
    verb = "written off" if executed else "would be written off"
    console.print(f"{len(going):,} contracts with {totals} {verb}, {len(left):,} left")
    for line in _notes(review, executed=executed):
        console.print(Text(line, style="dim"))


def _line(proposal: Proposal) -> dict[str, Any]:
    return {
        "contract_id": proposal.contract_id,
        "open": proposal.open.model_dump(),
        "receivables": proposal.receivables,
        "newest_overdue_days": proposal.newest_overdue_days,
    }


def _totals(cases: Sequence[Case]) -> list[Money]:
    """Return what is open in each currency; different ones are never added."""
    sums: dict[str, int] = defaultdict(int)
    for each in cases:
        sums[each.proposal.open.currency] += each.proposal.open.minor
    return [Money.of(minor, currency) for currency, minor in sorted(sums.items())]


def _notes(review: Review, *, executed: bool) -> Iterator[str]:
    reasons = Counter(r.code for each in review.left() for r in each.proposal.reasons)
    if reasons:
        yield "left for: " + ", ".join(f"{n:,} {code}" for code, n in sorted(reasons.items()))
    if review.come_to is None or review.come_to < review.on:
        yield f"the store has come to {review.come_to or 'no day'} only"
    if not executed and review.written_off():
        yield "nothing was done: --execute --by WHO gives the order"


def _table(title: str, cases: Sequence[Case]) -> Table:
    table = Table(title, box=None, pad_edge=False, header_style="bold")
    for name in ("open", "receivables", "newest overdue"):
        table.add_column(name, justify="right")
    table.add_column("why" if title == "left" else "")
    for each in [each.proposal for each in cases[:SHOWN_AT_MOST]]:
        table.add_row(
            Text(plain(each.contract_id)),
            ENGLISH.written(each.open),
            str(each.receivables),
            f"{each.newest_overdue_days} days",
            Text("; ".join(plain(reason.text) for reason in each.reasons)),
        )
    if len(cases) > SHOWN_AT_MOST:
        table.add_row(f"and {len(cases) - SHOWN_AT_MOST:,} more", "", "", "", "all with --json")
    return table
