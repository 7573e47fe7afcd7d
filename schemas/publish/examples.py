"""A small example of every message: its required fields, with values that the model accepts."""

from collections.abc import Mapping
from typing import Any

from schemas.message import Message
from schemas.publish.jsonschema import schema_of

EUR = {"amount": "119.00", "currency": "EUR"}
MARCH = {"from": "2026-03-01", "until": "2026-04-01"}
# By the name of the field, else by its type.
VALUES: Mapping[str, Any] = {
    "contract_id": "C-1",
    "customer_id": "K-1",
    "legal_entity_id": "acme",
    "invoice_id": "I-1",
    "credit_note_id": "G-1",
    "number": "RE2026-1",
    "payment_id": "P-1",
    "chargeback_id": "B-1",
    "refund_id": "F-1",
    "instrument_id": "M-1",
    "plan_id": "fibre",
    "policy_id": "standard",
    "component_id": "access",
    "name": "Ada Brandt",
    "street": "Lindenweg 7",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "default_vat_rate": "19",
    "vat_rate": "19",
    "vat_category": "S",
    "rate": "19",
    "category": "S",
    "meter": "calls",
    "source": "/meters",
    "method": "sepa",
    "rule": "R-01",
    "cause": "end",
    "payment_terms_days": 14,
    "billing_period": "P1M",
    "days_overdue": 14,
    "percent": "10",
    "until": "2026-04-01",
    "ends_on": "2026-04-01",
    "expires_on": "2026-04-01",
    "due_on": "2026-03-16",
    "net": {"amount": "100.00", "currency": "EUR"},
    "tax": {"amount": "19.00", "currency": "EUR"},
    "period": MARCH,
    "hash": "0" * 64,
}
# What a message needs beside its required fields, or says more plainly.
MORE: Mapping[str, Mapping[str, Any]] = {
    "PolicyPublished": {
        "steps": [
            {"days_overdue": 14, "action": "reminder"},
            {"days_overdue": 42, "action": "end_contract"},
        ]
    },
    "PlanPublished": {
        "recurring": [
            {"component_id": "access", "name": "Fibre 100", "model": "flat", "unit_price": "30.00"}
        ]
    },
    "PriceListPublished": {"entries": [{"prefix": "49", "unit_price": "0.02"}], "parts": 1},
    "EndpointPublished": {
        "url": "https://shop.example/hooks",
        "secret_ref": "file:shop",
        "types": ["InvoiceIssued", "PaymentEscalated"],
    },
    "TemplatesPublished": {
        "language": "de",
        "kind": "reminder_1",
        "texts": {"title": "Kleine Erinnerung"},
    },
    "AddItem": {"name": "Router", "net": {"amount": "49.00", "currency": "EUR"}},
    "IssueInvoice": {"items": [{"name": "Router", "net": EUR}]},
    "IssueCreditNote": {"invoice_id": "I-1", "items": [{"name": "Goodwill", "net": EUR}]},
    "GrantDiscount": {"percent": "10", "periods": 3},
    "GrantFreePeriod": {"periods": 1},
    "DispatchReminder": {"dispatched_on": "2026-03-17"},
    "HoldEscalation": {"until": "2026-04-01", "reason": "promised to pay"},
    "PromiseRecorded": {"all": True},
    "EntryPosted": {"kind": "payment", "about": {"payment_id": "P-1"}, "money": {**EUR}},
    "ReminderCreated": {"level": 1},
    "UsageAlert": {"mark": {"component_id": "calls", "quantity": "100"}, "reached": "101"},
}


def example(message: type[Message]) -> dict[str, Any]:
    """Return an example of *message* as it stands on the wire."""
    schema = schema_of(message)
    found = _object(schema, schema.get("$defs", {}))
    return {**found, **MORE.get(message.__name__, {})}


def _object(schema: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    required = schema.get("required", ())
    fields = schema.get("properties", {})
    return {name: _value(name, fields[name], shapes) for name in fields if name in required}


def _value(name: str, of: Mapping[str, Any], shapes: Mapping[str, Any]) -> Any:
    if "enum" in of or "const" in of:
        return of["enum"][0] if "enum" in of else of["const"]
    if "$ref" in of:
        return _shaped(name, of["$ref"].rpartition("/")[2], shapes)
    if "anyOf" in of:
        return _value(name, of["anyOf"][0], shapes)
    usual = VALUES.get(name)
    match of.get("type"):
        case "array":
            return [_value(name, of["items"], shapes)]
        case "string" if isinstance(usual, str):
            return usual
        case "integer":
            return usual if isinstance(usual, int) else 1
        case "boolean":
            return True
        case "string":
            return {"date": "2026-03-02", "date-time": "2026-03-02T10:00:00+01:00"}.get(
                of.get("format", ""), _text(of)
            )
        case _:
            return {}


def _shaped(name: str, shape: str, shapes: Mapping[str, Any]) -> Any:
    if shape == "Currency":
        return EUR["currency"]
    if name in VALUES and isinstance(VALUES[name], dict):
        return VALUES[name]
    return EUR if shape == "Money" else _object(shapes[shape], shapes)


def _text(of: Mapping[str, Any]) -> str:
    """Return a text: a number where only digits fit."""
    return "1" if "[0-9]" in of.get("pattern", "") else "x-1"
