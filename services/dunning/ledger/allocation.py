"""Which money pays what: designation first, then the oldest (R-74, R-80 to R-84)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from schemas.frozen import replace
from schemas.shares import shares
from schemas.values import ReceivableId
from services.dunning.open_items import Assignment, Kept, OpenItem, Receipt, Wishes

DAMAGES = ("fee", "interest", "lump_sum")

Parts = dict[ReceivableId, int]
_NOTHING: Mapping[ReceivableId, int] = MappingProxyType({})

# For so long credit waits for the invoice that its payer named (wire.md, Waiting).
KEPT_FOR = timedelta(days=30)


class Plan(NamedTuple):
    """What money pays, and what of it is kept for invoices that are not known yet."""

    paid: tuple[Assignment, ...]
    kept: tuple[Assignment, ...]


def key(item: OpenItem) -> tuple[bool, date, date]:
    """Return the key of R-81: interest-bearing first, then by due date, then by issue date.

    Fees and other damages bear none (§ 289 BGB): leaving them open burdens the debtor least.
    """
    return item.kind in DAMAGES, item.falls_due_on, item.issued_on


def seniority(item: OpenItem) -> tuple[bool, date, date, int]:
    """Return what brings one receivable before another where only one can be first (R-02)."""
    return *key(item), item.entry


def claim(item: OpenItem) -> int:
    """Return what is owed on *item*: what was written off is owed all the same (R-86)."""
    return item.open + item.written_off


def plan(
    amount: int,
    items: Iterable[OpenItem],
    *,
    wishes: Wishes = (),
    on: date,
    later: Mapping[ReceivableId, int] = _NOTHING,
) -> Plan:
    """Divide *amount* booked *on* that day: what the payer named first (R-80), then the oldest.

    What of an item is to be paid *later*, in instalments, is not due: all that is goes first.
    What is left over stays credit (R-82); a part payment leaves the rest open (R-84). Parts are in
    the order in which they were paid, so that a receivable may stand there more than once (R-74).
    """
    items = tuple(items)
    left = {item.receivable_id: claim(item) for item in items}
    paid: list[tuple[ReceivableId, int]] = []
    kept: list[tuple[ReceivableId, int]] = []
    for name, most in named(items, wishes):
        wanted = left.get(name, amount)
        part = min(amount, wanted if most is None else min(wanted, most))
        (paid if name in left else kept).append((name, part))
        if name in left:
            left[name] -= part
        amount -= part
    for reserved in _reserved(items, later, on=on):
        asked = {name: max(0, part - reserved.get(name, 0)) for name, part in left.items()}
        for name, part in _oldest_first(amount, items, left=asked, on=on):
            paid.append((name, part))
            left[name] -= part
            amount -= part
    return Plan(_assignments(paid), _assignments(kept))


def _reserved(
    items: tuple[OpenItem, ...], later: Mapping[ReceivableId, int], *, on: date
) -> Iterator[Mapping[ReceivableId, int]]:
    """Yield what of each item money is not for yet, one turn after the other.

    Who disputes a debt and names none means another one (§ 366 (1) BGB): it is paid last (R-116).
    """
    disputed = {item.receivable_id: item.disputed for item in items}
    if later:
        not_due = {item.receivable_id: claim(item) for item in items if item.falls_due_on > on}
        yield {name: part + later.get(name, 0) for name, part in disputed.items()} | not_due
    if any(disputed.values()):
        yield disputed
    yield _NOTHING


def named(items: Iterable[OpenItem], wishes: Wishes) -> Wishes:
    """Return *wishes* by id where they name a document by its printed number (R-16).

    An id goes first; of several documents of one number all are meant, the senior one first. What
    is unknown stays as it was said.
    """
    items = tuple(items)
    found: list[tuple[ReceivableId, int | None]] = []
    for name, most in wishes:
        meant = [item for item in items if item.receivable_id == name]
        meant = meant or sorted((i for i in items if i.number == name), key=seniority)
        found += [(item.receivable_id, most) for item in meant] or [(name, most)]
    return tuple(found)


def beyond(amount: int, items: Iterable[OpenItem], *, wishes: Wishes) -> int:
    """Return what of *amount* is left when *wishes* are paid, or kept for what is not known yet."""
    items = tuple(items)
    owed = {item.receivable_id: claim(item) for item in items}
    for name, most in named(items, wishes):
        wanted = owed.get(name, amount)
        part = min(amount, wanted if most is None else min(wanted, most))
        owed[name] = wanted - part
        amount -= part
    return amount


def take_back(amount: int, receipt: Receipt) -> tuple[Assignment, ...]:
    """Return what taking back *amount* takes off the receivables that *receipt* paid.

    Credit goes first, then what was assigned last (R-74); it comes to less than *amount* less the
    credit where we had paid some of it back. Raises ValueError above what is left.
    """
    if amount > receipt.left:
        raise ValueError("more is taken back than was paid")
    left = max(0, amount - receipt.credit)
    taken: Parts = {}
    for each in reversed(receipt.assigned):
        part = min(left, each.amount)
        taken[each.receivable_id] = taken.get(each.receivable_id, 0) + part
        left -= part
    return _assignments(taken.items())


def reassign(receipt: Receipt, items: Iterable[OpenItem], wishes: Wishes) -> tuple[Assignment, ...]:
    """Return what *receipt* is to pay more, or less, so that it pays *wishes* first.

    What it pays already it goes on paying as far as it reaches, in the order of assignment.
    """
    items = tuple(items)
    owed = {item.receivable_id: claim(item) for item in items}
    now = totals(receipt.assigned)
    amount = receipt.kept_by_us
    then: Parts = {}
    first = named(items, wishes)
    others = [(name, part) for name, part in now.items() if name not in dict(first)]
    for name, most in (*first, *others):
        wanted = owed[name] + now.get(name, 0) - then.get(name, 0)
        part = min(amount, wanted if most is None else min(wanted, most))
        then[name] = then.get(name, 0) + part
        amount -= part
    return _assignments((name, part - now.get(name, 0)) for name, part in then.items())


def keep(parts: Iterable[Assignment], until: date) -> tuple[Kept, ...]:
    """Return *parts* as credit kept for what they name, through *until*."""
    return tuple(
        Kept(receivable_id=each.receivable_id, amount=each.amount, until=until) for each in parts
    )


def less(kept: Iterable[Kept], amount: int) -> tuple[Kept, ...]:
    """Return *kept* with *amount* less in it; what was named last goes first."""
    left = []
    for each in reversed(tuple(kept)):
        part = min(amount, each.amount)
        amount -= part
        if each.amount > part:
            left.append(replace(each, amount=each.amount - part))
    return tuple(reversed(left))


def pro_rata(amount: int, owed: Parts) -> Parts:
    """Divide *amount* in proportion to what is *owed*, at most all of it (U-42)."""
    if amount >= sum(owed.values()):
        return dict(owed)
    return dict(zip(owed, shares(amount, list(owed.values())), strict=True))


def _oldest_first(
    amount: int, items: tuple[OpenItem, ...], *, left: Parts, on: date
) -> Iterable[tuple[ReceivableId, int]]:
    """Yield what pays what: due before not due, then by the key; equals pro rata (§ 366 BGB)."""

    def rank(item: OpenItem) -> tuple[bool, bool, date, date]:
        return item.falls_due_on > on, *key(item)

    for _, equals in groupby(sorted(items, key=lambda item: (rank(item), item.entry)), key=rank):
        owed = {item.receivable_id: left[item.receivable_id] for item in equals}
        parts = pro_rata(amount, owed)
        amount -= sum(parts.values())
        yield from parts.items()


def _assignments(parts: Iterable[tuple[ReceivableId, int]]) -> tuple[Assignment, ...]:
    """Return *parts* that are not nothing; neighbours of one receivable become one."""
    return tuple(
        Assignment(receivable_id=name, amount=sum(part for _, part in some))
        for name, some in groupby((each for each in parts if each[1]), key=itemgetter(0))
    )


def totals(parts: Iterable[Assignment]) -> Parts:
    """Return what *parts* come to for each receivable."""
    found: Parts = {}
    for each in parts:
        found[each.receivable_id] = found.get(each.receivable_id, 0) + each.amount
    return found
