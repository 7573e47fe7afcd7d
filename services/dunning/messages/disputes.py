"""Disputes of invoices: what is disputed is owed, and not demanded until that is over (R-116)."""

from schemas.frozen import replace
from schemas.instructions import InvoiceDisputed, InvoiceDisputeSettled
from schemas.message import NotYet, Refused
from services.dunning.arrangements import Objection
from services.dunning.escalation import resets
from services.dunning.ledger import claims, ledger
from services.dunning.model import Account, Outcome
from services.dunning.open_items import OpenItem


def dispute(account: Account, told: InvoiceDisputed) -> Outcome:
    """Demand no more what is disputed of an invoice, also where it is open again later.

    One that is paid may be disputed: the money often comes back a few days after. Refuses more
    than the invoice is of.
    """
    item = claims.known(account, told.invoice_id)
    amount = None if told.money is None else ledger.money_of(account, told.money)
    if amount is not None and amount > item.amount:
        raise Refused(
            "conflict",
            f"{account.text(amount)} is disputed of an invoice of {account.text(item.amount)}",
        )
    return _with(account, item, Objection(amount=amount, reason_code=told.reason_code))


def settle(account: Account, told: InvoiceDisputeSettled) -> Outcome:
    """Demand again what is open of an invoice, as old as it is."""
    item = claims.known(account, told.invoice_id)
    if item.objection is None:
        raise NotYet("dispute")
    if item.objection.is_settled:
        # Waiting it would settle the next one.
        raise Refused("conflict", "the dispute is settled already")
    return _with(account, item, replace(item.objection, is_settled=True))


def _with(account: Account, item: OpenItem, objection: Objection) -> Outcome:
    """Return *account* with *objection*; a draft that demands other than it may is cancelled."""
    changed = replace(item, objection=objection)
    items = tuple(changed if each is item else each for each in account.items)
    return resets.cancel_drafts(replace(account, items=items))
