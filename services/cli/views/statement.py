"""The usage behind a document, one event a line, as CSV and as JSON lines: the same bytes twice."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """What an event adds to a charge, in units of the currency; or what no event has by itself.

    ``rest``: parts that are paid once, bounds, and what rounding the line once makes. ``prepaid``:
    what a balance paid.
    """

    charge_id: str
    component_id: str
    group: Mapping[str, str] | None = None
    kind: Literal["event", "rest", "prepaid"] = "event"
    source: str | None = None
    event_id: str | None = None
    occurred_at: str | None = None
    quantity: str | None = None
    unit_price: str | None = None
    grant_id: str | None = None
    amount: str | None = None


_COLUMNS = tuple(each.name for each in fields(StatementLine))


def as_csv(found: Iterable[StatementLine]) -> str:
    """Return *found* under a line of names; a group is ``name=value``, by name, with blanks."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for each in found:
        group = " ".join(f"{name}={value}" for name, value in sorted((each.group or {}).items()))
        values = (getattr(each, name) for name in _COLUMNS)
        writer.writerow(
            group if name == "group" else value
            for name, value in zip(_COLUMNS, values, strict=True)
        )
    return out.getvalue()


def as_json_lines(found: Iterable[StatementLine]) -> str:
    """Return *found* as one JSON object a line, without what is not said."""
    return "".join(json.dumps(_plain(each), ensure_ascii=False) + "\n" for each in found)


def _plain(each: StatementLine) -> dict[str, object]:
    values = {name: getattr(each, name) for name in _COLUMNS}
    values["group"] = dict(sorted(each.group.items())) if each.group else None
    return {name: value for name, value in values.items() if value is not None}
