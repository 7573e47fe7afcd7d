"""A payment on its way to another contract: on the screen, and as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.text import Text

from schemas.receivables import EntryPosted
from schemas.values import Money
from services.cli.views.plain import plain
from services.cli.words.language import ENGLISH
from services.dunning.moved_payments import Move
from services.runtime.ops.forecast import Foreseen


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What a move does to both ledgers: the balance of each before and after it."""

    move: Move
    received_on: date
    before: tuple[Money, Money]
    after: tuple[Money, Money]
    partitions: tuple[int, int]
    # The end of the last day that the store knows, for whoever writes a file.
    said_on: date
    time_zone: str


def balance_after(said: Sequence[Foreseen], before: Money) -> Money:
    """Return the balance that the last entry of *said* leaves."""
    entries = [each.message for each in said if isinstance(each.message, EntryPosted)]
    return entries[-1].balance if entries else before


def as_json(foretold: Foretold, *, sent: bool) -> dict[str, Any]:
    """Return *foretold* as plain values."""
    move = foretold.move
    names = (move.from_contract, move.to_contract)
    return {
        "payment_id": move.payment_id,
        "from": move.from_contract,
        "to": move.to_contract,
        "money": move.money.model_dump(),
        "received_on": foretold.received_on.isoformat(),
        "moved_payment_id": move.moved_payment_id,
        "balances": {
            name: {"before": before.amount, "after": after.amount}
            for name, before, after in zip(names, foretold.before, foretold.after, strict=True)
        },
        "sent": sent,
    }


def show(foretold: Foretold, console: Console) -> None:
    """Print what would become of both contracts."""
    move = foretold.move
    console.print(
        Text(
            f"{ENGLISH.written(move.money)} of payment {plain(move.payment_id)}, "
            f"received on {foretold.received_on}"
        )
    )
    rows = (("off", move.from_contract, 0), ("on", move.to_contract, 1))
    for word, name, at in rows:
        before, after = ENGLISH.written(foretold.before[at]), ENGLISH.written(foretold.after[at])
        console.print(Text(f"  {word:<3} {plain(name)}: balance {before}, then {after}"))
