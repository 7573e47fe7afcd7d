"""Default interest on one claim (R-93, R-94).

| rule | says | here |
|------|------|------|
| R-93 | base rate + 5 points for consumers, + 9 between others, 8 for old claims | ``points`` |
| R-93 | a day after the last loaded half-year is an error, never a guess | ``base_rate`` |
| R-94 | act/act per calendar year, one rounding per segment of equal rate | ``interest`` |

Base rates: § 247 BGB, as the Deutsche Bundesbank publishes them (its series
BBIN1.M.DE.BBK.BBKBAS2.EUR.ME). ``confirmed`` says whether a value was checked against a second
source; the others must be checked against the series before anybody relies on them. A legal entity
publishes what came later, and corrections (``base_rates``).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Literal, NamedTuple

Kind = Literal["consumer", "business"]

# Art. 229 § 34 EGBGB: what arose before this day is charged as the law was then.
NEW_LAW = date(2014, 7, 29)


class BaseRate(NamedTuple):
    """A base rate in percent, from a day on."""

    from_on: date
    percent: Decimal
    confirmed: bool


BASE_RATES = (
    BaseRate(date(2013, 1, 1), Decimal("-0.13"), True),
    BaseRate(date(2013, 7, 1), Decimal("-0.38"), True),
    BaseRate(date(2014, 1, 1), Decimal("-0.63"), True),
    BaseRate(date(2014, 7, 1), Decimal("-0.73"), True),
    BaseRate(date(2015, 1, 1), Decimal("-0.83"), True),
    BaseRate(date(2016, 7, 1), Decimal("-0.88"), True),
    BaseRate(date(2023, 1, 1), Decimal("1.62"), True),
    BaseRate(date(2023, 7, 1), Decimal("3.12"), False),
    BaseRate(date(2024, 1, 1), Decimal("3.62"), False),
    BaseRate(date(2024, 7, 1), Decimal("3.37"), False),
    BaseRate(date(2025, 1, 1), Decimal("2.27"), False),
    BaseRate(date(2025, 7, 1), Decimal("1.27"), False),
    BaseRate(date(2026, 1, 1), Decimal("1.27"), False),
)
KNOWN_UNTIL = date(2026, 7, 1)


class NoBaseRate(ValueError):
    """No base rate is loaded for the day."""


class Principal(NamedTuple):
    """What is owed, in the minor unit, from a day on."""

    from_on: date
    amount: int


class InterestTerms(NamedTuple):
    """By what a claim bears interest; ``percent`` is the contract's own rate, if it has one.

    ``published`` holds base rates in percent by the first day of their half-year.
    """

    kind: Kind
    issued_on: date
    percent: Decimal | None = None
    published: Mapping[date, str] = MappingProxyType({})

    def rate(self, day: date) -> Decimal:
        """Return the rate of *day* in percent a year."""
        if self.percent is not None:
            return self.percent
        return base_rate(day, self.published) + points(self.kind, self.issued_on)


def base_rate(day: date, published: Mapping[date, str] = MappingProxyType({})) -> Decimal:
    """Return the base rate of *day*, the published one first; raises NoBaseRate without any.

    A published rate holds for its own half-year: of a later one it says nothing (R-93).
    """
    half_year = date(day.year, 1 if day.month < 7 else 7, 1)
    if half_year in published:
        return Decimal(published[half_year])
    if not BASE_RATES[0].from_on <= day < KNOWN_UNTIL:
        raise NoBaseRate(f"no base rate is loaded for {day}")
    return next(each.percent for each in reversed(BASE_RATES) if each.from_on <= day)


def loaded_until(published: Mapping[date, str] = MappingProxyType({})) -> date:
    """Return the first day without a base rate, after all that are loaded or published (R-93b)."""
    day = KNOWN_UNTIL
    while day in published:
        day = date(day.year, 7, 1) if day.month == 1 else date(day.year + 1, 1, 1)
    return day


def points(kind: Kind, issued_on: date) -> int:
    """Return the points above the base rate (§ 288 (1) and (2) BGB, and as it was before)."""
    if kind == "consumer":
        return 5
    return 9 if issued_on >= NEW_LAW else 8


def interest(
    principals: Sequence[Principal], periods: Iterable[tuple[date, date]], terms: InterestTerms
) -> int:
    """Return the default interest of *periods* (end exclusive), in the minor unit.

    *principals* are in order of their days; what is paid on a day lowers the principal from that
    very day on, for the day of payment is not counted. Each segment of equal rate is rounded
    half-up by itself, and interest never becomes principal (§ 289 BGB).
    """
    stretches = [each for period in periods for each in _stretches(principals, period, terms)]
    parts: list[Fraction] = []
    before: tuple[date, Decimal] | None = None
    for stretch in stretches:
        if before == (stretch.from_on, stretch.rate):
            parts[-1] += stretch.exact
        else:
            parts.append(stretch.exact)
        before = (stretch.until, stretch.rate)
    return sum(half_up(part) for part in parts)


def rated(
    periods: Iterable[tuple[date, date]], terms: InterestTerms
) -> tuple[tuple[tuple[date, date], ...], date | None]:
    """Return what of *periods* has a rate, and the first day that has none (R-93b)."""
    found, missing = [], []
    for start, until in periods:
        edges = [d for d in _half_years(start, until) if start < d < until]
        for piece in pairwise([start, *edges, until]):
            try:
                terms.rate(piece[0])
            except NoBaseRate:
                missing.append(piece[0])
            else:
                found.append(piece)
    return tuple(found), min(missing, default=None)


def half_up(exact: Fraction) -> int:
    """Round to the minor unit, halves upwards; called once per segment (R-94)."""
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


class _Stretch(NamedTuple):
    """Days in which rate, principal and length of the year are the same."""

    from_on: date
    until: date
    rate: Decimal
    amount: int

    @property
    def exact(self) -> Fraction:
        year = date(self.from_on.year + 1, 1, 1) - date(self.from_on.year, 1, 1)
        days = Fraction((self.until - self.from_on).days, year.days)
        return days * self.amount * Fraction(self.rate) / 100


def _stretches(
    principals: Sequence[Principal], period: tuple[date, date], terms: InterestTerms
) -> list[_Stretch]:
    from_on, until = period
    edges = {each for each in _half_years(from_on, until) if from_on < each < until}
    edges |= {each.from_on for each in principals if from_on < each.from_on < until}
    days = sorted({from_on, until, *edges}) if from_on < until else []
    return [
        _Stretch(start, end, terms.rate(start), _owed(principals, start))
        for start, end in pairwise(days)
    ]


def _half_years(from_on: date, until: date) -> list[date]:
    """Return the first days of the half-years of all years from the one day to the other."""
    return [
        date(year, month, 1) for year in range(from_on.year, until.year + 1) for month in (1, 7)
    ]


def _owed(principals: Sequence[Principal], day: date) -> int:
    return next((each.amount for each in reversed(principals) if each.from_on <= day), 0)
