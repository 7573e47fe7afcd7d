"""The messages that the built-in samples are made of.

They are awkward where life is: a name too long for a line, a discount, two rates, a price of less
than a cent, a fee among the open items.
"""

from datetime import date, timedelta
from typing import Any, Literal

from schemas.addresses import Address, Customer
from schemas.invoices import CreditNoteIssued, InvoiceIssued, Line, LinePeriod, Vat
from schemas.payment_reference import payment_reference
from schemas.receivables import EntryKind
from schemas.reminders import ItemKind, NoticeCreated, ReminderCreated, ReminderItem
from schemas.statements import StatementDrawn, StatementMovement
from schemas.terms import LegalEntityPublished
from schemas.values import (
    ContractId,
    CreditNoteId,
    CustomerId,
    DunningId,
    LegalEntityId,
    Money,
    ProcessId,
    ReceivableId,
)
from services.notifications.rendering.documents.parties import Contact, Endpoint, Language, Register
from services.notifications.rendering.documents.vouchers import Reference
from services.notifications.rendering.sources.parties import Particulars

TODAY = date(2026, 11, 23)
CONTRACT = ContractId("V-2024-0815")
ORIGINAL = Reference("R-2026-1003", date(2026, 10, 5))
OCTOBER = LinePeriod(from_=date(2026, 10, 1), until=date(2026, 11, 1))

ENTITY = LegalEntityPublished(
    legal_entity_id=LegalEntityId("nordlicht"),
    version=1,
    name="Nordlicht Datendienste GmbH",
    address=Address(
        name="Nordlicht Datendienste GmbH",
        street="Speicherstraße 12",
        postal_code="20457",
        city="Hamburg",
        country="DE",
    ),
    country="DE",
    time_zone="Europe/Berlin",
    language="de",
    vat_id="DE 136 695 976",
    iban="DE02 1203 0000 0000 2020 51",
    bic="BYLADEM1001",
    creditor_id="DE98ZZZ09999999999",
    default_vat_rate="19",
    payment_terms_days=14,
)
PARTICULARS = Particulars(
    contact=Contact(
        name="Kundenservice", phone="+49 40 1234567", email="service@nordlicht.example"
    ),
    register=Register(
        court="Amtsgericht Hamburg",
        number="HRB 123456",
        seat="Hamburg",
        legal_form="GmbH",
        directors=("Dr. Änne Weiß", "Jörg Ångström"),
    ),
    tax_number="27/123/45678",
    endpoint=Endpoint(scheme="9930", address="DE136695976"),
)


ADDRESSES: dict[Language, Address] = {
    "de": Address(
        company="Müller & Söhne Werkzeugbau und Präzisionstechnik GmbH & Co. KG",
        name="Kreditorenbuchhaltung, Frau Özdemir-Weißgerber",
        street="Große Bäckergasse 7, Hinterhaus",
        postal_code="80331",
        city="München",
        country="DE",
    ),
    "en": Address(
        name="Fiona MacGregor-Featherstonehaugh",
        street="221B Baker Street",
        postal_code="NW1 6XE",
        city="London",
        country="GB",
    ),
    "fr": Address(
        company="Société Électronique Façade SARL",
        name="Mme Anaïs Lefèvre",
        street="14 rue de l'Évêché",
        postal_code="67000",
        city="Strasbourg",
        country="FR",
    ),
}


def customer(language: Language) -> Customer:
    """Return a customer of each language; that of English is a person."""
    address = ADDRESSES[language]
    return Customer(
        customer_id=CustomerId("10042"),
        kind="business" if address.company else "consumer",
        name=address.company or address.name,
        language=language,
        address=address,
        email="eingang@kunde.example",
        vat_id={"de": "DE811907980", "fr": "FR 40 303 265 045"}.get(language),
    )


def money(amount: str) -> Money:
    """Return euros."""
    return Money(amount=amount, currency="EUR")


def invoice(**changes: object) -> InvoiceIssued:
    """Return an invoice of two rates, with a discount and a price of less than a cent."""
    lines = (
        _line("1", "Grundgebühr Plattform", "1", "49.90", "49.90"),
        _line("2", "Nachrichten", "1234567", "0.000012", "14.81"),
        _line("3", "Fachbuch Datenhaltung", "3", "24.99", "74.97", rate="7"),
        _line("4", "Treuerabatt", "1", "-10.00", "-10.00"),
        Line(**_taxed("5", "Bereitschaft, anteilig", "19", "-6.46"), quantity="17", unit="Tage"),
    )
    said = {
        "invoice_id": ReceivableId("I-1"),
        "contract_id": CONTRACT,
        "customer_id": CustomerId("10042"),
        "number": "R-2026-1105",
        "issued_on": TODAY,
        "due_on": date(2026, 12, 7),
        "period": OCTOBER,
        "payment_method": "on_account",
        "lines": lines,
        "vat": (_vat("7", "74.97", "5.25"), _vat("19", "48.25", "9.17")),
        "net": money("123.22"),
        "tax": money("14.42"),
        "gross": money("137.64"),
    }
    return InvoiceIssued.model_validate({**said, **changes})


def credit(**changes: object) -> CreditNoteIssued:
    """Return a credit note over a part of a line."""
    said = {
        "credit_note_id": CreditNoteId("G-1"),
        "contract_id": CONTRACT,
        "number": "G-2026-0007",
        "issued_on": TODAY,
        "cause": "order",
        "lines": (_line("1", "Erstattung Grundgebühr, 9 von 31 Tagen", "1", "14.49", "14.49"),),
        "vat": (_vat("19", "14.49", "2.75"),),
        "net": money("14.49"),
        "tax": money("2.75"),
        "gross": money("17.24"),
    }
    return CreditNoteIssued.model_validate({**said, **changes})


def reminder(level: int, **changes: object) -> ReminderCreated:
    """Return a reminder over three items, with damages from the second level on."""
    late = level > 1
    said = {
        "dunning_id": DunningId(f"D-{level}"),
        "contract_id": CONTRACT,
        "payment_escalation_process_id": ProcessId("P-1"),
        "receivable_id": ReceivableId("I-0"),
        "reopening": 0,
        "step": level,
        "level": level,
        "created_on": TODAY,
        "dispatch": "default",
        "send": "automatic",
        "items": (
            _item("R-2026-0811", "invoice", date(2026, 8, 3), "1190.00", "690.00"),
            _item("R-2026-0902", "invoice", date(2026, 9, 2), "238.00", "238.00"),
            _item(None, "fee", date(2026, 9, 20), "3.00", "3.00"),
        ),
        "further_open": (_item("R-2026-1105", "invoice", TODAY, "137.64", "137.64"),),
        "fees": money("2.50") if late else None,
        "interest": money("23.17") if late else None,
        "lump_sum": money("40.00") if late else None,
        "demanded": money("996.67" if late else "931.00"),
        "pay_until": date(2026, 12, 7),
        "as_of": 17,
    }
    return ReminderCreated.model_validate({**said, **changes})


def notice(kind: Literal["before_due", "thanks"], **changes: Any) -> NoticeCreated:
    """Return word before the due date of the invoice, or thanks for another one."""
    later = _item("R-2026-1105", "invoice", TODAY, "137.64", "137.64")
    paid = _item("R-2026-1019", "invoice", date(2026, 10, 19), "238.00", "0.00")
    item = later if kind == "before_due" else paid
    said: dict[str, Any] = {
        "contract_id": CONTRACT,
        "notice_id": f"{kind}-1",
        "kind": kind,
        "created_on": TODAY,
        "items": (item,),
        "money": item.open if kind == "before_due" else item.original,
        "payment_reference": payment_reference(CONTRACT, item.receivable_id)
        if kind == "before_due"
        else None,
    }
    return NoticeCreated.model_validate({**said, **changes})


def statement() -> StatementDrawn:
    """Return a statement over two months: 690.00 before, 889.52 after it."""
    lines = (
        _movement("receivable", date(2026, 10, 5), "61.88", "R-2026-1003"),
        _movement("payment", date(2026, 10, 9), "-500.00"),
        _movement("chargeback", date(2026, 10, 16), "500.00"),
        _movement("receivable", date(2026, 11, 20), "137.64", "R-2026-1105"),
    )
    return StatementDrawn(
        statement_id="statement-1",
        since=date(2026, 10, 1),
        as_of=TODAY,
        opening=money("690.00"),
        lines=lines,
        closing=money("889.52"),
    )


def _movement(
    kind: EntryKind, on: date, amount: str, number: str | None = None
) -> StatementMovement:
    return StatementMovement(booked_on=on, kind=kind, number=number, amount=money(amount))


def _line(
    line_id: str, name: str, quantity: str, unit_price: str, net: str, *, rate: str = "19"
) -> Line:
    taxed = _taxed(line_id, name, rate, net)
    return Line(**taxed, quantity=quantity, unit_price=unit_price, period=OCTOBER)


def _taxed(line_id: str, name: str, rate: str, net: str) -> dict[str, Any]:
    amount = money(net)
    return {
        "line_id": line_id,
        "name": name,
        "net": amount,
        "vat_rate": rate,
        "vat_category": "S",
    }


def _vat(rate: str, net: str, tax: str) -> Vat:
    return Vat(rate=rate, category="S", net=money(net), tax=money(tax))


def _item(
    number: str | None, kind: ItemKind, issued_on: date, original: str, open_: str
) -> ReminderItem:
    due_on = issued_on + timedelta(days=14)
    return ReminderItem(
        receivable_id=ReceivableId(number or "F-1"),
        kind=kind,
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        original=money(original),
        open=money(open_),
        days_overdue=max(0, (TODAY - due_on).days),
    )
