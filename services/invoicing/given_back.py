"""Credit notes that were issued, and what each took off which invoice: so that one can be void."""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.frozen import replace
from services.invoicing.billed import BilledLine, Invoice
from services.tariffs.periods import Period
from services.tariffs.proration import Part


class TakenOff(NamedTuple):
    """What was taken off a line: an amount, some of its days, and how much of it was a gift."""

    line_id: str
    amount: int
    days: int = 0
    stretches: tuple[Period, ...] = ()
    given: int = 0


class PutBack(NamedTuple):
    """What a balance paid of an invoice and pays no more; an expired one got nothing of it back."""

    grant_id: str
    undrawn: int
    returned: int


class Reduction(NamedTuple):
    """What was taken off an invoice, by line, and net and tax by rate and category."""

    invoice_id: str
    lines: tuple[TakenOff, ...]
    vat: tuple[tuple[str, str, int, int], ...]
    put_back: tuple[PutBack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote:
    """A credit note, with what it took off; nothing where it is of no invoice."""

    credit_note_id: str
    reductions: tuple[Reduction, ...] = ()
    is_cancelled: bool = False


def invoices_of(note: CreditNote) -> list[str]:
    """Return the ids of the invoices that *note* took something off."""
    return [each.invoice_id for each in note.reductions]


def reduction(before: Invoice, after: Invoice) -> Reduction:
    """Return what is taken off an invoice between *before* and *after*."""
    lines = [_taken(old, new) for old, new in zip(before.lines, after.lines, strict=True)]
    taxes = [
        (new.rate, new.category, new.credited_net - old.credited_net,
         new.credited_tax - old.credited_tax)
        for old, new in zip(before.vat, after.vat, strict=True)
    ]  # fmt: skip
    return Reduction(
        before.invoice_id,
        tuple(each for each in lines if each.amount or each.days),
        tuple(each for each in taxes if each[2] or each[3]),
    )


def restored(invoice: Invoice, taken: Reduction) -> Invoice:
    """Return *invoice* as if *taken* had never been taken off it."""
    for each in taken.lines:
        invoice = invoice.with_line(_again(invoice.line(each.line_id), each))
    back = {(rate, category): (net, tax) for rate, category, net, tax in taken.vat}
    vat = tuple(
        replace(
            each,
            credited_net=each.credited_net - back.get(each.name, (0, 0))[0],
            credited_tax=each.credited_tax - back.get(each.name, (0, 0))[1],
        )
        for each in invoice.vat
    )
    return replace(invoice, vat=vat)


def _taken(old: BilledLine, new: BilledLine) -> TakenOff:
    stretches = new.time.credited[len(old.time.credited) :] if new.time and old.time else ()
    return TakenOff(
        old.line_id,
        new.credited.amount - old.credited.amount,
        new.credited.days - old.credited.days,
        stretches,
        new.given - old.given,
    )


def _again(line: BilledLine, taken: TakenOff) -> BilledLine:
    time = line.time
    if time is not None:
        left = tuple(each for each in time.credited if each not in taken.stretches)
        time = replace(time, credited=left)
    return replace(
        line,
        credited=Part(line.credited.amount - taken.amount, line.credited.days - taken.days),
        given=line.given - taken.given,
        time=time,
    )
