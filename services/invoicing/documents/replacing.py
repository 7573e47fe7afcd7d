"""An invoice that is cancelled and made anew: what stays of it, and what is said."""

from schemas.frozen import replace
from schemas.invoices import CreditNoteIssued, InvoiceCorrected, InvoiceIssued
from schemas.values import ReceivableId
from services.invoicing.billed import BilledLine, Invoice, Time
from services.invoicing.documents.credits import Claim
from services.invoicing.documents.documents import Office
from services.invoicing.documents.supplies import DraftLine


def time_of(claim: Claim) -> Time | None:
    """Return the time of the days that are claimed, to be billed by another line."""
    time = claim.line.time
    return time and replace(time, stretch=claim.stretch or time.stretch, credited=())


def as_it_was(old: BilledLine, net: int, time: Time | None) -> DraftLine:
    """Return *old* with *net*; its numbers are said again where nothing was credited of it.

    What was given away of it stays a gift of the old line, so that it counts once (U-25).
    """
    line = DraftLine(
        name=old.name,
        net=net,
        supply=old.supply,
        kind=old.kind,
        component_id=old.component_id,
        period=time.stretch if time and old.period else old.period,
        time=time,
        is_surcharge=old.is_surcharge,
        settles=old.settles,
        whole_until=old.whole_until,
        charge_id=old.charge_id,
    )
    if net != old.net:
        return line
    return line._replace(
        quantity=old.quantity,
        unit=old.unit,
        unit_price=old.unit_price,
        price_base=old.price_base,
        priced=old.priced,
    )


def corrected(old: Invoice, name: str, office: Office) -> InvoiceCorrected:
    """Return what is said of *old*, which *office* has cancelled and made anew under *name*."""
    notes = [e for e in office.said if isinstance(e, CreditNoteIssued)]
    notes = [each for each in notes if each.invoice_id == old.invoice_id]
    replaced = any(isinstance(e, InvoiceIssued) and e.invoice_id == name for e in office.said)
    return InvoiceCorrected(
        contract_id=office.contract_id,
        invoice_id=ReceivableId(old.invoice_id),
        corrected_on=office.today,
        credit_note_id=notes[-1].credit_note_id if notes else None,
        replaced_by=ReceivableId(name) if replaced else None,
    )
