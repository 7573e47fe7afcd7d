"""What prepaid balances pay of documents after tax, and what credit notes give back to them.

| rule | says | here |
|------|------|------|
| U-53 | prepaid that applies gross comes last, behind the tax | ``pay`` |
| U-16 | priority, promotional ones first, earliest expiry, order of the grants | ``pay`` |
| U-61 | less of an invoice is money first; the last drawn gets back first | ``give_back`` |
| U-61 | an expired balance pays nothing and gets nothing back: that is money | ``give_back`` |
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from schemas.frozen import replace
from schemas.message import Refused
from schemas.orders import GrantPrepaid
from schemas.prepaid import PrepaidApplied
from schemas.values import Money, derived_id
from services.invoicing.billed import Invoice
from services.invoicing.documents.documents import Draft
from services.invoicing.given_back import CreditNote, PutBack
from services.invoicing.granted import Grant
from services.invoicing.model import Contract
from services.tariffs.rounding import rounded

# A document names no more balances (``schemas.invoices.Document``).
_MOST = 100


class Returned(NamedTuple):
    """A contract after a credit, and what of which invoice went back to which balance."""

    contract: Contract
    put_back: dict[str, tuple[PutBack, ...]]

    @property
    def amounts(self) -> dict[str, int]:
        """What each balance got back; an expired one got nothing."""
        found: dict[str, int] = {}
        for each in (each for some in self.put_back.values() for each in some if each.returned):
            found[each.grant_id] = found.get(each.grant_id, 0) + each.returned
        return found


def grant(contract: Contract, granted: GrantPrepaid) -> Contract:
    """Open a balance that applies gross; of one that applies net usage keeps the book."""
    if granted.applies == "net":
        return contract
    if granted.money.currency != contract.agreement.currency:
        raise Refused("currency", f"the contract is in {contract.agreement.currency}")
    new = Grant(
        grant_id=granted.grant_id,
        money=granted.money.minor,
        left=granted.money.minor,
        priority=granted.priority,
        promotional=granted.promotional,
        expires_on=granted.expires_on,
        components=granted.components,
        number=len(contract.grants) + 1,
    )
    return replace(contract, grants=(*contract.grants, new))


def pay(contract: Contract, draft: Draft, *, today: date) -> tuple[Contract, Draft]:
    """Let balances pay what they can of an invoice; a document that credits they do not pay."""
    rest = draft.gross + (draft.payable_rounding or 0)
    if draft.credits or draft.is_nothing or rest <= 0:
        return contract, draft
    drawn: dict[str, int] = {}
    limited: list[tuple[Grant, int]] = []
    for each in in_order(contract, today=today)[:_MOST]:
        before = sum(amount for other, amount in limited if _overlap(each, other))
        part = min(rest, each.left, _reach(draft, each.components) - before)
        if part > 0:
            drawn[each.grant_id] = part
            rest -= part
            limited += [(each, part)] if each.components is not None else []
    return _moved(contract, drawn), replace(draft, prepaid=tuple(drawn.items()))


def in_order(contract: Contract, *, today: date) -> list[Grant]:
    """Return the balances that may pay today, in their order."""
    some = [each for each in contract.grants if each.left and each.holds_on(today)]
    return sorted(
        some, key=lambda e: (e.priority, not e.promotional, e.expires_on or date.max, e.number)
    )


def give_back(contract: Contract, names: Iterable[str], *, most: int, today: date) -> Returned:
    """Give back what balances paid of invoices, by *names*, and is more than is left of them.

    *most* is what is credited of all of them.
    """
    put_back: dict[str, tuple[PutBack, ...]] = {}
    alive = {each.grant_id for each in contract.grants if each.holds_on(today)}
    for name in dict.fromkeys(names):
        invoice = contract.invoice(name)
        if invoice is None or not invoice.drawn:
            continue
        some = tuple(_put_back(invoice, alive, most=most))
        most -= sum(each.returned for each in some)
        put_back[name] = some
        contract = contract.with_invoice(_undrawn(invoice, some))
        contract = _moved(contract, {e.grant_id: -e.returned for e in some})
    return Returned(contract, put_back)


def draw_again(contract: Contract, name: str, some: Iterable[PutBack], *, today: date) -> Contract:
    """Draw what a credit note that is void gave back; Refused where it was used or expired."""
    back = tuple(some)
    over = {each.grant_id for each in contract.grants if not each.holds_on(today)}
    if lost := sum(each.returned for each in back if each.grant_id in over):
        money = Money.of(lost, contract.agreement.currency)
        raise Refused(
            "conflict", f"{money.amount} {money.currency} that went back expired since then"
        )
    left = {each.grant_id: each.left for each in contract.grants}
    if any(each.returned > left[each.grant_id] for each in back):
        raise Refused("conflict", "what went back to a balance was used since then")
    invoice = contract.invoice(name)
    assert invoice is not None, "its lines were restored before"
    drawn = dict(invoice.drawn)
    for each in back:
        drawn[each.grant_id] = drawn.get(each.grant_id, 0) + each.undrawn
    contract = contract.with_invoice(replace(invoice, drawn=drawn))
    return _moved(contract, {each.grant_id: each.returned for each in back})


def told(
    contract: Contract, document_id: str, drawn: Mapping[str, int], *, name: str | None = None
) -> Iterator[PrepaidApplied]:
    """Yield what balances moved because of a document; less than nothing is what they got back.

    *name* is that of the movement, where it is not the first one of the document.
    """
    currency = contract.agreement.currency
    left = {each.grant_id: each.left for each in contract.grants}
    for grant_id, amount in drawn.items():
        yield PrepaidApplied(
            contract_id=contract.contract_id,
            grant_id=grant_id,
            movement_id=name or document_id,
            document_id=document_id,
            applied=Money.of(amount, currency),
            left=Money.of(left[grant_id], currency),
        )


def told_again(contract: Contract, note: CreditNote) -> Iterator[PrepaidApplied]:
    """Yield what balances paid again because *note* is void."""
    again: dict[str, int] = {}
    for each in (each for reduction in note.reductions for each in reduction.put_back):
        if each.returned:
            again[each.grant_id] = again.get(each.grant_id, 0) + each.returned
    name = derived_id("void", note.credit_note_id)
    return told(contract, note.credit_note_id, again, name=name)


def _overlap(one: Grant, other: Grant) -> bool:
    """Say whether two balances may pay for the same component."""
    if one.components is None or other.components is None:
        return False
    return not set(one.components).isdisjoint(other.components)


def _reach(draft: Draft, components: tuple[str, ...] | None) -> int:
    """Return what of a document is of *components*, with its share of each tax."""
    if components is None:
        return draft.gross + (draft.payable_rounding or 0)
    found = 0
    for tax in draft.vat:
        lines = (e.net for e in draft.lines if e.tax == tax.name and e.component_id in components)
        own = min(sum(lines), tax.net)
        if own > 0:
            found += own + rounded(Fraction(tax.tax * own, tax.net))
    return min(found, draft.gross)


def _put_back(invoice: Invoice, alive: set[str], *, most: int) -> Iterator[PutBack]:
    """Yield what is to go back: what is drawn of *invoice* and is more than is left of it."""
    left = sum(e.left + e.tax - e.credited_tax for e in invoice.vat)
    rest = sum(invoice.drawn.values()) - max(left, 0)
    for name, paid in reversed(invoice.drawn.items()):
        part = min(rest, paid)
        if part > 0:
            returned = min(part, most) if name in alive else 0
            most -= returned
            rest -= part
            yield PutBack(name, undrawn=part, returned=returned)


def _undrawn(invoice: Invoice, some: Iterable[PutBack]) -> Invoice:
    less = {each.grant_id: each.undrawn for each in some}
    drawn = {name: paid - less.get(name, 0) for name, paid in invoice.drawn.items()}
    return replace(invoice, drawn={name: paid for name, paid in drawn.items() if paid})


def _moved(contract: Contract, drawn: Mapping[str, int]) -> Contract:
    if not any(drawn.values()):
        return contract
    grants = tuple(
        replace(each, left=each.left - drawn.get(each.grant_id, 0)) for each in contract.grants
    )
    return replace(contract, grants=grants)
