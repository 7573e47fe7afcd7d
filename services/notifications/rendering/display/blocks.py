"""The blocks that a template sets one beneath the other."""

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
Cell = str | dict[str, str]


def text(*texts: str) -> list[Block]:
    """Return paragraphs; those that say nothing are left out."""
    return _said("text", texts)


def closing(*texts: str) -> list[Block]:
    """Return paragraphs that stand together on one page."""
    return _said("closing", texts)


def heading(title: str, *, hint: str = "") -> Block:
    """Return a heading that stays with what follows it."""
    return {"kind": "heading", "text": title, "hint": hint}


def cell(name: str, *more: str) -> Cell:
    """Return a cell with what is told of it in small type beneath."""
    said = [each for each in more if each]
    return {"name": name, "small": "\n".join(said)} if said else name


def table(
    columns: Sequence[tuple[str, str, str]], rows: Iterable[Sequence[Cell]], *, left_out: str = ""
) -> Block:
    """Return a table; a column is its title, its width (auto or rest) and its side."""
    return {
        "kind": "table",
        "header": [title for title, _, _ in columns],
        "columns": [width for _, width, _ in columns],
        "align": [side for _, _, side in columns],
        "rows": [list(row) for row in rows],
        "left_out": left_out,
    }


def row(label: str, amount: str, *, strong: bool = False) -> dict[str, Any]:
    """Return a row of totals."""
    return {"label": label, "amount": amount, "strong": strong}


def totals(rows: Iterable[dict[str, Any]]) -> Block:
    """Return sums that are never torn apart."""
    return {"kind": "totals", "rows": list(rows)}


def field(label: str, value: str, *, strong: bool = False) -> dict[str, Any]:
    """Return a named value, for the information block and for payments."""
    return {"label": label, "value": value, "strong": strong}


def _said(kind: str, texts: Sequence[str]) -> list[Block]:
    said = [each for each in texts if each]
    return [{"kind": kind, "texts": said}] if said else []
