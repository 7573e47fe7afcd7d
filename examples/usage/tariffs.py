"""A telephone company: its prices by the second, by prefix, by the hour of the day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from examples.book import Book, Entity

RUF = Entity("ruf", ZoneInfo("Europe/Berlin"), "EUR")
HAMBURG = {"street": "Am Funkturm 1", "postal_code": "20355", "city": "Hamburg", "country": "DE"}
STEPS = [
    {"days_overdue": 14, "action": "reminder", "template": "friendly"},
    {"days_overdue": 28, "action": "reminder", "template": "last"},
]
ACCESS = {"component_id": "access", "name": "Line", "model": "flat", "unit_price": "10.00"}
SECONDS = {"model": "per_unit", "meter": "seconds", "price_base_quantity": "60", "unit": "s"}
CALLS = SECONDS | {
    "component_id": "calls",
    "name": "Calls",
    "unit_price": "0.09",
    "connect_fee": "0.05",
    "step": {"first": "60", "next": "10"},
    "filters": {"kind": ["domestic"]},
}
ABROAD = SECONDS | {
    "component_id": "abroad",
    "name": "Calls abroad",
    "price_list": {"price_list_id": "abroad", "property": "to"},
    "filters": {"kind": ["abroad"]},
}
TEXTS = {
    "component_id": "texts",
    "name": "Texts",
    "model": "per_unit",
    "meter": "texts",
    "unit_price": "0.09",
    "free_units": "10",
}
DATA = {
    "component_id": "data",
    "name": "Data",
    "model": "graduated",
    "meter": "megabytes",
    "unit": "MB",
    "tiers": [{"up_to": "1000", "unit_price": "0.01"}, {"unit_price": "0.002"}],
}
ALL_DAYS = [1, 2, 3, 4, 5, 6, 7]
BANDS = [
    {"weekdays": ALL_DAYS, "from": "08:00", "until": "20:00", "unit_price": "0.20"},
    {"weekdays": ALL_DAYS, "from": "20:00", "until": "08:00", "unit_price": "0.05"},
]
TIERS = [
    {"up_to": "100", "unit_price": "0.10"},
    {"up_to": "500", "unit_price": "0.08"},
    {"unit_price": "0.05"},
]
INTERVALS = {
    "tiers": [{"up_to": "10", "flat": "5.00"}, {"flat": "8.00"}],
    "flat_at_zero": False,
}
MODELS = [
    {"component_id": "steps", "model": "graduated", "meter": "units", "tiers": TIERS},
    {"component_id": "all", "model": "volume", "meter": "units", "tiers": TIERS},
    {
        "component_id": "packs", "model": "package", "meter": "units", "unit_price": "5.00",
        "package_size": "100", "free_units": "10",
    },
    {"component_id": "bucket", "model": "bucket", "meter": "units", **INTERVALS},
    {"component_id": "peak", "model": "capacity", "meter": "kw", "aggregation": "max", **INTERVALS},
    {
        "component_id": "fees", "model": "percentage", "meter": "sales", "value": "total",
        "percentage": {"rate": "1.5", "per_event": "0.30"},
    },
    {"component_id": "extras", "model": "dynamic", "meter": "extras", "value": "price"},
    {
        "component_id": "seats", "model": "per_unit", "meter": "seats", "unit_price": "31.00",
        "persistent": True,
    },
]  # fmt: skip


def publish(book: Book) -> None:
    """Say the company, its policy, its list of prices and its plans, on New Year's Day."""
    company = {
        "name": "Ruf Telefon AG", "address": {"name": "Ruf Telefon AG", **HAMBURG},
        "country": "DE", "subdivision": "HH", "time_zone": RUF.zone.key, "language": "de",
        "payment_terms_days": 14, "default_vat_rate": "19", "vat_id": "DE136695976",
        "number_ranges": {"invoice": "TR2026", "credit_note": "TG2026"},
    }  # fmt: skip
    _say(book, "LegalEntityPublished", "ruf@1", **company)
    _say(book, "PolicyPublished", "ruf-standard@1", policy_id="ruf-standard", steps=STEPS)
    entries = [
        {"prefix": "4", "unit_price": "0.60"},
        {"prefix": "43", "unit_price": "0.90"},
        {"prefix": "43664", "unit_price": "1.20", "connect_fee": "0.10"},
    ]
    _say(
        book, "PriceListPublished", "abroad@1@1", price_list_id="abroad", part=1, parts=1,
        entries=entries,
    )  # fmt: skip
    phone = [CALLS, ABROAD, TEXTS, DATA]
    _plan(book, "phone", phone)
    _plan(book, "phone-50", phone, threshold={"amount": "50.00", "currency": "EUR"})
    plain = {name: CALLS[name] for name in ("component_id", "name", *SECONDS)}
    _plan(book, "evening", [plain | {"bands": BANDS, "split": True}])
    models = [{"name": each["component_id"].title(), **each} for each in MODELS]
    _plan(book, "models", models, recurring=[])


def _plan(book: Book, plan_id: str, metered: list[dict], **more: object) -> None:
    usual = {"currency": "EUR", "billing_period": "P1M", "bill": "in_advance"}
    usual |= {"recurring": [ACCESS], "billing_delay_hours": 24}
    data = usual | {"metered": metered} | more
    _say(book, "PlanPublished", f"{plan_id}@1", plan_id=plan_id, **data)


def _say(book: Book, type_: str, subject: str, **data: object) -> None:
    at = datetime.fromisoformat("2026-01-01T00:00").replace(tzinfo=RUF.zone)
    data = {"legal_entity_id": "ruf", "version": 1, **data}
    book.say(type_, at, source="/policies", subject=subject, data=data)
