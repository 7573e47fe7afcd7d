"""Single invoices and credit notes that clerks order, and corrections of what was issued.

| rule | says | here |
|------|------|------|
| R-101 | what was issued stays; it is cancelled, and a new document made | ``correct`` |
"""

from collections.abc import Iterable

from schemas.context import Context
from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.orders import CorrectInvoice, IssueCreditNote, IssueInvoice
from schemas.values import derived_id
from services.invoicing.billed import BilledLine, Invoice, Time
from services.invoicing.documents import credits
from services.invoicing.documents.credits import Claim
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import credit_freely, give_back, issue, take_off
from services.invoicing.documents.replacing import as_it_was, corrected, time_of
from services.invoicing.documents.supplies import DraftLine
from services.invoicing.messages import items
from services.invoicing.model import Contract, Outcome


def invoice(contract: Contract, ordered: IssueInvoice, context: Context) -> Outcome:
    """Issue an invoice now, beside what is billed by the plan."""
    drafts = items.drafts_of(contract, ordered, ordered.items, context.terms)
    name = _name("invoice", contract, "order")
    rounding = items.rounding_of(contract, ordered)
    office = Office.of(contract, context)
    contract, office = issue(contract, name, drafts, office, rounding=rounding)
    return contract, office.said


def credit_note(contract: Contract, ordered: IssueCreditNote, context: Context) -> Outcome:
    """Issue a credit note now: of an invoice, at its rates and for no more than is left of it."""
    drafts = items.drafts_of(contract, ordered, ordered.items, context.terms)
    office, rounding = Office.of(contract, context), items.rounding_of(contract, ordered)
    if ordered.invoice_id is None:
        name = _name("credit-note", contract, "order")
        contract, office = credit_freely(contract, name, drafts, office, rounding)
        return contract, office.said
    of = issued(contract, ordered.invoice_id)
    claims = [claim for each in drafts for claim in _claims(of, each)]
    after, credited = take_off(contract, [(of, claims)], office)
    if [each.net for each in credited[0].lines] != [each.amount for each in claims]:
        raise Refused("excess", "no more is credited than is left of the invoice")
    contract = after
    contract, office = give_back(contract, credited, office, cause="order", rounding=rounding)
    return contract, office.said


def correct(contract: Contract, ordered: CorrectInvoice, context: Context) -> Outcome:
    """Cancel what is left of an invoice, and bill it anew.

    With the items that are named, else with the same lines: then the customer was wrong, or the
    tax. The time that was billed stays billed, by the item of its component.
    """
    old = issued(contract, ordered.invoice_id)
    claims = credits.everything(old)
    if not claims:
        raise Refused("conflict", "nothing is left of the invoice")
    office = Office.of(contract, context)
    drafts = items.drafts_of(contract, ordered, ordered.items, context.terms)
    after, credited = take_off(contract, [(old, claims)], office)
    after, office = give_back(after, credited, office, cause="correction")
    new = _replacing(claims, credited[0].lines, drafts, anew=not ordered.items)
    name = _name("invoice", contract, old.invoice_id)
    rounding = items.rounding_of(contract, ordered)
    after, office = issue(after, name, new, office, rounding=rounding)
    return after, (*office.said, corrected(old, name, office))


def _name(kind: str, contract: Contract, about: str) -> str:
    return derived_id(kind, contract.contract_id, about, contract.revision)


def issued(contract: Contract, invoice_id: str) -> Invoice:
    """Return the invoice of that name, as it was said; NotYet where none was."""
    found = contract.invoice(invoice_id)
    if found is None or found.said_as != "invoice":
        raise NotYet("invoice")
    return found


def _claims(invoice: Invoice, draft: DraftLine) -> list[Claim]:
    """Return what *draft* is to take off *invoice*: off its component, or off its one rate."""
    if draft.net <= 0:
        raise Refused("invalid", "what is credited is more than nothing")
    if draft.component_id is None:
        return [_off_rate(invoice, draft)]
    lines = [each for each in invoice.lines if each.component_id == draft.component_id]
    some, rest = [each for each in lines if each.left > 0], draft.net
    if not some:
        raise Refused("excess", f"nothing of {draft.component_id} is left of the invoice")
    claims = []
    for line in some:
        part = min(line.left, rest)
        if part:
            claims.append(Claim(replace(line, name=draft.name), amount=part, is_gift=True))
            rest -= part
    if rest:
        raise Refused("excess", "no more is credited than is left of the invoice")
    return claims


def _off_rate(invoice: Invoice, draft: DraftLine) -> Claim:
    rates = [t for t in invoice.vat if draft.supply.vat_rate in (None, t.rate)]
    if len(rates) != 1:
        raise Refused("invalid", "it is not clear at which rate of the invoice this is credited")
    line = BilledLine(
        line_id="",
        name=draft.name,
        kind="item",
        supply=draft.supply,
        net=draft.net,
        rate=rates[0].rate,
        category=rates[0].category,
    )
    return Claim(line, amount=draft.net, is_gift=True)


def _replacing(
    claims: Iterable[Claim], credited: Iterable[BilledLine], drafts: list[DraftLine], *, anew: bool
) -> list[DraftLine]:
    """Return the lines of the new document; *drafts* take over the time of their components."""
    new, rest = [], list(drafts)
    for claim, line in zip(claims, credited, strict=True):
        old = claim.line
        time = time_of(claim)
        named = [each for each in rest if each.component_id == old.component_id]
        if anew:
            new.append(as_it_was(old, line.net, time))
        elif named and old.component_id is not None:
            rest.remove(named[0])
            new.append(_instead(named[0], line, old, time))
        elif time is not None or old.settles is not None:
            new.append(as_it_was(old, 0, time)._replace(given=line.net if old.settles else 0))
    return [*new, *rest]


def _instead(named: DraftLine, line: BilledLine, old: BilledLine, time: Time | None) -> DraftLine:
    """Return the item that replaces a line; it is counted where that was.

    What it is more or less than something that depends on others is a clerk's word (U-25).
    """
    named = named._replace(time=time, period=named.period or line.period)
    if old.settles is not None:
        return named._replace(settles=old.settles, supply=old.supply, given=line.net - named.net)
    if old.kind == "usage":
        return named._replace(kind="usage", whole_until=old.whole_until)
    return named
