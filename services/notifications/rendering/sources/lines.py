"""Lines as an e-invoice can say them: the printed product of quantity and price is the net.

| rule | says | here |
|------|------|------|
| U-62 | at most 4 decimals of quantity and price; else one, the net, and words | ``_counts`` |
| BR-27 | a price is not negative; what is taken off has a negative quantity | ``_turned`` |
| R120 | net = quantity * price / base, with no rounding but that to the cent | ``_counts`` |
"""

from decimal import ROUND_HALF_UP, Decimal

from schemas.invoices import Line as SaidLine
from schemas.values import exponent
from services.notifications.rendering.documents.units import unit_of
from services.notifications.rendering.documents.vouchers import Count, Days, Line

DECIMALS = 4
# A price of less than a hundredth of a cent is one of more units; for more than a million of them
# it becomes a puzzle.
LARGEST_BASE = Decimal(10) ** 6
_CENT = Decimal("0.01")
_ONE = Decimal(1)


def line(said: SaidLine, *, of_document: str | None = None) -> Line:
    """Return *said* with a quantity and a price whose product is its net."""
    quantity, price, base, counted = _priced(said)
    unit, unit_name = unit_of(None if counted else said.unit)
    return Line(
        name=said.name,
        quantity=quantity,
        unit=unit,
        unit_name=unit_name,
        price=price,
        base=base,
        counted=counted,
        net=said.net.minor,
        category=said.vat_category,
        rate=Decimal(said.vat_rate),
        days=Days(said.period.from_, said.period.until) if said.period else None,
        note=said.note,
        of_document=of_document,
    )


def _priced(said: SaidLine) -> tuple[Decimal, Decimal, Decimal, Count | None]:
    net = Decimal(said.net.minor).scaleb(-exponent(said.net.currency))
    if said.quantity is not None and said.unit_price is not None:
        quantity, price = _turned(Decimal(said.quantity), Decimal(said.unit_price))
        price, base = _based(price, Decimal(said.price_base_quantity or 1))
        if _counts(quantity, price, base, net):
            return quantity, price, base, None
    sign = -_ONE if net < 0 else _ONE
    return sign, abs(net), _ONE, _count(said)


def _turned(quantity: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
    return (-quantity, -price) if price < 0 else (quantity, price)


def _based(price: Decimal, base: Decimal) -> tuple[Decimal, Decimal]:
    """Return the price of as many units as it takes to write it with four decimals."""
    while _decimals(price) > DECIMALS and base < LARGEST_BASE:
        price, base = price * 10, base * 10
    return price, base


def _counts(quantity: Decimal, price: Decimal, base: Decimal, net: Decimal) -> bool:
    product = (quantity * price / base).quantize(_CENT, ROUND_HALF_UP)
    return max(map(_decimals, (quantity, price, base))) <= DECIMALS and product == net


def _decimals(number: Decimal) -> int:
    places = number.normalize().as_tuple().exponent
    assert isinstance(places, int), "a price is a number"
    return max(0, -places)


def _count(said: SaidLine) -> Count | None:
    """Return the quantity for which the line has no room; one of a thing needs no word."""
    if said.quantity is None or (abs(Decimal(said.quantity)) == 1 and said.unit is None):
        return None
    unit, unit_name = unit_of(said.unit)
    is_of_one = said.unit_price is not None and said.price_base_quantity is None
    price = Decimal(said.unit_price or 0) if is_of_one else None
    return Count(quantity=abs(Decimal(said.quantity)), unit=unit, unit_name=unit_name, price=price)
