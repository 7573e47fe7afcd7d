"""Built-in samples: one of each kind of document, with which templates are tried."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from services.notifications.rendering.documents import Document
from services.notifications.rendering.documents.parties import Endpoint, Language
from services.notifications.rendering.documents.payments import EarlyPayment
from services.notifications.rendering.sample_messages import (
    CONTRACT,
    ENTITY,
    ORIGINAL,
    PARTICULARS,
    credit,
    customer,
    invoice,
    notice,
    reminder,
    statement,
)
from services.notifications.rendering.sources import letters, vouchers
from services.notifications.rendering.sources.parties import Parties, Wishes, parties


def parties_of(language: Language) -> Parties:
    """Return the seller and a recipient who reads *language*."""
    wishes = Wishes(
        buyer_reference="04011000-12345-34",
        endpoint=Endpoint(scheme="0204", address="04011000-12345-34"),
    )
    return parties(ENTITY, customer(language), particulars=PARTICULARS, wishes=wishes)


def samples(language: Language) -> Iterator[tuple[str, Document]]:
    """Yield one document of each kind of text, with the name of the kind."""
    who = parties_of(language)
    early = [EarlyPayment(Decimal(2), 10)]
    mandate = vouchers.Instrument("MREF-4711", "DE** **** 3000")
    yield "invoice", vouchers.invoice(invoice(), parties=who, early_payments=early)
    debit = invoice(payment_method="direct_debit")
    yield "invoice", vouchers.invoice(debit, parties=who, instrument=mandate)
    yield "credit_note", vouchers.credit_note(credit(), parties=who, corrects=ORIGINAL)
    yield "cancellation", vouchers.credit_note(credit(), parties=who, corrects=ORIGINAL, whole=True)
    yield "correction", vouchers.invoice(invoice(), parties=who, corrects=ORIGINAL)
    for level in (1, 2, 3):
        yield f"reminder_{level}", letters.reminder(reminder(level), parties=who)
    for kind in ("before_due", "thanks"):
        yield kind, letters.notice(notice(kind), parties=who)
    yield "statement", _statement(who)


def _statement(who: Parties) -> Document:
    aging = letters.aging(letters.reminder(reminder(1), parties=who).items)
    return replace(letters.statement(statement(), contract_id=CONTRACT, parties=who), aging=aging)
