"""VAT of the country of a consumer elsewhere in the EU, by the one-stop shop (R-109a)."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field, field_validator
from stdnum.eu import vat

from schemas.addresses import Country
from schemas.message import Message
from schemas.values import Day, Percent

# Northern Ireland (XI) is of the EU for goods only.
EU = frozenset(code.upper() for code in vat.MEMBER_STATES) - {"XI"}


class OneStopShop(Message):
    """From ``from_on`` consumers elsewhere in the EU are taxed at the rate of their country.

    ``rates`` are standard rates in percent, each from its day on.
    """

    from_on: Day
    rates: dict[Country, dict[Day, Percent]] = Field(max_length=50)

    @field_validator("rates")
    @classmethod
    def _are_of_the_eu(cls, rates: Mapping[str, Mapping[date, str]]) -> Mapping[str, object]:
        if others := sorted(rates.keys() - EU):
            raise ValueError(f"not of the EU: {', '.join(others)}")
        return rates

    def missing(self, *, seller: str) -> list[str]:
        """Return the countries but the *seller*'s own of which no rate holds from the first day."""
        known = {
            name for name, days in self.rates.items() if min(days, default=date.max) <= self.from_on
        }
        return sorted(EU - known - {seller})

    def rate(self, country: str, day: date) -> str | None:
        """Return the rate of *country* on *day* in percent; None before it is charged."""
        days = self.rates.get(country, {})
        begun = [each for each in days if each <= day]
        return days[max(begun)] if begun and day >= self.from_on else None
