"""Who sold to whom, as far as accounts depend on it: as of the document's issue (R-105)."""

from typing import Literal, NamedTuple

from schemas.oss import EU

Place = Literal["home", "eu", "third"]


class Trade(NamedTuple):
    """The buyer's VAT id and place as the seller sees it; whether the seller is a small business.

    Without a place no document says where the buyer is.
    """

    vat_id: str | None = None
    place: Place | None = None
    small_business: bool = False
    # Whose VAT goes by the one-stop shop, and its rates in percent since then (R-109a).
    oss_country: str = ""
    oss_rates: frozenset[str] = frozenset()


# No document says who sold to whom.
NOBODY = Trade()


def place_of(buyer: str, *, seller: str) -> Place:
    """Return where the *buyer*'s country is, as seen from the *seller*'s."""
    if buyer == seller:
        return "home"
    return "eu" if buyer in EU else "third"
