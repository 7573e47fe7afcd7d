"""The payment of a document: the code to scan, or what we collect and with which mandate."""

from typing import Any

from schemas.payment_reference import grouped
from services.notifications.rendering.display import blocks
from services.notifications.rendering.display.blocks import Block, field
from services.notifications.rendering.display.frame import Wording
from services.notifications.rendering.documents.payments import Card, Debit, Payment, Transfer
from services.notifications.rendering.page import payment_code


def payment(said: Payment | None, words: Wording) -> list[Block]:
    """Return the block that says how the document is paid; none where nothing is to be paid."""
    match said:
        case None:
            return []
        case Transfer():
            return [_transfer(said, words)]
        case Debit():
            return [_block("debit", said, words, _mandate(said, words))]
        case Card():
            return [_block("card", said, words, _card(said, words))]


def sentence(key: str, said: Payment, words: Wording) -> str:
    """Return one of the sentences about payments, with amount and day."""
    due = words.formats.day(said.due_on) if said.due_on else ""
    values = {"amount": words.formats.money(said.amount), "due": due}
    return words.texts.of("payments", key, values)


def _transfer(said: Transfer, words: Wording) -> Block:
    label, formats = words.label, words.formats
    rows = [
        field(label("payee"), said.payee),
        field(label("iban"), grouped(said.iban), strong=True) if said.iban else None,
        field(label("bic"), said.bic) if said.bic else None,
        field(label("amount"), formats.money(said.amount)),
        field(label("purpose"), grouped(said.reference), strong=True),
        field(label("pay_until"), formats.day(said.due_on)) if said.due_on else None,
    ]
    key = "transfer" if said.due_on else "transfer_now"
    return {**_block(key, said, words, [each for each in rows if each]), **_code(said, words)}


def _code(said: Transfer, words: Wording) -> Block:
    currency = words.formats.currency
    if not said.iban or not payment_code.is_possible(minor=said.amount, currency=currency):
        return {}
    text = payment_code.payload(
        payee=said.payee,
        iban=said.iban,
        bic=said.bic,
        minor=said.amount,
        reference=said.reference,
    )
    told = words.label(
        "qr",
        amount=words.formats.money(said.amount),
        payee=said.payee,
        iban=grouped(said.iban),
        reference=grouped(said.reference),
    )
    return {"qr": payment_code.svg(text), "qr_text": told, "scan": words.label("scan")}


def _mandate(said: Debit, words: Wording) -> list[dict[str, Any]]:
    label = words.label
    rows = [
        ("mandate", said.mandate_reference),
        ("creditor", said.creditor_id),
        ("account", said.account),
        ("reference", grouped(said.reference)),
    ]
    return [field(label(key), value) for key, value in rows if value]


def _card(said: Card, words: Wording) -> list[dict[str, Any]]:
    rows = [("card", said.account), ("reference", grouped(said.reference))]
    return [field(words.label(key), value) for key, value in rows if value]


def _block(key: str, said: Payment, words: Wording, rows: list[dict[str, Any]]) -> blocks.Block:
    headline = sentence(key, said, words)
    return {"kind": "payment", "headline": headline, "rows": rows, "qr": None}
