"""Document numbers: a range per legal entity, kind of document and partition (R-100)."""

from typing import Literal

from schemas.context import Context
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import ContractMessage
from schemas.terms import NumberRanges
from services.invoicing.model import Agreement

Kind = Literal["invoice", "credit_note"]

# Where a legal entity says nothing else.
_USUAL = NumberRanges(invoice="R", credit_note="G")
# Documents of test contracts take no number from the real ones.
_TEST = "TEST-"


def take(agreed: Agreement, kind: Kind, context: Context) -> tuple[str, Context]:
    """Return the next number of *kind*, and the context in which it was given.

    The partition stands in it where there is more than one: two workers never share a range.
    """
    ranges = context.terms.entities[agreed.legal_entity_id].number_ranges or _USUAL
    prefix = (_TEST if agreed.test else "") + getattr(ranges, kind)
    if context.partition is not None:
        prefix = f"{prefix}-{context.partition}"
    name = _range(agreed.legal_entity_id, prefix)
    ordinal = context.counters.get(name, 0) + 1
    return f"{prefix}-{ordinal}", context.counting(name, ordinal)


def given(message: ContractMessage) -> tuple[str, int] | None:
    """Return the range of which *message* took a number, and which it took."""
    if not isinstance(message, InvoiceIssued | CreditNoteIssued):
        return None
    prefix, _, ordinal = message.number.rpartition("-")
    return _range(message.legal_entity_id, prefix), int(ordinal)


def _range(entity: str | None, prefix: str) -> str:
    return f"{entity}/{prefix}"
