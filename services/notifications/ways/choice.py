"""Which way a document goes, and to whom, in the order in which wishes count.

| who says so | which way | rule |
|-------------|-----------|------|
| a clerk | of a copy | R-124 |
| the step of the policy | of a reminder | R-52 |
| the customer | of all documents | R-52 |
| nobody | e-mail | R-52 |
| the way before was none | letter after e-mail, then the archive | R-53 |
"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.addresses import Address, Customer
from schemas.deliveries import Addressee, Choice
from services.notifications.model import COURTESIES, Correspondence, Mailing, Way

_NEXT: Mapping[Way, Way | None] = {"email": "letter", "letter": "archive", "archive": None}
_VOUCHERS = ("invoice", "credit_note")


@dataclass(frozen=True, slots=True)
class Route:
    """Which way a document goes, who says so, and to which mailbox, where that is named."""

    way: Way
    by: Choice
    to: str | None = None
    is_copy: bool = False

    def after(self, mailing: Mailing) -> "Route":
        """Return the way that *mailing* goes after this one (R-53)."""
        fallback = way_after(self.way, mailing)
        assert fallback is not None, "the archive takes everything"
        return Route(fallback, "fallback", is_copy=self.is_copy)


def way_after(way: Way, mailing: Mailing) -> Way | None:
    """Return which way *mailing* goes where it cannot go this one; no courtesy costs a letter."""
    if mailing.kind in COURTESIES and way == "email":
        return "archive"
    return _NEXT[way]


def wished(correspondence: Correspondence, mailing: Mailing) -> Route:
    """Return the way that *mailing* should go."""
    if mailing.step_says is not None:
        return Route(mailing.step_says, "step")
    if correspondence.addressee.dispatch is not None:
        return Route(correspondence.addressee.dispatch, "customer")
    return Route("email", "default")


def reached(correspondence: Correspondence, mailing: Mailing, route: Route) -> dict[str, Addressee]:
    """Return who gets *mailing* on a route, by what a delivery names them."""
    if route.to is None:
        return recipients(correspondence, mailing, route.way)
    return {route.to: Addressee(name=correspondence.addressee.name, email=route.to)}


def recipients(correspondence: Correspondence, mailing: Mailing, way: Way) -> dict[str, Addressee]:
    """Return who gets *mailing* that way, by what a delivery names them; none where none is left.

    Vouchers go to each mailbox that the customer names for them, all else to one: the clock of a
    reminder runs from one dispatch.
    """
    customer = correspondence.addressee
    match way:
        case "email":
            found = mailboxes(customer, mailing)
        case "letter":
            address = postal(customer)
            found = {_line(address): Addressee(name=customer.name, address=address)}
        case "archive":
            return {"": Addressee(name=customer.name)}
    left = {to: each for to, each in found.items() if f"{way}:{to}" not in correspondence.closed}
    if mailing.kind not in _VOUCHERS:
        return dict([*left.items()][:1])
    return left


def mailboxes(customer: Customer, mailing: Mailing) -> dict[str, Addressee]:
    """Return the mailboxes for *mailing*, each once, the customer's own first for letters."""
    own = [customer.email] if customer.email else []
    named = [*customer.invoice_recipients]
    asked = named or own if mailing.kind in _VOUCHERS else [*own, *named]
    return {each: Addressee(name=customer.name, email=each) for each in asked}


def postal(customer: Customer) -> Address:
    """Return where letters go: the billing address, where there is one."""
    return customer.billing_address or customer.address


def has_none(correspondence: Correspondence, mailing: Mailing, way: Way) -> str:
    """Return why nobody can be reached that way."""
    if way == "email" and not mailboxes(correspondence.addressee, mailing):
        return "no_address"
    return "address_closed"


def _line(address: Address) -> str:
    """Return an address as one text: another address is another recipient."""
    parts = address.company, address.name, address.street, address.postal_code, address.city
    return ", ".join([*(each for each in parts if each), address.country])
