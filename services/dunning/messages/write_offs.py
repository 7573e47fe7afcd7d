"""Write-offs: what is open is given up, and what was given up is demanded again (R-85)."""

from schemas.frozen import replace
from schemas.instructions import ReverseWriteOff, WriteOff
from schemas.message import Refused
from schemas.receivables import About
from services.dunning.escalation import resets
from services.dunning.ledger import ledger
from services.dunning.ledger.claims import owed
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.model import Account, Outcome
from services.dunning.open_items import Movement, OpenItem


def write_off(account: Account, told: WriteOff) -> Outcome:
    """Give up all that is owed on a contract that ends; the items stay unpaid (R-85, R-86).

    What credit without an assignment covers is not owed, and not lost (R-16).
    """
    if account.ends_on is None:
        raise Refused("conflict", "the contract has no end")
    if account.latest_invoice_on is not None and told.on <= account.latest_invoice_on:
        raise Refused("conflict", f"the invoice of {account.latest_invoice_on} is not older")
    parts = {item.receivable_id: item.open for item in owed(account)}
    if not parts:
        raise Refused("conflict", f"nothing is owed: {_text(account)}")
    items = tuple(_given_up(each, told, parts.get(each.receivable_id, 0)) for each in account.items)
    after = replace(account, items=items, balance=account.balance - sum(parts.values()))
    entry = _entry(account, told)
    return resets.after_entry(post(account, after, entry), "write_off")


def reverse(account: Account, told: ReverseWriteOff) -> Outcome:
    """Demand again all that was given up and not paid since, as old as it is (R-76)."""
    parts = {item.receivable_id: item.written_off for item in account.items if item.written_off}
    if not parts:
        raise Refused("conflict", f"nothing is written off: {_text(account)}")
    after = ledger.set_off(ledger.owe_again(account, parts, on=told.on), on=told.on)
    entry = replace(_entry(account, told), kind="write_off_reversal")
    return resets.after_entry(post(account, after, entry), "balance_cleared")


def _given_up(item: OpenItem, told: WriteOff, part: int) -> OpenItem:
    if not part:
        return item
    return replace(
        item,
        open=item.open - part,
        written_off=item.written_off + part,
        movements=(*item.movements, Movement(on=told.on, amount=part)),
    )


def _text(account: Account) -> str:
    """Return what is open, and the credit that covers it."""
    credit = sum(each.credit for each in account.receipts)
    return f"{account.text(account.balance + credit)} is open, {account.text(credit)} is credit"


def _entry(account: Account, told: WriteOff | ReverseWriteOff) -> LedgerEntry:
    """Return the entry; an instruction has no name of its own, so that it gets the next number."""
    return LedgerEntry(
        kind="write_off",
        name=(str(account.entries + 1),),
        about=About(),
        booked_on=told.on,
    )
