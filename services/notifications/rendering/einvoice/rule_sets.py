"""The rule sets of e-invoices: which holds on a day is data, not code (R-126)."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

Format = Literal["zugferd", "xrechnung_cii", "xrechnung_ubl", "peppol_bis"]


class NoRuleSet(Exception):
    """No rule set that we know is in force on the day of a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What a format asks for from a day until before another, and how far our word for it goes.

    ``checked_with`` are the rules that our tests ran, ``newer`` those that we could not have.
    """

    name: Format
    version: str
    valid_from: date
    valid_until: date | None
    syntax: Literal["cii", "ubl"]
    customization: str
    process: str | None
    level: str
    file_name: str
    price_decimals: int
    quantity_decimals: int
    checked_with: str
    newer: str | None

    @property
    def title(self) -> str:
        """The name by which a delivery records it."""
        return f"{self.name} {self.version}"

    def holds_on(self, day: date) -> bool:
        """Say whether it is in force on *day*."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


def rule_set(name: Format, *, on: date) -> RuleSet:
    """Return the rule set of a format that holds *on* the day of issue; raise NoRuleSet."""
    for each in known():
        if each.name == name and each.holds_on(on):
            return each
    raise NoRuleSet(f"no rule set of {name} is known for {on}")


@cache
def known() -> tuple[RuleSet, ...]:
    """Return all rule sets, as rule_sets.json lists them."""
    listed = json.loads(Path(__file__).with_name("rule_sets.json").read_text(encoding="utf-8"))
    return tuple(RuleSet(**{**each, **_days(each)}) for each in listed)


def _days(listed: dict[str, str | None]) -> dict[str, date | None]:
    said = {key: listed[key] for key in ("valid_from", "valid_until")}
    return {key: date.fromisoformat(day) if day else None for key, day in said.items()}
