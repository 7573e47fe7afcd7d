"""Credit for what was billed and is not served, or not owed, after all.

| rule | says | here |
|------|------|------|
| R-60 | credit refers to the original line, at its rate, in a document of its own | ``credit`` |
| U-23 | parts are rounded by themselves, the last takes what is left | ``_less``, ``_tax`` |
| U-24 | what ends under another rate than was charged is credited, and billed anew | ``_wrong`` |
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from schemas.calendars import A_DAY
from schemas.frozen import replace
from schemas.terms import LegalEntityPublished
from services.invoicing.billed import BilledLine, Invoice, Tax, Time
from services.invoicing.given_back import Reduction, reduction
from services.invoicing.model import FOREVER, Contract
from services.invoicing.rules.prices import Priced, by_days
from services.invoicing.rules.tax import percent, rate_of
from services.invoicing.rules.totals import credited_tax
from services.invoicing.timeline.components import BookedComponent
from services.tariffs.periods import Period, overlap, without
from services.tariffs.proration import Part
from services.tariffs.proration import credit as part_of


class Claim(NamedTuple):
    """What is to be credited of a line: some of its days, or an amount that was named."""

    line: BilledLine
    stretch: Period | None = None
    amount: int = 0
    # It costs less, though it was served.
    is_gift: bool = False

    @property
    def is_unlisted(self) -> bool:
        """Whether it is off the sum of a rate, and off no line of the invoice."""
        return not self.line.line_id


class Credited(NamedTuple):
    """An invoice after a credit, and the lines and taxes of the credit note."""

    invoice: Invoice
    lines: tuple[BilledLine, ...]
    vat: tuple[Tax, ...]
    taken: Reduction

    @property
    def net(self) -> int:
        return sum(each.net for each in self.vat)

    @property
    def tax(self) -> int:
        return sum(each.tax for each in self.vat)


def unserved(
    contract: Contract, standing: Iterable[BookedComponent], entity: LegalEntityPublished
) -> list[tuple[Invoice, list[Claim]]]:
    """Return what is billed of days on which nothing of the kind stands, by invoice.

    And of days whose service ends under another rate of VAT than was charged: they are billed anew
    (U-24). What is settled is not looked at.
    """
    served = defaultdict[tuple[str, str], list[BookedComponent]](list)
    for each in standing:
        served[each.component.slot, each.component.price_name].append(each)
    found = []
    for invoice in contract.invoices:
        claims = [
            Claim(line, part)
            for line, time in invoice.times
            for part in _joined(_wrong(contract, line, time, served[time.slot, time.price], entity))
        ]
        if claims:
            found.append((invoice, claims))
    return found


def _wrong(
    contract: Contract,
    line: BilledLine,
    time: Time,
    served: Sequence[BookedComponent],
    entity: LegalEntityPublished,
) -> Iterable[Period]:
    """Yield the days of a line that are to be credited."""
    stretches = [each.stretch for each in served]
    for each in _open(contract, time):
        yield from (off := without(each, stretches))
        for kept in without(each, off):
            ends = [s.until - A_DAY for s in stretches if kept.from_on in s]
            last = min(time.whole.until - A_DAY, *ends)
            if _is_taxed_otherwise(contract, line, last, entity):
                yield kept


def _joined(parts: Iterable[Period]) -> list[Period]:
    """Return *parts* in order, as one those that adjoin."""
    found: list[Period] = []
    for each in sorted(parts):
        if found and found[-1].until == each.from_on:
            found[-1] = Period(found[-1].from_on, each.until)
        else:
            found.append(each)
    return found


def _is_taxed_otherwise(
    contract: Contract, line: BilledLine, completed_on: date, entity: LegalEntityPublished
) -> bool:
    """Say whether the service ends under another rate than it was to end when it was billed.

    Both by the rates that are known now: one that became law later corrects nothing by itself.
    """
    time, own, customer = line.time, line.supply.vat_rate, contract.agreement.customer
    if line.category not in ("S", "Z") or time is None or time.completed_on is None:
        return False
    if line.period is None:
        return False
    due, was = (
        percent(rate_of(own, customer=customer, entity=entity, on=on))
        for on in (completed_on, time.completed_on)
    )
    return due not in (was, line.rate)


def everything(invoice: Invoice) -> list[Claim]:
    """Return all that is left of *invoice*, line by line."""
    claims = []
    for line in invoice.lines:
        if line.time is not None:
            claims += [Claim(line, each) for each in line.time.standing]
        elif line.left:
            claims.append(Claim(line, amount=line.left))
    return claims


def credit(invoice: Invoice, claims: Sequence[Claim], *, step: int, currency: str) -> Credited:
    """Credit *claims* of *invoice*: of no line more than is left of it.

    Nor of a rate of which something was credited that is off no line. There what was a discount
    goes first: it makes room for what it was taken off.
    """
    found: dict[int, BilledLine] = {}
    before = invoice
    invoice = _noting_unlisted(invoice, claims)
    room = {each.name: each.left for each in invoice.vat if each.unlisted}
    for index, claim in sorted(enumerate(claims), key=lambda each: each[1].line.sign):
        line = claim.line if claim.is_unlisted else invoice.line(claim.line.line_id)
        after = _less(line, claim, room=room.get(line.tax, line.left), step=step)
        found[index] = _said(claim, after.credited.amount - line.credited.amount)
        if line.tax in room:
            room[line.tax] -= found[index].net
        invoice = invoice if claim.is_unlisted else invoice.with_line(after)
    named = invoice.invoice_id if invoice.said_as == "invoice" else None
    lines = tuple(
        replace(
            found[index],
            line_id=str(index + 1),
            of_invoice=named,
            supplied_on=_supplied_on(claims[index].line, found[index], before),
            priced=_priced(claims[index], found[index], currency),
        )
        for index in range(len(claims))
    )
    vat = tuple(_tax(each, lines, step=step) for each in invoice.vat)
    invoice = replace(
        invoice,
        vat=tuple(old.less(new) for old, new in zip(invoice.vat, vat, strict=True)),
        credit_notes=invoice.credit_notes + 1,
    )
    said = {each.tax for each in lines}
    vat = tuple(each for each in vat if each.name in said)
    return Credited(invoice, lines, vat, reduction(before, invoice))


def _noting_unlisted(invoice: Invoice, claims: Sequence[Claim]) -> Invoice:
    rates = {claim.line.tax for claim in claims if claim.is_unlisted}
    vat = (replace(each, unlisted=each.unlisted or each.name in rates) for each in invoice.vat)
    return replace(invoice, vat=tuple(vat))


def _open(contract: Contract, time: Time) -> Iterable[Period]:
    rest = Period(contract.settled_until, FOREVER)
    return [both for each in time.standing if (both := overlap(each, rest))]


def _less(line: BilledLine, claim: Claim, *, room: int, step: int) -> BilledLine:
    """Return *line* after *claim*, of which no more than *room* is credited."""
    days, time, wanted = 0, line.time, claim.amount
    if claim.stretch is not None and time is not None:
        days = time.days([claim.stretch])
        billed = Part(line.net, time.days([time.stretch]))
        before = Part(line.credited.amount - line.given, line.credited.days)
        wanted = part_of(billed, days=days, credited=before, step=step)
        time = replace(time, credited=(*time.credited, claim.stretch))
    # A discount may have been given back whole already, as its invoice was void.
    amount = min(wanted, line.left, max(room, 0)) if line.net > 0 else max(wanted, line.left)
    credited = Part(line.credited.amount + amount, line.credited.days + days)
    # What is not served any more was not given away either.
    served = line.given - (wanted - amount)
    given = line.given + amount if claim.is_gift else line.sign * max(0, line.sign * served)
    return replace(line, credited=credited, time=time, given=given)


def _said(claim: Claim, amount: int) -> BilledLine:
    """Return the line of the credit note; what it says of the original is not said again."""
    line = claim.line
    return BilledLine(
        line_id=line.line_id,
        name=line.name,
        component_id=line.component_id,
        kind=line.kind,
        supply=line.supply,
        is_surcharge=line.is_surcharge,
        net=amount,
        rate=line.rate,
        category=line.category,
        note=line.note,
        period=claim.stretch if line.settles is None and line.period else _whole_of(claim),
        refers_to=line.line_id or None,
    )


def _priced(claim: Claim, credit: BilledLine, currency: str) -> Priced | None:
    """Return the days that are credited, at the price of all days of the line (U-62)."""
    time = claim.line.time
    if time is None or claim.stretch is None or credit.period is None:
        return None
    return by_days(
        credit.net,
        time.days([claim.stretch]),
        price=Fraction(claim.line.net),
        whole=time.days([time.stretch]),
        currency=currency,
    )


def _supplied_on(original: BilledLine, credit: BilledLine, invoice: Invoice) -> date | None:
    """Return the day of what is credited, where the line is of no period."""
    if credit.period is not None:
        return None
    if original.period is not None:
        return original.period.until - A_DAY
    return original.supplied_on or invoice.issued_on


def _whole_of(claim: Claim) -> Period | None:
    """Return the days of what is for a whole period, where it was not a gift."""
    return claim.line.period if claim.line.settles and not claim.is_gift else None


def _tax(tax: Tax, lines: Sequence[BilledLine], *, step: int) -> Tax:
    """Return net and tax of the *lines* of this rate."""
    of_rate = [each.net for each in lines if each.tax == tax.name]
    net = sum(of_rate)
    back = credited_tax(tax.original, net=net, before=tax.taken, step=step) if of_rate else 0
    return replace(tax, net=net, tax=back, credited_net=0, credited_tax=0)
