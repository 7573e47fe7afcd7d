"""What may be deducted by whoever pays early: given with the money, and gone with it (R-84a).

| what happens | the discount |
|--------------|--------------|
| what came in time is at least the invoice less the percentage | is what is missing of it |
| less of it, or some of it later | none: it was a part payment |
| that money is taken back, or was meant for something else | falls, until it is enough again |
| a credit note takes something off the invoice | is a percentage of what that leaves |

The day on which the money came decides, and no order in which it is booked.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from schemas.frozen import replace
from schemas.invoices import Document, InvoiceIssued, Vat
from schemas.message import ContractMessage
from schemas.receivables import About, EntryPosted
from schemas.shares import shares
from schemas.values import Money
from services.dunning.ledger import ledger
from services.dunning.ledger.entries import LedgerEntry, post
from services.dunning.model import Account, Outcome
from services.dunning.open_items import (
    Credited,
    Movement,
    Offer,
    OpenItem,
    Receipt,
    VatPart,
    Wishes,
)


def offers(issued: InvoiceIssued, *, working_day: Callable[[date], date]) -> tuple[Offer, ...]:
    """Return until when what may be deducted: the last day moves as any other does (R-91)."""
    return tuple(
        Offer(
            percent=each.percent,
            until=working_day(issued.issued_on + timedelta(days=each.days)),
        )
        for each in issued.early_payment
    )


def vat_of(document: Document) -> tuple[VatPart, ...]:
    """Return what *document* comes to by category and rate; in one sum where it does not say."""
    said = tuple(
        VatPart(category=each.category, rate=each.rate, net=each.net.minor, tax=each.tax.minor)
        for each in document.vat
    )
    return said or (VatPart(net=document.net.minor, tax=document.tax.minor),)


def suffices(item: OpenItem, *, on: date) -> int:
    """Return what of money that comes *on* that day settles *item* though it is less than is open.

    0 where none does: nothing may be deducted any more, or what came in time is enough.
    """
    base = item.amount - item.credited
    asked = [
        base - _most(item, offer) - _in_time(item, offer)
        for offer in item.offers
        if on <= offer.until
    ]
    enough = min(asked, default=0)
    return enough if 0 < enough < item.open else 0


def first(items: Iterable[OpenItem], wishes: Wishes, *, on: date) -> Wishes:
    """Return *wishes* in the order in which money that came *on* that day does most for its payer.

    Of each that is to be paid whole first what settles it, so that a sum of several less their
    discounts settles them all, and only then the rest.
    """
    whole = {name for name, most in wishes if most is None}
    named = [item for item in items if item.receivable_id in whole]
    enough = {item.receivable_id: suffices(item, on=on) for item in named}
    least: Wishes = tuple((name, part) for name, _ in wishes if (part := enough.get(name)))
    return (*least, *wishes)


def follow(posted: Outcome) -> Outcome:
    """Give the discounts that what was *posted* has earned, and take those that it has lost."""
    account, said = posted
    days = [each.booked_on for each in said if isinstance(each, EntryPosted)]
    if not days:
        return posted
    account, more = settle(account, on=max(days))
    return account, (*said, *more)


def settle(account: Account, *, on: date) -> Outcome:
    """Book what each discount is more, or less, than it was: an entry of its own each."""
    said: list[ContractMessage] = []
    for name in [item.receivable_id for item in account.items if item.offers]:
        item = account.item(name)
        more = _earned(item) - item.discounted if item else 0
        if item and more:
            account, posted = _change(account, item, more, on=on)
            said += posted
    return account, tuple(said)


def credited(account: Account, note: Receipt, *, sign: int = 1) -> Account:
    """Return *account* whose invoices know what *note* credits of them; with -1 no longer."""
    for each in note.credits:
        item = account.named(each.receivable_id)
        if item is not None:
            less = _credited(item, each, sign=sign)
            items = tuple(less if known is item else known for known in account.items)
            account = replace(account, items=items)
    return account


def with_notes(account: Account, item: OpenItem) -> OpenItem:
    """Return *item*, which is new, less what credit notes that came before it credit of it."""
    for each in (each for note in account.receipts for each in note.credits):
        if each.receivable_id in (item.receivable_id, item.number):
            item = _credited(item, each, sign=1)
    return item


def _change(account: Account, item: OpenItem, more: int, *, on: date) -> Outcome:
    parts = _split(item.vat, item.discounted + more)
    movement = Movement(on=on, amount=more)
    less = ledger.moved(replace(item, discount=()), movement, ages_from=ledger.AS_BEFORE)
    items = tuple(replace(less, discount=parts) if i is item else i for i in account.items)
    after = replace(account, items=items, balance=account.balance - more)
    entry = LedgerEntry(
        kind="discount",
        name=(item.receivable_id, str(account.entries + 1)),
        about=About(invoice_id=item.receivable_id),
        booked_on=on,
        vat=tuple(_vat(account, item.discount, parts)),
    )
    return post(account, ledger.set_off(after, on=on), entry)


def _earned(item: OpenItem) -> int:
    """Return the discount that the money has earned which came in time; no more than is missing."""
    base = item.amount - item.credited
    most = 0
    for offer in item.offers:
        came = _in_time(item, offer)
        if came > 0 and came >= base - _most(item, offer):
            most = max(most, _most(item, offer))
    return min(most, item.discounted + item.open)


def _most(item: OpenItem, offer: Offer) -> int:
    """Return the percentage of what is left of the invoice, rounded half up as it is printed."""
    share = Decimal(max(0, item.amount - item.credited)) * Decimal(offer.percent) / 100
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


def _in_time(item: OpenItem, offer: Offer) -> int:
    came = (each for each in item.movements if each.came_on and each.came_on <= offer.until)
    return sum(each.amount for each in came)


def _credited(item: OpenItem, credit: Credited, *, sign: int) -> OpenItem:
    """Return *item* with so much more credited: by rate where both say it, else in proportion."""
    known = [(each.category, each.rate) for each in item.vat]
    off = {(each.category, each.rate): each for each in credit.vat}
    if not off.keys() <= set(known):
        parts = _split(item.vat, credit.amount)
        off = {(each.category, each.rate): each for each in parts}
    vat = tuple(
        replace(each, net=each.net - sign * part.net, tax=each.tax - sign * part.tax)
        if (part := off.get((each.category, each.rate)))
        else each
        for each in item.vat
    )
    return replace(item, credited=item.credited + sign * credit.amount, vat=vat)


def _split(vat: tuple[VatPart, ...], amount: int) -> tuple[VatPart, ...]:
    """Return what of *amount* is net and tax of each part of *vat*: largest remainder (U-42)."""
    if not amount or not vat:
        return (VatPart(net=amount, tax=0),) if amount else ()
    weights = [max(0, each) for part in vat for each in (part.net, part.tax)]
    if not sum(weights):
        weights = [1, *(0 for _ in weights[1:])]
    divided = iter(shares(amount, weights))
    return tuple(replace(part, net=next(divided), tax=next(divided)) for part in vat)


def _vat(
    account: Account, before: tuple[VatPart, ...], after: tuple[VatPart, ...]
) -> Iterable[Vat]:
    """Yield by how much more is owed of each rate, where the invoice says one."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for parts, sign in ((before, 1), (after, -1)):
        for each in parts:
            net, tax = sums.get((each.category, each.rate), (0, 0))
            sums[each.category, each.rate] = net + sign * each.net, tax + sign * each.tax
    for (category, rate), (net, tax) in sums.items():
        if category and (net or tax):
            of = Money.of(net, account.currency), Money.of(tax, account.currency)
            yield Vat(category=category, rate=rate, net=of[0], tax=of[1])
