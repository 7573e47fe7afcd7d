"""No message that names a payment, an item, a chargeback or a credit note is forgotten."""

import pytest

from schemas.values import ChargebackId, CreditNoteId, PaymentId, ReceivableId
from services.dunning.app import worker
from services.dunning.archive import wanted
from services.dunning.model import Account
from tests.support.naming import ids_of, marked

FILED = (ChargebackId, CreditNoteId, PaymentId, ReceivableId)
# What names nothing that was filed, and why.
NEW, MENTIONED = "the message makes it", "nothing is decided by it"
NOT_LOOKED_UP = {
    ("ChargebackReceived", "chargeback_id"): NEW,
    ("CreditNoteIssued", "credit_note_id"): NEW,
    ("InvoiceIssued", "invoice_id"): NEW,
    ("PaymentReceived", "payment_id"): NEW,
    # What its lines say is summed in `credited`.
    ("CreditNoteIssued", "lines.invoice_id"): MENTIONED,
    ("InvoiceIssued", "lines.invoice_id"): MENTIONED,
    # It holds steps and ages what is open; what is settled does neither.
    ("PaymentPending", "designated.invoice_id"): MENTIONED,
    # The money that is moved is in the ledger of the other contract.
    ("PaymentReceived", "moved_from.payment_id"): MENTIONED,
    # Of deliveries only those of reminders count.
    ("DeliveryIntended", "invoice_id"): MENTIONED,
    ("Dispatched", "invoice_id"): MENTIONED,
    ("DispatchFailed", "invoice_id"): MENTIONED,
}


@pytest.mark.parametrize("kind", sorted(worker.handles, key=lambda each: each.__name__))
def test_whatever_a_message_names_is_looked_up_unless_it_says_why_not(kind):
    asked = {name.partition("/")[2] for name in wanted(Account(contract_id="C1"), marked(kind))}

    fields = set(ids_of(kind, FILED))
    excepted = {field for name, field in NOT_LOOKED_UP if name == kind.__name__}
    assert (fields - asked, fields & asked) == (excepted, fields - excepted)
