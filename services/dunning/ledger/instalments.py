"""Instalments: what is agreed upon is claimed in parts, each with a due date of its own (R-117)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from schemas.frozen import replace
from schemas.values import ReceivableId
from services.dunning.arrangements import Agreement
from services.dunning.open_items import Movement, OpenItem


class _Move(NamedTuple):
    """What was open before and after money went back, and when that was."""

    before: int
    after: int
    on: date


def in_place_of(
    agreements: Iterable[Agreement], items: Sequence[OpenItem], known: Sequence[OpenItem]
) -> tuple[OpenItem, ...]:
    """Return *items*, instalments in the place of what is agreed upon; their sum is the same.

    *items* are the open ones, without what is disputed of them where that counts; those that are
    *known* say what was paid and returned.
    """
    for agreement in agreements:
        names = frozenset(agreement.receivables)
        covered = [item for item in items if item.receivable_id in names]
        left = sum(item.open for item in known if item.receivable_id in names)
        paid = tuple(_paid(item for item in known if item.receivable_id in names))
        parts = tuple(_parts(agreement, left, sum(item.open for item in covered), paid))
        beyond = sum(item.open for item in covered) - sum(part.open for part in parts)
        others = (item for item in items if item.receivable_id not in names)
        items = (*others, *_beyond(covered, beyond), *parts)
    return tuple(items)


def to_come(
    agreements: Iterable[Agreement], items: Sequence[OpenItem], *, on: date
) -> dict[ReceivableId, int]:
    """Return what of which receivable is not due on a day, as it is to be paid later (R-117).

    The oldest is paid first, so that it is off the youngest. Money of a day before an agreement
    knows nothing of it.
    """
    found: dict[ReceivableId, int] = {}
    for agreement in [each for each in agreements if each.agreed_on <= on]:
        covered = [item for item in items if item.receivable_id in agreement.receivables]
        later = sum(each.amount for each in agreement.plan if each.on > on)
        later = min(later, sum(item.open for item in covered))
        for item in reversed(covered):
            part = min(later, item.open)
            found[item.receivable_id] = part
            later -= part
    return found


def less(item: OpenItem, part: int, *, on: date) -> OpenItem:
    """Return *item* as if a part of it had been paid *on* a day: it bears no interest (R-94)."""
    if not part:
        return item
    moved = Movement(on=on, amount=part)
    return replace(item, open=item.open - part, movements=(*item.movements, moved))


def _parts(
    agreement: Agreement, open_: int, claimed: int, moves: Sequence[_Move]
) -> Iterator[OpenItem]:
    """Yield what is left of the instalments: paid is off the first, disputed off the last.

    One that was paid and is returned ages from that day, and begins its steps anew (R-71).
    """
    paid, until = max(0, agreement.total - open_), agreement.total
    for number, each in enumerate(agreement.plan, 1):
        part = min(paid, each.amount)
        left = min(each.amount - part, claimed)
        paid, claimed, until = paid - part, claimed - left, until - each.amount
        again = [on for before, after, on in moves if before <= until < after]
        if left:
            yield OpenItem(
                receivable_id=each.receivable_id,
                kind="instalment",
                issued_on=agreement.agreed_on,
                due_on=each.on,
                amount=each.amount,
                open=left,
                anchor_on=max([each.on, *again]),
                reopening=len(again),
                entry=number,
            )


def _paid(items: Iterable[OpenItem]) -> Iterator[_Move]:
    """Yield what was open of *items* before and after the bank took money back, and that day."""
    items = tuple(items)
    moves = sorted((m for item in items for m in item.movements), key=lambda move: move.on)
    open_ = sum(item.open for item in items)
    for each in reversed(moves):
        before = open_ + each.amount
        if each.returned_on is not None:
            yield _Move(before, open_, each.returned_on)
        open_ = before


def _beyond(covered: Sequence[OpenItem], amount: int) -> Iterator[OpenItem]:
    """Yield *amount* of the youngest: money from before the agreement that was taken back."""
    for item in reversed(covered):
        part = min(amount, item.open)
        amount -= part
        if part:
            yield less(item, item.open - part, on=item.issued_on)
