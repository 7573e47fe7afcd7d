"""Deferrals: the creditor gives time (R-98)."""

from schemas.frozen import replace
from schemas.instructions import DeferReceivable
from schemas.message import NotYet, Refused
from schemas.terms import Terms
from services.dunning.escalation import resets
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Deferral, OpenItem


def defer(account: Account, told: DeferReceivable, terms: Terms) -> Outcome:
    """Let an item age from the new date; the time given is remembered for the interest."""
    item = account.item(told.invoice_id)
    if item is None:
        raise NotYet("invoice")
    if not item.is_open:
        raise Refused("conflict", f"nothing of {told.invoice_id} is open")
    if told.until < item.due_on:
        raise Refused("conflict", f"{told.until} is before the due date {item.due_on}")
    since = min(terms.today(account.registered.legal_entity_id), told.until)
    later = _deferred(item, Deferral(since=since, until=told.until))
    items = tuple(later if each is item else each for each in account.items)
    return resets.cancel_drafts(replace(account, items=items))


def _deferred(item: OpenItem, given: Deferral) -> OpenItem:
    """Return *item* with *given* in place of what is left of an earlier deferral.

    What a return opened again does not become older by it.
    """
    over = [replace(each, until=min(each.until, given.since)) for each in item.deferrals]
    reopened = item.anchor_on != item.falls_due_on
    anchor_on = max(item.anchor_on, given.until) if reopened else given.until
    return replace(item, anchor_on=anchor_on, deferrals=(*over, given))
