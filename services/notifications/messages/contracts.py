"""Who the customer is, how they are reached, and whether they pay by themselves."""

from datetime import date

from schemas.addresses import Customer
from schemas.contracts import ContractChanged, ContractRegistered, CustomerChanged
from schemas.escalations import PaymentEscalationReset, PaymentProcessStatusChanged
from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.terms import Terms
from services.notifications.model import ComingCustomer, Correspondence, Outcome


def register(
    correspondence: Correspondence, registered: ContractRegistered, terms: Terms
) -> Outcome:
    """Begin a correspondence; it waits for its legal entity, in whose name it is."""
    if registered.legal_entity_id not in terms.entities:
        raise NotYet("legal entity")
    return replace(
        correspondence,
        legal_entity_id=registered.legal_entity_id,
        currency=registered.currency,
        customer=registered.customer,
        recurring_payment=registered.switches.recurring_payment,
        # Of the month in which it began the first statement is on the first day of the next.
        stated_until=terms.today(registered.legal_entity_id).replace(day=1),
    ), ()


def change(correspondence: Correspondence, changed: ContractChanged, terms: Terms) -> Outcome:
    """Take over another customer, from the day on from which it counts, and the switch.

    What all others refuse is refused here, too, so that no half of it counts.
    """
    if changed.currency not in (None, correspondence.currency):
        raise Refused("currency", "a contract keeps its one currency")
    if changed.legal_entity_id not in (None, correspondence.legal_entity_id):
        raise Refused("conflict", "a contract keeps its legal entity")
    if changed.switches is not None and changed.switches.recurring_payment is not None:
        on = changed.switches.recurring_payment
        correspondence = replace(correspondence, recurring_payment=on)
    if changed.customer is None:
        return correspondence, ()
    today = terms.today(correspondence.entity_id)
    if changed.effective_on is not None and changed.effective_on > today:
        coming = ComingCustomer(from_on=changed.effective_on, customer=changed.customer)
        return replace(correspondence, coming=(*correspondence.coming, coming)), ()
    return _known_as(correspondence, changed.customer), ()


def change_customer(correspondence: Correspondence, changed: CustomerChanged) -> Outcome:
    """Take over the customer, whose addresses are all open again (R-121)."""
    return _known_as(correspondence, changed.customer), ()


def bring_to(correspondence: Correspondence, day: date) -> Correspondence:
    """Make the changes that count by *day*, in the order of the days from which they count."""
    due = sorted(
        (each for each in correspondence.coming if each.from_on <= day),
        key=lambda each: each.from_on,
    )
    for each in due:
        correspondence = _known_as(correspondence, each.customer)
    left = tuple(each for each in correspondence.coming if each.from_on > day)
    return replace(correspondence, coming=left) if due else correspondence


def switch(correspondence: Correspondence, changed: PaymentProcessStatusChanged) -> Outcome:
    """Note whether the customer's means of payment are in use (R-70)."""
    return replace(correspondence, recurring_payment=changed.recurring_payment), ()


def end_run(correspondence: Correspondence, reset: PaymentEscalationReset) -> Outcome:
    """Send no more of what the run has said: the debt is paid, or given up."""
    ended = correspondence.ended_runs | {reset.payment_escalation_process_id}
    return replace(correspondence, ended_runs=ended), ()


def _known_as(correspondence: Correspondence, customer: Customer) -> Correspondence:
    return replace(correspondence, customer=customer, closed=frozenset())
