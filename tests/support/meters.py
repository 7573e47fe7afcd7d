"""Plans with meters for tests, said in a line: money is written ``5.00 EUR``."""

import json
from typing import Any

from schemas.plans import PlanPublished

TIERS = [
    {"up_to": "100", "unit_price": "0.10"},
    {"up_to": "500", "unit_price": "0.08"},
    {"unit_price": "0.05"},
]


def metered(component_id: str, **more: Any) -> dict[str, Any]:
    """Return a component, per unit unless *more* says otherwise; None leaves a field out."""
    said = {"component_id": component_id, "name": component_id.title(), "model": "per_unit"}
    return {name: value for name, value in (said | more).items() if value is not None}


def published(*charges: dict[str, Any], **more: Any) -> PlanPublished:
    """Return version 1 of a monthly plan in EUR with metered *charges*."""
    said = {
        "plan_id": "basic",
        "version": 1,
        "legal_entity_id": "acme",
        "currency": "EUR",
        "billing_period": "P1M",
        "bill": "in_advance",
        "metered": list(charges),
    }
    return PlanPublished.model_validate_json(json.dumps(whole(said | more)))


def whole(short: Any) -> Any:
    """Return what was said in short with its money written out."""
    if isinstance(short, dict):
        return {name: whole(value) for name, value in short.items()}
    if isinstance(short, list | tuple):
        return [whole(each) for each in short]
    if isinstance(short, str) and short.endswith(" EUR"):
        return {"amount": short.removesuffix(" EUR"), "currency": "EUR"}
    return short
