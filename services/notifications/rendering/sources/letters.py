"""Reminders, notices and statements, from what dunning said of them."""

from collections.abc import Iterable, Sequence
from datetime import date

from schemas.payment_reference import payment_reference
from schemas.reminders import LeftOut as SaidLeftOut
from schemas.reminders import NoticeCreated, ReminderCreated, ReminderItem
from schemas.statements import StatementDrawn
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
from services.notifications.rendering.documents.payments import Card, Debit, Payment
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


def notice(said: NoticeCreated, *, parties: Parties) -> Notice:
    """Return word that an invoice will be due, or thanks (R-123)."""
    return Notice(
        head=_head(said.contract_id, said.notice_id, parties, said.created_on, said.money),
        kind=said.kind,
        items=tuple(_item(each) for each in said.items),
        amount=said.money.minor,
        payment=_payment(said, parties),
    )


def _payment(said: NoticeCreated, parties: Parties) -> Payment | None:
    """Return how what is due is paid; where it is collected there is nothing to transfer."""
    amount, reference = said.money.minor, said.payment_reference
    if said.kind == "thanks" or amount <= 0 or reference is None or not said.items:
        return None
    due_on = said.items[0].due_on
    match said.collected_by:
        case "direct_debit":
            return Debit(amount=amount, due_on=due_on, reference=reference)
        case "card":
            return Card(amount=amount, due_on=due_on, reference=reference)
        case _:
            return parties.transfer(amount, due_on=due_on, reference=reference)


def statement(said: StatementDrawn, *, contract_id: ContractId, parties: Parties) -> Statement:
    """Return the movements of a contract, as of the end of a day."""
    return Statement(
        head=_head(contract_id, said.statement_id, parties, said.as_of, said.opening),
        opening=said.opening.minor,
        movements=tuple(
            Movement(
                booked_on=each.booked_on,
                kind=each.kind,
                document=each.number,
                amount=each.amount.minor,
            )
            for each in said.lines
        ),
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
