"""Sentences, amounts and days in the language of a reader: one table for each, with equal keys."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from schemas.values import Money

Code = Literal["en", "de"]
# What a sentence is filled with; text stands as it is.
Value = str | int | Decimal | Money | date | datetime | None

_TABLES = Path(__file__).parent / "sentences"


@dataclass(frozen=True, slots=True)
class Language:
    """A table of sentences, ``group.name`` by ``group.name``, and the locale that they are in."""

    code: Code
    sentences: Mapping[str, str]

    def say(self, key: str, /, **values: Value) -> str:
        """Return the sentence *key*, filled with *values* as this language writes them."""
        return self.sentences[key].format_map({n: self.written(v) for n, v in values.items()})

    def part(self, key: str, /, **values: Value) -> str:
        """Return a part of a sentence; nothing where none of its *values* is known."""
        return self.say(key, **values) if any(v not in (None, "") for v in values.values()) else ""

    def word(self, group: str, name: str) -> str:
        """Return what *name* is called in *group*; a name that the table has not as it stands."""
        return self.sentences.get(f"{group}.{name}", name.replace("_", " "))

    def written(self, value: Value) -> str:
        """Write *value* as this language does."""
        match value:
            case None:
                return ""
            case str():
                return value
            case Money():
                return f"{self.amount(value.amount)} {value.currency}"
            case datetime():
                return format_datetime(value, self.sentences["form.minute"], locale=self.code)
            case date():
                return format_date(value, self.sentences["form.day"], locale=self.code)
            case int() | Decimal():
                plain = Decimal(value)
                return format_decimal(plain, locale=self.code, decimal_quantization=False)

    def amount(self, amount: str) -> str:
        """Write a decimal of the wire with the decimals that it has, thousands set apart."""
        decimals = len(amount.partition(".")[2])
        pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
        return format_decimal(Decimal(amount), format=pattern, locale=self.code)

    def money_text(self, said: object) -> str:
        """Write an amount that was said as ``-1200.00 EUR``."""
        number, _, currency = str(said).partition(" ")
        return f"{self.amount(number)} {currency}"

    def discount(self, amount: Money | None, percent: str | None) -> str:
        """Say by how much something is cheaper: an amount, or a part of its price."""
        if amount is not None:
            return self.written(amount)
        return self.say("document.percent", percent=Decimal(percent or 0))

    def weekday(self, day: date) -> str:
        """Return the short name of the day of the week."""
        return format_date(day, "ccc", locale=self.code)

    def month(self, month: str) -> str:
        """Write a month that was said as ``2026-03``."""
        first = date.fromisoformat(f"{month}-01")
        return format_date(first, self.sentences["form.month"], locale=self.code)

    def listed(self, parts: Iterable[str]) -> str:
        """Join *parts* as a sentence does."""
        *most, last = list(parts) or [""]
        return self.say("plain.and", most=", ".join(most), last=last) if most else last

    def days(self, count: int) -> str:
        """Count days as one says it."""
        return self.say("plain.day" if count == 1 else "plain.days", count=count)

    def after_days(self, count: int) -> str:
        """Say what comes with so many days: German counts them in the dative."""
        return self.say("plain.after_day" if count == 1 else "plain.after_days", count=count)

    def until(self, last: date) -> str:
        """Say that something goes on to the end of its *last* day."""
        return self.say("plain.until", last=last)

    def span(self, from_on: date, ends: date) -> str:
        """Say the days of a period, which *ends* with the beginning of that day."""
        last = last_before(ends)
        if last <= from_on:
            return self.say("plain.on", day=from_on)
        return self.say("plain.span", first=from_on, until=self.until(last))


def last_before(day: date) -> date:
    """Return the last day of what ends with the beginning of *day*, as periods do on the wire."""
    return day - timedelta(days=1)


@cache
def language(code: Code) -> Language:
    """Return the language of *code*; which one is asked for, never found out from a locale."""
    groups = tomllib.loads((_TABLES / f"{code}.toml").read_text(encoding="utf-8"))
    said = {f"{group}.{name}": text for group, of in groups.items() for name, text in of.items()}
    return Language(code, said)


ENGLISH = language("en")
