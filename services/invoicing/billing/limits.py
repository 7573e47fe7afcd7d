"""Amounts that no reader of a document takes are refused where they come in, not when they are due.

An amount on the wire has at most fifteen digits before the point (``schemas.values.Amount``); a
document that says more would be refused by dunning, and its money would be owed by nobody. What a
contract is to be billed for has room for a dozen periods at once and for the tax.
"""

from schemas.message import Refused
from schemas.terms import Terms
from schemas.values import Money
from services.invoicing.documents.documents import MOST
from services.invoicing.model import Contract
from services.invoicing.timeline.components import booked
from services.invoicing.timeline.timeline import phases
from services.tariffs.rounding import minor_units

# Twelve periods on one document.
_PERIODS = 12


def check(contract: Contract, terms: Terms, *, prices: bool) -> None:
    """Refuse what makes a document too large: items to come, and *prices* where they change."""
    corrected = [each for rebill in contract.rebills for each in rebill.difference]
    items = sum(abs(each.net) for each in (*contract.items, *corrected))
    period = _a_period(contract, terms) if prices else 0
    # No tax is more than the amount that it is on.
    total = 2 * (items + _PERIODS * period)
    currency = contract.agreement.currency
    if total >= MOST * minor_units(currency):
        said = Money.of(max(items, period), currency)
        raise Refused(
            "excess",
            f"amounts of {said.amount} {currency} come to more than 15 digits on a document",
        )


def _a_period(contract: Contract, terms: Terms) -> int:
    """Return more than all prices and bounds of the contract together, in the minor unit."""
    prices = sum(abs(each.component.price) for each in booked(contract, terms))
    plans = [phase.plan for phase in phases(contract, terms)]
    return int(prices) + sum(plan.minimum.minor for plan in plans if plan.minimum)
