"""Deferrals: the creditor gives time (R-98)."""

from dataclasses import replace

from schemas.instructions import DeferReceivable
from schemas.message import NotYet, Refused
from schemas.terms import Terms
from services.dunning import resets
from services.dunning.claims import Deferral
from services.dunning.model import Account, Outcome


def defer(account: Account, told: DeferReceivable, terms: Terms) -> Outcome:
    """Let an item age from the new date; the time given is remembered for the interest."""
    item = account.item(told.invoice_id)
    if item is None:
        raise NotYet("invoice")
    if not item.is_open:
        raise Refused("conflict", "nothing of it is open")
    today = terms.today(account.registered.legal_entity_id)
    if told.until < max(today, item.falls_due_on):
        raise Refused("conflict", "the new due date is no later than the old one, or is over")
    given = Deferral(since=today, until=told.until)
    later = replace(item, anchor_on=told.until, deferrals=(*item.deferrals, given))
    items = tuple(later if each is item else each for each in account.items)
    return resets.cancel_drafts(replace(account, items=items))
