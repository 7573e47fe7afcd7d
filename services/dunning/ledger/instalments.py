"""Instalments: what is agreed upon is claimed in parts, each with a due date of its own (R-117)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from schemas.frozen import replace
from services.dunning.arrangements import Agreement
from services.dunning.open_items import Movement, OpenItem


def in_place_of(
    agreements: Iterable[Agreement], items: Sequence[OpenItem], open_items: Sequence[OpenItem]
) -> tuple[OpenItem, ...]:
    """Return *items*, instalments in the place of what is agreed upon; their sum is the same.

    *items* are the open ones, without what is disputed of them where that counts.
    """
    for agreement in agreements:
        names = frozenset(agreement.receivables)
        covered = [item for item in items if item.receivable_id in names]
        left = sum(item.open for item in open_items if item.receivable_id in names)
        parts = tuple(_parts(agreement, left, sum(item.open for item in covered)))
        beyond = sum(item.open for item in covered) - sum(part.open for part in parts)
        others = (item for item in items if item.receivable_id not in names)
        items = (*others, *_beyond(covered, beyond), *parts)
    return tuple(items)


def less(item: OpenItem, part: int, *, on: date) -> OpenItem:
    """Return *item* as if a part of it had been paid *on* a day: it bears no interest (R-94)."""
    if not part:
        return item
    moved = Movement(on=on, amount=part)
    return replace(item, open=item.open - part, movements=(*item.movements, moved))


def _parts(agreement: Agreement, open_: int, claimed: int) -> Iterator[OpenItem]:
    """Yield what is left of the instalments: paid is off the first, disputed off the last."""
    paid = max(0, agreement.total - open_)
    for number, each in enumerate(agreement.plan, 1):
        part = min(paid, each.amount)
        left = min(each.amount - part, claimed)
        paid, claimed = paid - part, claimed - left
        if left:
            yield OpenItem(
                receivable_id=each.receivable_id,
                kind="instalment",
                issued_on=agreement.agreed_on,
                due_on=each.on,
                amount=each.amount,
                open=left,
                anchor_on=each.on,
                entry=number,
            )


def _beyond(covered: Sequence[OpenItem], amount: int) -> Iterator[OpenItem]:
    """Yield *amount* of the youngest: money from before the agreement that was taken back."""
    for item in reversed(covered):
        part = min(amount, item.open)
        amount -= part
        if part:
            yield less(item, item.open - part, on=item.issued_on)
