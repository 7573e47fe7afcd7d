"""What an event counts, and what it costs by itself, before anything depends on other events.

| rule | says | here |
|------|------|------|
| U-50 | each event is rounded up to its step, before allowance and tiers | ``stepped`` |
| U-50 | a quantity of 0 costs nothing, unless unanswered events are charged | ``measure`` |
| U-51 | prices by the longest prefix; no prefix is unpriced, never 0 | ``measure`` |
| U-52 | priced by its start, or cut at the bounds of bands | ``measure`` |
| U-13 | a share of an amount; a price that comes with the event | ``measure`` |

Amounts are exact, in units of the currency.
"""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from schemas.metering import EventStep
from schemas.plans import BY_EVENT, Charge
from schemas.price_lists import PrefixPrice
from schemas.terms import Terms
from schemas.values import Quantity
from services.tariffs.bands import Place, band_at, cuts

NOTHING = Fraction(0)
# Plans have some hundred numbers, which are few beside events; price lists have their own.
_REMEMBERED = 4_096


class Use(NamedTuple):
    """An event of a meter; two at one instant are in the order of their names."""

    occurred_at: datetime
    name: str
    quantity: str
    properties: Mapping[str, str]

    @property
    def order(self) -> tuple[datetime, str]:
        """Where it stands among others, in whichever order they came."""
        return self.occurred_at, self.name


class EventPart(NamedTuple):
    """Some units of an event, and what each of them costs."""

    units: Fraction
    unit_price: Fraction


class Measured(NamedTuple):
    """What an event counts; ``parts`` where its units have prices of their own."""

    units: Fraction
    fee: Fraction = NOTHING
    parts: tuple[EventPart, ...] = ()
    # What a percentage is of, or what comes with the event.
    value: Fraction = NOTHING


def counts(charge: Charge, use: Use) -> bool:
    """Say whether *charge* counts *use*: its filters name the values that fit (U-54)."""
    filters = charge.filters or {}
    return all(use.properties.get(name) in values for name, values in filters.items())


def group_of(charge: Charge, use: Use) -> tuple[str, ...]:
    """Return the values by which *use* is counted apart; a missing one is a value of its own."""
    return tuple(use.properties.get(name, "") for name in charge.group_by or ())


def stepped(step: Quantity | EventStep | None, quantity: Fraction) -> Fraction:
    """Return *quantity* rounded up to *step*; a bare number is both of its parts (U-50)."""
    if step is None:
        return quantity
    first, next_ = (step, step) if isinstance(step, str) else (step.first, step.next)
    at_least, more = _fraction(first), _fraction(next_)
    if quantity <= at_least:
        return at_least
    return at_least - ((at_least - quantity) // more) * more


def measure(charge: Charge, use: Use, terms: Terms, *, place: Place, day: date) -> Measured | None:
    """Return what *use* counts under *charge*, None where no prefix of a list prices it."""
    entry = None
    if charge.price_list is not None:
        entry = _entry(charge, use, terms, day)
        if entry is None:
            return None
    quantity = Fraction(_counted(charge, use))
    is_answered = quantity != 0 or charge.charge_unanswered
    step = charge.step if entry is None or entry.step is None else entry.step
    units = stepped(step, quantity) if is_answered else NOTHING
    fee = charge.connect_fee if entry is None or entry.connect_fee is None else entry.connect_fee
    parts = _parts(charge, use, entry, units, place)
    if charge.aggregation == "count":
        units = Fraction(1)
    value = Fraction(amount_of(charge, use)) if charge.model in BY_EVENT else NOTHING
    return Measured(units, Fraction(fee or 0) if is_answered else NOTHING, parts, value)


def amount_of(charge: Charge, use: Use) -> str:
    """Return the value that *charge* names, or the quantity where it names none."""
    return use.properties.get(charge.value, "0") if charge.value else use.quantity


@lru_cache(_REMEMBERED)
def _fraction(text: str) -> Fraction:
    """Return the number that *text* of a plan says, which each of its events asks for."""
    return Fraction(text)


def _counted(charge: Charge, use: Use) -> str:
    """Return what is added up; names that are counted need be no numbers."""
    is_apart = charge.model in BY_EVENT or charge.aggregation == "unique_count"
    return use.quantity if is_apart else amount_of(charge, use)


def _parts(
    charge: Charge, use: Use, entry: PrefixPrice | None, units: Fraction, place: Place
) -> tuple[EventPart, ...]:
    """Return the units of *use* with their prices, where each event has its own."""
    base = _fraction(charge.price_base_quantity or "1")
    if entry is not None:
        return (EventPart(units, Fraction(entry.unit_price) / base),)
    if charge.bands and charge.split:
        some = cuts(charge.bands, use.occurred_at, units, place)
        return tuple(EventPart(c.seconds, Fraction(c.band.unit_price) / base) for c in some)
    if charge.bands:
        band = band_at(charge.bands, use.occurred_at, place)
        return (EventPart(units, Fraction(band.unit_price) / base),)
    return ()


def _entry(charge: Charge, use: Use, terms: Terms, day: date) -> PrefixPrice | None:
    assert charge.price_list is not None, "asked only where there is one"
    found = terms.price_list(charge.price_list.price_list_id, day)
    return found.entry(use.properties.get(charge.price_list.property, "")) if found else None
