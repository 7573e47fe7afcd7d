"""Which VAT a supply bears, and what its document must say of it.

| order | who or what | category (UNCL 5305), rate | source |
|-------|-------------|----------------------------|--------|
| 1 | a seller that is a small business | E, 0 | § 19 UStG |
| 2 | a customer that is not taxable: goods out of the EU, else | G, 0, else O | § 4 no. 1 a, § 3a |
| 3 | reverse charge with all preconditions: services, goods | AE, 0; K, 0 | R-102 |
| 4 | a component that is exempt by law | E, 0 | § 4 no. 8 ff. UStG |
| 5 | a consumer elsewhere in the EU, at their rate (`LegalEntityPublished.oss`) | S | R-109a |
| 6 | all others, at the component's rate or the seller's of the day | S, or Z at 0 | § 12 UStG |

Without its preconditions reverse charge is charged as 6, and the line says why (R-102). The day is
the last one of the line's service period: a new rate holds for what is completed under it.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from schemas.addresses import Customer
from schemas.oss import EU
from schemas.terms import LegalEntityPublished
from services.invoicing.rules.wording import REFUSALS, WORDINGS, Language

Category = Literal["S", "Z", "E", "AE", "K", "G", "O"]
Refusal = Literal["consumer", "no_id", "malformed", "not_elsewhere", "invalid"]

# The exemption reason codes of EN 16931 (BT-121, VATEX); E needs its text only.
CODES = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}


class Supply(NamedTuple):
    """What is supplied; a component may have a rate or an exemption of its own."""

    kind: Literal["goods", "services"] = "services"
    vat_rate: str | None = None
    exemption: str | None = None


class Treatment(NamedTuple):
    """How a line is taxed: category and rate in percent, and why where there is none.

    ``wording`` is what the document's notes must say, ``note`` what the line says.
    """

    category: Category
    rate: str = "0"
    exemption: str | None = None
    wording: tuple[str, ...] = ()
    note: str | None = None

    @property
    def exemption_code(self) -> str | None:
        """The code of EN 16931 for why there is no VAT."""
        return CODES.get(self.category)


def treatment(
    supply: Supply, *, customer: Customer, entity: LegalEntityPublished, on: date
) -> Treatment:
    """Return how *supply* to *customer* is taxed that was completed *on* its last day."""
    if entity.small_business:
        law = "§ 19 UStG" if entity.country == "DE" else None
        return _untaxed("E", "small_business", customer=customer, entity=entity, law=law)
    if customer.tax == "not_taxable":
        leaves = supply.kind == "goods" and customer.address.country not in EU
        category: Category = "G" if leaves else "O"
        return _untaxed(category, category, customer=customer, entity=entity)
    note = None
    if customer.tax == "reverse_charge":
        refusal = why_not_reversed(customer, supply.kind, country=entity.country)
        if refusal is None:
            category = "K" if supply.kind == "goods" else "AE"
            return _untaxed(category, category, customer=customer, entity=entity)
        note = REFUSALS[refusal][customer.language]
    if supply.exemption is not None:
        return Treatment("E", "0", supply.exemption, (supply.exemption,), note)
    rate = percent(rate_of(supply.vat_rate, customer=customer, entity=entity, on=on))
    return Treatment("Z" if rate == "0" else "S", rate, note=note)


def rate_of(own: str | None, *, customer: Customer, entity: LegalEntityPublished, on: date) -> str:
    """Return the rate in percent of what is completed *on* a day: of a component's *own*, or not.

    A rate of a component's own is one of the seller's country: elsewhere it is the standard rate.
    """
    is_private = customer.kind == "consumer" and customer.address.country != entity.country
    if is_private and entity.oss is not None:
        theirs = entity.oss.rate(customer.address.country, on)
        if theirs is not None:
            return theirs
    return own or rate_on(entity, on)


def why_not_reversed(
    customer: Customer, kind: Literal["goods", "services"], *, country: str
) -> Refusal | None:
    """Return the first precondition of reverse charge that is not met, or None (R-102).

    The customer is a business with a well-formed VAT id of another country of the EU than the
    seller's *country*, which is of the EU itself. A register's answer ``invalid`` refuses; without
    any answer, or ``unconfirmed``, the id counts as valid.
    """
    if customer.kind != "business":
        return "consumer"
    if customer.vat_id is None:
        return "no_id"
    theirs = vat_country(customer.vat_id)
    if theirs is None:
        return "malformed"
    there = theirs in EU or (theirs == "XI" and kind == "goods")
    if not there or theirs == country or country not in EU:
        return "not_elsewhere"
    check = customer.vat_id_check
    return "invalid" if check is not None and check.answer == "invalid" else None


def vat_country(vat_id: str) -> str | None:
    """Return the country (ISO 3166, or XI) of a well-formed VAT id of the EU, else None.

    Well-formed is what has the country's form and check digits; spaces and dots do not matter.
    """
    try:
        prefix = vat.validate(vat_id)[:2]
    except ValidationError:
        return None
    code = {"EL": "GR"}.get(prefix, prefix)
    return code if code in EU | {"XI"} else None


def rate_on(entity: LegalEntityPublished, day: date) -> str:
    """Return the seller's default rate of *day*, in percent: the last that holds by then."""
    begun = [from_on for from_on in entity.vat_rates if from_on <= day]
    return entity.vat_rates[max(begun)] if begun else entity.default_vat_rate


def percent(text: str) -> str:
    """Return *text* without what it needs not, so that ``19`` and ``19.0`` are one rate."""
    return f"{Decimal(text).normalize():f}"


def _untaxed(
    category: Category,
    why: str,
    *,
    customer: Customer,
    entity: LegalEntityPublished,
    law: str | None = None,
) -> Treatment:
    """Say why in the customer's language and in that of the law the seller is under."""
    official: Language = "de" if entity.country in ("DE", "AT") else entity.language
    said = _said(WORDINGS[why], law)
    wording = tuple(dict.fromkeys((said[customer.language], said[official])))
    return Treatment(category, "0", said[customer.language], wording)


def _said(texts: Mapping[Language, str], law: str | None) -> dict[Language, str]:
    return {each: f"{text} ({law})" if law else text for each, text in texts.items()}
