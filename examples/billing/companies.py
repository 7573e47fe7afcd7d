"""Three companies that have us invoice, and their dunning policies."""

from datetime import datetime
from zoneinfo import ZoneInfo

from examples.book import Book, Entity

ISAR = Entity("isar", ZoneInfo("Europe/Berlin"), "EUR")
BRISA = Entity("brisa", ZoneInfo("Europe/Lisbon"), "EUR", country="PT", language="en")
MORGEN = Entity("morgen", ZoneInfo("Europe/Berlin"), "EUR")

MUNICH = {"street": "Am Isarufer 1", "postal_code": "80538", "city": "München", "country": "DE"}
LISBON = {"street": "Rua da Brisa 1", "postal_code": "1100-026", "city": "Lisboa", "country": "PT"}
LEIPZIG = {"street": "Gartenweg 1", "postal_code": "04109", "city": "Leipzig", "country": "DE"}

STANDARD = [
    {"days_overdue": 5, "action": "webhook"},
    {"days_overdue": 14, "action": "reminder", "template": "friendly"},
    {
        "days_overdue": 28,
        "action": "reminder",
        "template": "last",
        "dispatch": "letter",
        "fee": {"amount": "2.50", "currency": "EUR"},
    },
    {"days_overdue": 42, "action": "end_contract", "when": "immediately"},
]
PAUSE = [
    {"days_overdue": 7, "action": "reminder", "template": "friendly"},
    {"days_overdue": 21, "action": "pause_contract"},
]
LATER = [
    {"days_overdue": 7, "action": "reminder", "template": "friendly"},
    {"days_overdue": 21, "action": "end_contract", "when": "after_current_period"},
]


def publish(book: Book) -> None:
    """Say all companies and policies, on New Year's Day."""
    _company(
        book, ISAR, name="Isar Netz GmbH", address=MUNICH, subdivision="BY",
        default_vat_rate="19", vat_id="DE136695976", iban="DE89370400440532013000",
        creditor_id="DE98ZZZ09999999999", pre_notification_days=5,
        number_ranges={"invoice": "RE2026", "credit_note": "RK2026"},
    )  # fmt: skip
    # A change of rate that we made up: a quarter billed before it is over is taxed at the new one.
    _company(
        book, BRISA, name="Brisa Cloud Lda", address=LISBON, default_vat_rate="23",
        vat_id="PT501964843", vat_rates={"2026-03-01": "24"},
        number_ranges={"invoice": "FT2026", "credit_note": "NC2026"},
    )  # fmt: skip
    _company(
        book, MORGEN, name="Atelier Morgen", address=LEIPZIG, subdivision="SN",
        default_vat_rate="19", small_business=True,
    )  # fmt: skip
    _policy(book, "isar-standard", STANDARD, thresholds={"EUR": "5.00"})
    _policy(
        book, "isar-pause", PAUSE, applies_to={"dunning": "pause"},
        credit_on_pause=True, resume_on_reset=True,
    )  # fmt: skip
    _policy(book, "isar-later", LATER, applies_to={"dunning": "later"})


def _company(book: Book, entity: Entity, *, name: str, address: dict, **more: object) -> None:
    data = {
        "legal_entity_id": entity.entity_id,
        "version": 1,
        "name": name,
        "address": {"name": name, **address},
        "country": entity.country,
        "time_zone": entity.zone.key,
        "language": entity.language,
        "payment_terms_days": 14,
        **more,
    }
    at = datetime.fromisoformat("2026-01-01T00:00").replace(tzinfo=entity.zone)
    subject = f"{entity.entity_id}@1"
    book.say("LegalEntityPublished", at, source="/policies", subject=subject, data=data)


def _policy(book: Book, policy_id: str, steps: list[dict], **more: object) -> None:
    data = {"policy_id": policy_id, "version": 1, "legal_entity_id": "isar", "steps": steps, **more}
    at = datetime.fromisoformat("2026-01-01T00:00").replace(tzinfo=ISAR.zone)
    book.say("PolicyPublished", at, source="/policies", subject=f"{policy_id}@1", data=data)
