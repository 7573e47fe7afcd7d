"""Amounts, numbers and days as a language writes them, by the patterns of CLDR."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Self

from babel import Locale
from babel.numbers import NumberPattern, format_currency, parse_pattern

from schemas.values import exponent
from services.notifications.rendering.documents.parties import Language

LOCALES: Mapping[Language, tuple[str, str]] = {
    "de": ("de", "DE"),
    "en": ("en", "GB"),
    "fr": ("fr", "FR"),
}
_DAYS: Mapping[Language, str] = {
    "de": "{0:%d.%m.%Y}",
    "en": "{0.day} {1} {0:%Y}",
    "fr": "{0:%d/%m/%Y}",
}
# Babel sets no space between a currency that has no sign and its amount.
_TOUCHING = re.compile(r"(?<=[A-Z])(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Formats:
    """How one language writes a document in one currency."""

    language: Language
    currency: str

    def money(self, minor: int) -> str:
        """Return an amount with the sign of its currency."""
        amount = Decimal(minor).scaleb(-exponent(self.currency))
        written = format_currency(amount, self.currency, locale=_locale(self.language))
        return _TOUCHING.sub("\u00a0", written)

    def amount(self, minor: int) -> str:
        """Return an amount without its currency, for a column that names it."""
        places = exponent(self.currency)
        return _written(Decimal(minor).scaleb(-places), _pattern(places, places), self.language)

    def price(self, price: Decimal) -> str:
        """Return a price without its currency, with all the decimals it has."""
        return _written(price, _pattern(exponent(self.currency), 12), self.language)

    def number(self, number: Decimal) -> str:
        """Return a quantity or a rate with the decimals that it needs."""
        return _written(number, _pattern(0, 12), self.language)

    def day(self, day: date) -> str:
        """Return a day: short where the order is beyond doubt, else with the name of its month."""
        month = _locale(self.language).months["format"]["abbreviated"][day.month]
        return _DAYS[self.language].format(day, month)

    def country(self, code: str) -> str:
        """Return the name of a country, in the capitals that post abroad asks for."""
        return (_locale(self.language).territories.get(code) or code).upper()

    def speaking(self, language: Language) -> Self:
        """Return the formats of another language for the same currency."""
        return type(self)(language, self.currency)


@cache
def _locale(language: Language) -> Locale:
    return Locale(*LOCALES[language])


@cache
def _pattern(least: int, most: int) -> NumberPattern:
    decimals = "0" * least + "#" * (most - least)
    return parse_pattern(f"#,##0.{decimals}" if decimals else "#,##0")


def _written(number: Decimal, pattern: NumberPattern, language: Language) -> str:
    written: str = pattern.apply(number, _locale(language), decimal_quantization=False)
    return written
