"""Reminders, notices and statements, from what dunning said of them."""

from collections.abc import Iterable, Sequence
from datetime import date

from schemas.invoices import InvoiceIssued
from schemas.payment_reference import payment_reference
from schemas.receivables import EntryPosted
from schemas.reminders import LeftOut as SaidLeftOut
from schemas.reminders import ReminderCreated, ReminderItem
from schemas.values import ContractId, Money
from services.notifications.rendering.documents.letters import (
    LeftOut,
    Movement,
    Notice,
    OpenItem,
    Reminder,
    Statement,
)
from services.notifications.rendering.documents.parties import Head
from services.notifications.rendering.sources.parties import Parties

# From how many days overdue on the open items of a statement stand in one sum.
AGES = (1, 31, 61, 91)


def reminder(said: ReminderCreated, *, parties: Parties, enclosed: Sequence[str] = ()) -> Reminder:
    """Return the reminder that *said* froze, with the numbers of the invoices *enclosed*.

    Whatever the contract's means of payment, it is paid by transfer: what was to be collected
    has failed.
    """
    reference = payment_reference(said.contract_id, said.dunning_id)
    amount = said.demanded.minor
    return Reminder(
        head=Head(
            document_id=said.dunning_id,
            contract_id=said.contract_id,
            seller=parties.seller,
            recipient=parties.recipient,
            issued_on=said.created_on,
            currency=said.demanded.currency,
        ),
        level=said.level,
        template=said.template,
        pay_until=said.pay_until,
        items=tuple(_item(each) for each in said.items),
        items_left_out=_left_out(said.items_left_out),
        further=tuple(_item(each) for each in said.further_open),
        further_left_out=_left_out(said.further_left_out),
        fee=_minor(said.fees),
        interest=_minor(said.interest),
        lump_sum=_minor(said.lump_sum),
        demanded=amount,
        payment=parties.transfer(amount, due_on=said.pay_until, reference=reference)
        if amount > 0
        else None,
        as_of=said.as_of,
        enclosed=tuple(enclosed),
    )


def before_due(
    said: InvoiceIssued, *, parties: Parties, open: Money, today: date, announced: bool = False
) -> Notice:
    """Return word of *today* that what is *open* of an invoice will be due.

    Where the amount is collected, which was *announced*, there is nothing to transfer.
    """
    reference = payment_reference(said.contract_id, said.invoice_id)
    item = OpenItem(
        kind="invoice",
        number=said.number,
        issued_on=said.issued_on,
        due_on=said.due_on,
        original=said.payable.minor,
        open=open.minor,
    )
    transfer = parties.transfer(open.minor, due_on=said.due_on, reference=reference)
    return Notice(
        head=_head(said.contract_id, f"before-due/{said.invoice_id}", parties, today, open),
        kind="before_due",
        items=(item,),
        amount=open.minor,
        payment=None if announced or not open.minor else transfer,
    )


def thanks(
    items: Sequence[OpenItem], *, parties: Parties, paid: Money, today: date, payment: EntryPosted
) -> Notice:
    """Return thanks for what was *paid* by *payment*, which settled *items*."""
    name = f"thanks/{payment.entry_id}"
    return Notice(
        head=_head(payment.contract_id, name, parties, today, paid),
        kind="thanks",
        items=tuple(items),
        amount=paid.minor,
    )


def statement(
    entries: Sequence[EntryPosted],
    *,
    contract_id: ContractId,
    parties: Parties,
    opening: Money,
    as_of: date,
) -> Statement:
    """Return the *entries* of a contract from its balance *opening* on, as of the end of a day."""
    balances = [opening.minor, *(each.balance.minor for each in entries)]
    movements = (
        Movement(
            booked_on=entry.booked_on,
            kind=entry.kind,
            document=next((owed.number for owed in entry.owed if owed.number), None),
            amount=after - before,
        )
        for entry, before, after in zip(entries, balances, balances[1:], strict=False)
        # What only moves what an earlier one had assigned changes nothing for the customer.
        if after != before
    )
    name = f"statement/{contract_id}/{as_of}"
    return Statement(
        head=_head(contract_id, name, parties, as_of, opening),
        opening=opening.minor,
        movements=tuple(movements),
    )


def aging(items: Iterable[OpenItem]) -> tuple[tuple[int | None, int], ...]:
    """Return what is open by age: what is not due yet, then from each of AGES on."""
    sums: dict[int | None, int] = dict.fromkeys((None, *AGES), 0)
    for item in items:
        sums[max((age for age in AGES if age <= item.days_overdue), default=None)] += item.open
    return tuple(sums.items())


def _head(
    contract_id: ContractId, document_id: str, parties: Parties, today: date, money: Money
) -> Head:
    return Head(
        document_id=document_id,
        contract_id=contract_id,
        seller=parties.seller,
        recipient=parties.recipient,
        issued_on=today,
        currency=money.currency,
    )


def _item(said: ReminderItem) -> OpenItem:
    return OpenItem(
        kind=said.kind,
        number=said.number,
        issued_on=said.issued_on,
        due_on=said.due_on,
        original=said.original.minor,
        open=said.open.minor,
        days_overdue=said.days_overdue,
    )


def _left_out(said: SaidLeftOut | None) -> LeftOut | None:
    return LeftOut(said.count, said.open.minor) if said else None


def _minor(said: Money | None) -> int:
    return said.minor if said else 0
