"""Write-offs: what is open is given up, and what was given up is demanded again (R-85)."""

from schemas.frozen import replace
from schemas.instructions import ReverseWriteOff, WriteOff
from schemas.message import Refused
from schemas.receivables import About
from services.dunning.escalation import resets
from services.dunning.ledger import ledger
from services.dunning.ledger.entries import Entry, post
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Movement, OpenItem


def write_off(account: Account, told: WriteOff) -> Outcome:
    """Give up all that is open on a contract that ends; the items stay unpaid (R-85, R-86)."""
    if account.ends_on is None:
        raise Refused("conflict", "the contract has no end")
    if account.latest_invoice_on is not None and told.on <= account.latest_invoice_on:
        raise Refused("conflict", "an invoice is not older than the write-off")
    if not account.open_items:
        raise Refused("conflict", "nothing is open")
    items = tuple(_given_up(item, told) if item.is_open else item for item in account.items)
    after = replace(
        account,
        items=items,
        balance=account.balance - sum(item.open for item in account.open_items),
    )
    entry = _entry(account, told)
    return resets.after_entry(post(account, after, entry), "write_off")


def reverse(account: Account, told: ReverseWriteOff) -> Outcome:
    """Demand again all that was given up and not paid since, as old as it is (R-76)."""
    parts = {item.receivable_id: item.written_off for item in account.items if item.written_off}
    if not parts:
        raise Refused("conflict", "nothing is written off")
    after = ledger.set_off(ledger.owe_again(account, parts, on=told.on), on=told.on)
    entry = replace(_entry(account, told), kind="write_off_reversal")
    return resets.after_entry(post(account, after, entry), "balance_cleared")


def _given_up(item: OpenItem, told: WriteOff) -> OpenItem:
    return replace(
        item,
        open=0,
        written_off=item.written_off + item.open,
        movements=(*item.movements, Movement(on=told.on, amount=item.open)),
    )


def _entry(account: Account, told: WriteOff | ReverseWriteOff) -> Entry:
    """Return the entry; an instruction has no name of its own, so that it gets the next number."""
    return Entry(
        kind="write_off",
        name=(str(account.entries + 1),),
        about=About(),
        booked_on=told.on,
    )
