"""What a run said, held against what a case expects: the differences as lines to read."""

import json
from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.vectors.outputs import Output, Said, short
from tests.vectors.shorthand import Case, Data, type_of


def differences(case: Case, output: Output) -> list[str]:
    """One line for each thing that is not as the case has it; empty when all is."""
    lines = []
    bound: dict[str, Any] = {}
    for contract, expected in case.text["expect"].items():
        said = output.said(case, contract)
        for aspect, rows in expected.items():
            found = _CHECKS[aspect](case, rows, said, bound)
            lines += [f"  {contract}, {aspect}: {line}" for line in found]
    lines += _dead_letters(case, output)
    if output.exit_code != case.text.get("exit", output.exit_code):
        lines.append(f"  exit code {output.exit_code}, expected {case.text['exit']}")
    return lines


def learned(case: Case, output: Output) -> dict[str, Any]:
    """The ids that a later event of the case names, taken from what was said so far."""
    found = {}
    for name, wanted in case.text.get("learn", {}).items():
        row = {key: value for key, value in wanted.items() if key not in ("field", "contract")}
        for message in output.said(case, wanted.get("contract", "a")):
            if _row_fits(case, row, message, {}) is not None:
                found[name] = message.data[wanted["field"]]
    return found


def fits(expected: Any, actual: Any, bound: Data) -> Data | None:
    """The names bound when the expected value is met, else None.

    A dict needs the named fields only (null: must be absent), a list the same elements in any
    order, money the same number; `$name` is any value, the same at every place of the case and
    another one than every other name's.
    """
    if isinstance(expected, str) and expected.startswith("$"):
        return _bind(expected, actual, bound)
    if isinstance(expected, dict):
        return _dict_fits(expected, actual, bound)
    if isinstance(expected, list):
        return _list_fits(expected, actual, bound)
    return bound if type(expected) is type(actual) and expected == actual else None


def _bind(name: str, value: Any, bound: Data) -> Data | None:
    if name in bound:
        return bound if bound[name] == value else None
    return None if value is None or value in bound.values() else bound | {name: value}


def _dict_fits(expected: Data, actual: Any, bound: Data) -> Data | None:
    if not isinstance(actual, dict):
        return None
    if set(expected) == {"amount", "currency"}:
        same = Decimal(expected["amount"]) == Decimal(actual.get("amount", "NaN"))
        return bound if same and expected["currency"] == actual.get("currency") else None
    found: Data | None = bound
    for key, value in expected.items():
        if value is None and actual.get(key) is None:
            continue
        found = fits(value, actual.get(key), found) if found is not None else None
    return found


def _list_fits(expected: list[Any], actual: Any, bound: Data) -> Data | None:
    if not isinstance(actual, list) or len(expected) != len(actual):
        return None
    left = list(actual)
    for wanted in expected:
        for index, value in enumerate(left):
            found = fits(wanted, value, bound)
            if found is not None:
                bound = found
                del left[index]
                break
        else:
            return None
    return bound


def _row_fits(case: Case, row: Data, message: Said, bound: Data) -> Data | None:
    kind = type_of(row)
    if kind != message.kind or row.get("on", message.day.isoformat()) != message.day.isoformat():
        return None
    if "at" in row and datetime.fromisoformat(row["at"]) != message.instant:
        return None
    return fits(case.whole(row[kind]), message.data, bound)


def _missing(case: Case, rows: list[Data], left: list[Said], bound: Data) -> list[tuple[str, Data]]:
    """Take what the rows describe out of `left`; each row that nothing fits, with a line on it."""
    lines = []
    for row in rows:
        for index, message in enumerate(left):
            found = _row_fits(case, row, message, bound)
            if found is not None:
                bound.update(found)
                del left[index]
                break
        else:
            kind = type_of(row)
            day = row.get("on", row.get("at", "any day"))
            lines.append((f"missing    {day} {kind} {json.dumps(row[kind])}", row))
    return lines


def _exactly(case: Case, rows: list[Data], left: list[Said], bound: Data) -> list[str]:
    lines = []
    for line, row in _missing(case, rows, left, bound):
        near = [message for message in left if _is_near(row, message)]
        if near:
            left.remove(near[0])
            line = f"differs    {_told_apart(case, row, near[0], bound)}"
        lines.append(line)
    return lines + [f"unexpected {message}" for message in left]


def _is_near(row: Data, message: Said) -> bool:
    return type_of(row) == message.kind and row.get("on") == message.day.isoformat()


def _told_apart(case: Case, row: Data, message: Said, bound: Data) -> str:
    """The fields in which a message of the right type and day is not the expected one."""
    parts = []
    for key, wanted in case.whole(row[message.kind]).items():
        if fits({key: wanted}, message.data, bound) is None:
            is_, should = json.dumps(short(message.data.get(key))), json.dumps(short(wanted))
            parts.append(f"{key} is {is_}, expected {should}")
    return f"{message.day} {message.kind}: " + "; ".join(parts)


def _topic(name: str) -> Any:
    def check(case: Case, rows: list[Data], said: list[Said], bound: Data) -> list[str]:
        return _exactly(case, rows, [s for s in said if s.topic == name], bound)

    return check


def _entries(case: Case, rows: list[list[str]], said: list[Said], bound: Data) -> list[str]:
    names = ("kind", "money", "balance", "assigned")
    wanted = [
        {"on": day, "EntryPosted": dict(zip(names, fields, strict=False))} for day, *fields in rows
    ]
    return _exactly(case, wanted, [s for s in said if s.kind == "EntryPosted"], bound)


DOCUMENTS = {"invoice": "InvoiceIssued", "credit": "CreditNoteIssued"}


def _documents(case: Case, rows: list[list[str]], said: list[Said], bound: Data) -> list[str]:
    """Rows of day, invoice or credit, net, tax, gross: all documents that we issued."""
    wanted = [
        {"on": day, DOCUMENTS[kind]: dict(zip(("net", "tax", "gross"), sums, strict=True))}
        for day, kind, *sums in rows
    ]
    return _exactly(case, wanted, [s for s in said if s.kind in DOCUMENTS.values()], bound)


def _lines(case: Case, rows: list[list[str]], said: list[Said], bound: Data) -> list[str]:
    """Rows of day, invoice or credit, component, from, until, net: all lines of documents."""
    wanted = Counter(map(tuple, rows))
    names = {kind: name for name, kind in DOCUMENTS.items()}
    found = Counter(
        (str(s.day), names[s.kind], line.get("component_id"), *_span(line), line["net"]["amount"])
        for s in said
        if s.kind in names
        for line in s.data["lines"]
    )
    missing = [f"missing    {list(row)}" for row in (wanted - found).elements()]
    return missing + [f"unexpected {list(row)}" for row in (found - wanted).elements()]


def _span(line: Data) -> tuple[str | None, str | None]:
    period = line.get("period") or {}
    return period.get("from"), period.get("until")


def _among(topic: str) -> Any:
    def check(case: Case, rows: list[Data], said: list[Said], bound: Data) -> list[str]:
        left = [s for s in said if s.topic == topic]
        return [line for line, _ in _missing(case, rows, left, bound)]

    return check


def _in_order(case: Case, rows: list[Data], said: list[Said], bound: Data) -> list[str]:
    left = list(said)
    for row in rows:
        while left and _row_fits(case, row, left[0], bound) is None:
            left.pop(0)
        if not left:
            return [f"not in this order: {json.dumps(rows)}"]
        left.pop(0)
    return []


def _never(case: Case, rows: list[Data], said: list[Said], bound: Data) -> list[str]:
    return [
        f"must not be said: {message}"
        for message in said
        for row in rows
        if _row_fits(case, row, message, bound) is not None
    ]


def _balance(case: Case, amount: str, said: list[Said], bound: Data) -> list[str]:
    balances = [s.data["balance"] for s in said if s.kind == "EntryPosted"]
    wanted = case.whole(amount, "balance")
    last = balances[-1] if balances else None
    return [] if fits(wanted, last, bound) is not None else [f"{last}, expected {amount}"]


_CHECKS = {
    "receivables": _topic("receivables"),
    "reminders": _topic("reminders"),
    "escalations": _topic("escalations"),
    "invoices": _among("invoices"),
    "documents": _documents,
    "lines": _lines,
    "entries": _entries,
    "decisions": _among("decisions"),
    "deliveries": _among("deliveries"),
    "in_order": _in_order,
    "never": _never,
    "balance": _balance,
}


def _dead_letters(case: Case, output: Output) -> list[str]:
    left = output.dead_letters(case)
    lines = []
    for wanted in case.text.get("dead_letters", []):
        for letter in left:
            if all(letter[key] == value for key, value in wanted.items()):
                left.remove(letter)
                break
        else:
            lines.append(f"  dead letters: missing    {wanted}")
    return lines + [f"  dead letters: unexpected {letter}" for letter in left]
