"""The short form of the acceptance cases, written out as CloudEvents and as expectations.

A case names its contracts a, b, c ...; here they become `<case>.a`, and so do its policies, so that
all cases can share one run. A case that publishes no legal entity lives in the run's own one, and
its policies then apply to its own contracts only (attribute `case`).
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Data = dict[str, Any]

MONEY = frozenset(
    {
        "amount",
        "balance",
        "demanded",
        "fee",
        "gross",
        "maximum",
        "minimum",
        "money",
        "net",
        "open",
        "original",
        "overdue",
        "payable_rounding",
        "tax",
        "threshold",
        "total",
        "written_off",
    }
)
CASE_OWN = frozenset({"contract_id", "plan_id", "policy_id"})
ADDRESS = {
    "name": "Kim Muster",
    "street": "Lindenweg 7",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}
CUSTOMER = {
    "customer_id": "K-1",
    "kind": "consumer",
    "name": "Kim Muster",
    "language": "en",
    "address": ADDRESS,
    "email": "kim@example.org",
}
LEGAL_ENTITY = {
    "version": 1,
    "name": "Beispiel GmbH",
    "address": ADDRESS,
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "language": "en",
    "default_vat_rate": "19",
    "payment_terms_days": 14,
}
# The date that a message means when the case does not say it: the day on which it was said.
DAY_OF = {
    "InvoiceIssued": "issued_on",
    "CreditNoteIssued": "issued_on",
    "CreditNoteCancelled": "cancelled_on",
    "PaymentPending": "initiated_on",
    "PaymentReceived": "received_on",
    "PaymentFailed": "failed_on",
    "RefundMade": "made_on",
    "ChargebackReceived": "booked_on",
    "ChargebackReversed": "booked_on",
    "DisputeOpened": "on",
    "DisputeClosed": "on",
    "WriteOff": "on",
    "ReverseWriteOff": "on",
    "DispatchReminder": "dispatched_on",
}
TERMS = {
    "LegalEntityPublished": "legal_entity_id",
    "PlanPublished": "plan_id",
    "PolicyPublished": "policy_id",
    "PriceListPublished": "price_list_id",
}
WORDS = frozenset({"on", "at", "id", "source", "subject", "line"})


@dataclass(frozen=True)
class Case:
    """One file: what comes in and what the rules say must come out."""

    name: str
    text: Data

    @property
    def run(self) -> str:
        return str(self.text.get("run", "main"))

    @property
    def until(self) -> date:
        return date.fromisoformat(self.text["until"])

    @property
    def currency(self) -> str:
        return str(self.text.get("currency", "EUR"))

    @property
    def watched(self) -> frozenset[str]:
        """Whose dead letters count; what another service puts aside is its own affair."""
        return frozenset(self.text.get("watched", ("dunning", "input", "clock")))

    @property
    def shares_entity(self) -> bool:
        return not any("LegalEntityPublished" in event for event in self.text["events"])

    @property
    def zones(self) -> dict[str, str]:
        """The zone of each legal entity of the case."""
        own = [
            e["LegalEntityPublished"] for e in self.text["events"] if "LegalEntityPublished" in e
        ]
        return {e["legal_entity_id"]: e.get("time_zone", "Europe/Berlin") for e in own}

    def zone_of(self, contract: str) -> ZoneInfo:
        """The zone of the legal entity whose contract this is."""
        for event in self.text["events"]:
            terms = event.get("ContractRegistered")
            if terms is not None and terms.get("contract_id", "a") == contract:
                zone = self.zones.get(terms.get("legal_entity_id", ""), "Europe/Berlin")
                return ZoneInfo(zone)
        return ZoneInfo("Europe/Berlin")

    def whole(self, short: Any, field: str = "") -> Any:
        """Money and the case's own ids, written out; everything else as it stands."""
        if isinstance(short, dict) and set(short) == {"amount", "currency"}:
            return short
        if isinstance(short, dict):
            return {key: self.whole(value, key) for key, value in short.items()}
        if isinstance(short, list):
            return [self.whole(value, field) for value in short]
        if field in MONEY and isinstance(short, str) and not _is_word(short):
            return {"amount": short, "currency": self.currency}
        if field in CASE_OWN and isinstance(short, str) and not short.startswith("$"):
            return f"{self.name}.{short}"
        return short


def _is_word(text: str) -> bool:
    # A customer's tax is one of a few words, not an amount.
    return text.replace("_", "").isalpha() and text.islower()


def read_case(path: Path) -> Case:
    """The case in this file; its name is the file's."""
    return Case(path.stem, json.loads(path.read_text()))


def said_at(event: Data) -> datetime:
    """The instant of an event: `at` as it stands, `on` at noon UTC."""
    if "at" in event:
        return datetime.fromisoformat(event["at"])
    return datetime.combine(date.fromisoformat(event["on"]), time(12), UTC)


def type_of(event: Data) -> str:
    """The one key of an event or an expectation that is no word of the short form."""
    (name,) = set(event) - WORDS
    return str(name)


def cloud_events(case: Case, known: Data) -> list[tuple[datetime, str]]:
    """Every event of the case as (instant, line), without those whose ids are not known yet."""
    lines = []
    for number, event in enumerate(case.text["events"], 1):
        if "line" in event:
            lines.append((said_at(event), event["line"]))
            continue
        filled = _fill(event, known)
        if filled is not None:
            lines.append((said_at(event), _line(case, filled, number)))
    return lines


def shared_entity(run: str, first: datetime) -> tuple[datetime, str]:
    """The legal entity of all cases of a run that publish none, known a day before the first."""
    instant = first - timedelta(days=1)
    data = {"legal_entity_id": f"vectors-{run}", **LEGAL_ENTITY}
    return instant, _envelope(f"entity-{run}", instant, "LegalEntityPublished", data)


def _fill(event: Data, known: Data) -> Data | None:
    text = json.dumps(event)
    for name, value in known.items():
        text = text.replace(f'"{name}"', json.dumps(value))
    return None if '"$' in text else json.loads(text)


def _line(case: Case, event: Data, number: int) -> str:
    kind = type_of(event)
    data = case.whole(_defaults(case, kind, event))
    line = _envelope(f"{case.name}-{number}", said_at(event), kind, data)
    changed = {key: event[key] for key in ("id", "source", "subject") if key in event}
    return json.dumps(json.loads(line) | changed)


def _defaults(case: Case, kind: str, event: Data) -> Data:
    given = event[kind]
    entity = {} if not case.shares_entity else {"legal_entity_id": f"vectors-{case.run}"}
    mark = {"case": case.name} if case.shares_entity else {}
    if kind == "LegalEntityPublished":
        return {**LEGAL_ENTITY, **given}
    if kind == "PolicyPublished":
        applies = {"applies_to": mark | given.get("applies_to", {})}
        return {"policy_id": "standard", "version": 1, **entity, **given, **applies}
    if kind == "PriceListPublished":
        return {"version": 1, "part": 1, "parts": 1, **entity, **given}
    if kind == "PlanPublished":
        return _plan(case, {**entity, **given})
    start = {"contract_id": "a"}
    if kind in DAY_OF:
        start[DAY_OF[kind]] = said_at(event).date().isoformat()
    if kind == "ContractRegistered":
        return _contract(case, given, start | entity, mark)
    if kind in ("InvoiceIssued", "CreditNoteIssued"):
        return _document(kind, given, start)
    if kind == "ChargebackReceived":
        start["kind"] = "sepa_return"
    return {**start, **given}


def _contract(case: Case, given: Data, start: Data, mark: Data) -> Data:
    usual = {"currency": case.currency, "starts_on": "2022-01-01", "payment_method": "on_account"}
    attributes = {"attributes": mark | given.get("attributes", {})}
    customer = CUSTOMER | given.get("customer", {})
    known = {key: value for key, value in customer.items() if value is not None}
    return start | usual | given | attributes | {"customer": known}


def _plan(case: Case, given: Data) -> Data:
    """A monthly plan in advance; a component is flat and named by its id unless it says more."""
    usual = {"plan_id": "plan", "version": 1, "currency": case.currency}
    usual |= {"billing_period": "P1M", "bill": "in_advance"}
    kinds = {
        kind: [{"name": each["component_id"], "model": "flat", **each} for each in given[kind]]
        for kind in ("recurring", "metered", "one_time")
        if kind in given
    }
    return usual | given | kinds


def _document(kind: str, given: Data, start: Data) -> Data:
    key = "invoice_id" if kind == "InvoiceIssued" else "credit_note_id"
    usual = {"number": f"No. {given[key]}", "net": given["gross"], "tax": "0"}
    if isinstance(given["gross"], dict):
        usual["tax"] = given["gross"] | {"amount": "0"}
    if kind == "InvoiceIssued":
        usual |= {"customer_id": "K-1", "payment_method": "on_account"}
    else:
        usual["cause"] = "goodwill"
    return start | usual | given


def _envelope(ident: str, instant: datetime, kind: str, data: Data) -> str:
    subject = str(data.get("contract_id", ""))
    if kind in TERMS:
        subject = f"{data[TERMS[kind]]}@{data['version']}"
    if kind == "PriceListPublished":
        subject += f"@{data['part']}"
    return json.dumps(
        {
            "specversion": "1.0",
            "id": ident,
            "source": "/vectors",
            "type": kind,
            "time": instant.isoformat().replace("+00:00", "Z"),
            "subject": subject,
            "datacontenttype": "application/json",
            "data": data,
        }
    )
