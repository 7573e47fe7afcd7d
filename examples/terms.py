"""The two legal entities and their dunning policies."""

from datetime import datetime
from zoneinfo import ZoneInfo

from examples.book import Book, Entity

NORDLICHT = Entity("nordlicht", ZoneInfo("Europe/Berlin"), "EUR")
TEJO = Entity("tejo", ZoneInfo("Europe/Lisbon"), "GBP", country="PT", language="en")

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
    {"days_overdue": 42, "action": "webhook"},
    {"days_overdue": 56, "action": "end_contract", "when": "after_current_period"},
]
# From March on the standard is quicker; runs that began before keep what they began with.
QUICKER = [
    {"days_overdue": 3, "action": "webhook"},
    {"days_overdue": 10, "action": "reminder", "template": "friendly"},
    {"days_overdue": 20, "action": "reminder", "template": "last", "dispatch": "letter"},
    {"days_overdue": 45, "action": "end_contract", "when": "after_current_period"},
]
# Businesses hear of it earlier, and get their last reminder from a person.
BUSINESS = [
    {"days_overdue": 3, "action": "webhook"},
    {"days_overdue": 7, "action": "reminder", "template": "business"},
    {
        "days_overdue": 21,
        "action": "reminder",
        "template": "business-last",
        "dispatch": "letter",
        "send": "manual",
    },
    {"days_overdue": 35, "action": "pause_contract"},
    {"days_overdue": 49, "action": "end_contract", "when": "immediately"},
]
LISBON = [
    {"days_overdue": 7, "action": "reminder", "template": "plain"},
    {"days_overdue": 21, "action": "reminder", "template": "plain", "dispatch": "letter"},
    {"days_overdue": 35, "action": "webhook"},
]


def publish(book: Book) -> None:
    """Say all terms, each on its day."""
    _entity(book, NORDLICHT, name="Nordlicht Netz GmbH", country="DE", language="de")
    _entity(book, TEJO, name="Tejo Cloud Lda", country="PT", language="en")
    _policy(
        book, NORDLICHT, "2026-01-01T00:00", "standard", 1, STANDARD, thresholds={"EUR": "5.00"}
    )
    business = {
        "applies_to": {"segment": "business"},
        "thresholds": {"EUR": "25.00"},
        "on_dispute": "hold",
        "resume_on_reset": True,
    }
    _policy(book, NORDLICHT, "2026-01-01T00:00", "business", 1, BUSINESS, **business)
    # It names more attributes, so it wins where both apply.
    agreed = business | {
        "applies_to": {"segment": "business", "due_dates": "agreed"},
        "interest": True,
        "lump_sum": True,
    }
    _policy(book, NORDLICHT, "2026-01-01T00:00", "agreed", 1, BUSINESS, **agreed)
    attentive = {
        "applies_to": {"segment": "attentive"},
        "thresholds": {"EUR": "5.00"},
        "notices": [{"days_before_due": 3}],
        "thanks": True,
    }
    _policy(book, NORDLICHT, "2026-01-01T00:00", "attentive", 1, STANDARD, **attentive)
    # Lisbon has debts before it has a policy: the first evaluation after it catches up.
    _policy(book, TEJO, "2026-01-15T12:00", "lisbon", 1, LISBON, thresholds={"GBP": "10.00"})
    _policy(book, NORDLICHT, "2026-03-01T12:00", "standard", 2, QUICKER, thresholds={"EUR": "5.00"})


def _entity(book: Book, entity: Entity, *, name: str, country: str, language: str) -> None:
    street = {"street": "Kaistrasse 1", "postal_code": "10115", "city": "Berlin"}
    if country == "PT":
        street = {"street": "Rua do Cais 1", "postal_code": "1100-026", "city": "Lisboa"}
    data = {
        "legal_entity_id": entity.entity_id,
        "version": 1,
        "name": name,
        "address": {"name": name, **street, "country": country},
        "country": country,
        "time_zone": entity.zone.key,
        "language": language,
        "default_vat_rate": "19" if country == "DE" else "23",
        "payment_terms_days": 14,
    }
    at = datetime.fromisoformat("2026-01-01T00:00").replace(tzinfo=entity.zone)
    subject = f"{entity.entity_id}@1"
    book.say("LegalEntityPublished", at, source="/policies", subject=subject, data=data)


def _policy(
    book: Book,
    entity: Entity,
    at: str,
    policy_id: str,
    version: int,
    steps: list[dict],
    **more: object,
) -> None:
    data = {
        "policy_id": policy_id,
        "version": version,
        "legal_entity_id": entity.entity_id,
        "steps": steps,
        **more,
    }
    instant = datetime.fromisoformat(at).replace(tzinfo=entity.zone)
    subject = f"{policy_id}@{version}"
    book.say("PolicyPublished", instant, source="/policies", subject=subject, data=data)
