"""What stands in a mail beside its document: few words, all figures are in what is attached."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from schemas.deliveries import DeliveryIntended
from services.notifications.channels.mail.body import Body, Paragraph

# Such is the name of a document that has no number of its own.
_FILE_NAMES = {
    "invoice": {"de": "Rechnung", "en": "invoice", "fr": "facture"},
    "credit_note": {"de": "Rechnungskorrektur", "en": "credit-note", "fr": "avoir"},
    "reminder": {"de": "Zahlungserinnerung", "en": "reminder", "fr": "rappel"},
    "before_due": {"de": "Fälligkeit", "en": "due-soon", "fr": "echeance"},
    "thanks": {"de": "Zahlungseingang", "en": "payment-received", "fr": "paiement-recu"},
    "statement": {"de": "Kontoauszug", "en": "statement", "fr": "releve"},
}
# A longer name would leave no room for the rest of a subject.
_LONGEST = 80


def subject(intended: DeliveryIntended) -> str:
    """Return the subject of a mail, marked where it brings a copy (R-124)."""
    document = intended.document
    assert document is not None, "what we intend names its document"
    values = {"number": document.number or "", "seller": _seller(intended)[:_LONGEST]}
    said = _words(intended)[document.kind].format_map(values)
    return _words(intended)["copy"].format_map({"subject": said}) if intended.is_copy else said


def body(intended: DeliveryIntended) -> Body:
    """Return what a mail says: greeting, what is attached and enclosed, and who sends it."""
    words = _words(intended)
    name = intended.recipient.name if intended.recipient else ""
    said = [
        words["greeting"].format_map({"name": name}),
        words["attached"].format_map({"subject": subject(intended)}),
        *_enclosed(intended, words),
        words["closing"].format_map({"seller": _seller(intended)}),
    ]
    return Body(tuple(Paragraph(each) for each in said), intended.language or "en")


def file_name(intended: DeliveryIntended) -> str:
    """Return what the attached document is called: its number, or what it is."""
    document = intended.document
    assert document is not None, "what we intend names its document"
    return document.number or _FILE_NAMES[document.kind][intended.language or "en"]


def _enclosed(intended: DeliveryIntended, words: Mapping[str, str]) -> list[str]:
    numbers = ", ".join(each.number or each.id for each in intended.enclosed)
    return [words["enclosed"].format_map({"numbers": numbers})] if numbers else []


def _seller(intended: DeliveryIntended) -> str:
    return intended.sender.name if intended.sender else ""


def _words(intended: DeliveryIntended) -> Mapping[str, str]:
    return _all()[intended.language or "en"]


@cache
def _all() -> Mapping[str, Mapping[str, str]]:
    source = Path(__file__).with_name("wording.json")
    words: Mapping[str, Mapping[str, str]] = json.loads(source.read_text(encoding="utf-8"))
    return words
