"""What moves money between contracts and documents, told to a clerk in whole sentences."""

from datetime import date

import pytest

from schemas.instructions import AssignCredit, ClaimDamages
from schemas.payments import Designation, PaymentReassigned, PaymentReceived
from schemas.receivables import About, Assigned, EntryPosted
from services.cli.words import tell
from services.cli.words.names import Names
from tests.support.events import eur

C1 = {"contract_id": "C1"}
NAMES = Names({"A": "invoice R-A"}, {})
TO_A = (Designation(invoice_id="A"),)


def discount(money):
    paid = eur(money.lstrip("-")) if money.startswith("-") else eur(f"-{money}")
    return EntryPosted(
        **C1,
        entry_id="e",
        number=1,
        about=About(invoice_id="A"),
        kind="discount",
        money=eur(money),
        booked_on=date(2026, 3, 12),
        assigned=(Assigned(receivable_id="A", amount=paid),),
        balance=eur("0.00"),
    )


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            PaymentReassigned(**C1, payment_id="p", money=eur("30.00"), to="C2"),
            "30.00 EUR of payment p were meant for contract C2.",
        ),
        (
            PaymentReassigned(**C1, payment_id="p", money=eur("30.00")),
            "30.00 EUR of payment p were meant for another contract.",
        ),
        (
            PaymentReceived(
                **C1,
                payment_id="m",
                money=eur("30.00"),
                received_on=date(2026, 3, 9),
                moved_from={"contract_id": "C2", "payment_id": "p"},
            ),
            "Payment m of 30.00 EUR received on 2026-03-09, as a part of payment p of contract C2.",
        ),
        (
            AssignCredit(**C1, credit_note_id="g", designated=TO_A, reason="mixed up"),
            "A clerk lets credit note g pay invoice R-A (mixed up).",
        ),
        (
            AssignCredit(**C1, designated=TO_A),
            "A clerk lets the credit that is left pay invoice R-A.",
        ),
        (
            ClaimDamages(**C1, invoices=("A",)),
            "A clerk claims what has arisen of interest and lump sum for invoice R-A.",
        ),
        (
            ClaimDamages(**C1, lump_sum=False),
            "A clerk claims what has arisen of interest.",
        ),
        (
            discount("-2.38"),
            "Booked: discount for early payment -2.38 EUR, 2.38 EUR on invoice R-A. "
            "Balance 0.00 EUR.",
        ),
        (
            discount("2.38"),
            "Booked: lost discount for early payment 2.38 EUR, 2.38 EUR taken back from "
            "invoice R-A. Balance 0.00 EUR.",
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_each_has_its_sentence(message, sentence):
    assert tell(message, NAMES) == sentence
