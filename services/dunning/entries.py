"""What an entry tells of items: which it brought into being, what it moved, what it settled."""

from collections.abc import Iterable

from schemas.message import ContractMessage
from schemas.receivables import Assigned, Kind, Owed, ReceivableReopened, ReceivableSettled
from schemas.values import Money
from services.dunning.model import Account


def owed(before: Account, after: Account) -> Iterable[Owed]:
    """Yield the receivables that there were not before."""
    known = {each.receivable_id for each in before.items}
    for item in after.items:
        if item.receivable_id not in known:
            yield Owed(
                receivable_id=item.receivable_id,
                kind=item.kind,
                number=item.number,
                amount=Money.of(item.amount, after.currency),
                due_on=item.due_on,
            )


def assigned(before: Account, after: Account) -> Iterable[Assigned]:
    """Yield by how much the entry itself changed what is open."""
    was_open = {each.receivable_id: each.open for each in before.items}
    for item in after.items:
        paid = was_open.get(item.receivable_id, item.amount) - item.open
        if paid:
            amount = Money.of(paid, after.currency)
            yield Assigned(receivable_id=item.receivable_id, amount=amount)


def changes(before: Account, after: Account, kind: Kind) -> Iterable[ContractMessage]:
    """Yield which receivables are settled now, and which are open again."""
    was_open = {each.receivable_id: each.is_open for each in before.items}
    for item in after.items:
        if was_open.get(item.receivable_id, True) and not item.is_open:
            yield ReceivableSettled(
                contract_id=after.contract_id,
                receivable_id=item.receivable_id,
                reopening=item.reopening,
                by=kind,
            )
        elif not was_open.get(item.receivable_id, True) and item.is_open:
            yield ReceivableReopened(
                contract_id=after.contract_id,
                receivable_id=item.receivable_id,
                reopening=item.reopening,
                open=Money.of(item.open, after.currency),
                anchor_on=item.anchor_on,
            )
