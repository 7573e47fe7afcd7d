"""What the shop, the ERP, the bank, the card provider and the desk say, as CloudEvents."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

NAMES = (
    "Ada Brandt", "Bela Winter", "Carla Nowak", "Deniz Kaya", "Emil Sommer", "Frieda Lang",
    "Greta Busch", "Henrik Thoma", "Ida Falk", "Jonas Reuter", "Klara Vogt", "Levin Haas",
)  # fmt: skip
FIRMS = ("Brot & Butter GmbH", "Kanzlei Morgenrot", "Werft am Kai KG", "Studio Halbmond UG")
STREETS = ("Lindenallee", "Hafenstrasse", "Am Anger", "Feldweg", "Marktplatz")
TOWNS = (("10115", "Berlin"), ("20095", "Hamburg"), ("04109", "Leipzig"), ("28195", "Bremen"))

# The hour at which a system says what happened on a day, in the zone of the legal entity.
HOURS = {
    "/crm": 8, "/erp": 6, "/meters": 6, "/bank": 10, "/psp": 11, "/desk": 14, "/policies": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity, as far as a story has to know it."""

    entity_id: str
    zone: ZoneInfo
    currency: str
    country: str = "DE"
    language: str = "de"


class Book:
    """All events of the examples; what is left to chance comes from one seeded source."""

    def __init__(self, seed: int, mark: str = "") -> None:
        """Begin a book; *mark* keeps its ids apart from those of another."""
        self.random = Random(seed)
        self._mark = mark
        self._lines: list[tuple[datetime, int, bytes]] = []
        self._numbers: dict[str, int] = {}

    def say(self, type_: str, at: datetime, *, source: str, subject: str, data: dict) -> dict:
        """Say an event once, and return it so that it can be said again."""
        number = self._numbers[source] = self._numbers.get(source, 0) + 1
        event = {
            "specversion": "1.0",
            "id": f"{self._mark}{source.strip('/')}-{number:04d}",
            "source": source,
            "type": type_,
            "time": at.isoformat(),
            "subject": subject,
            "datacontenttype": "application/json",
            "data": data,
        }
        self.repeat(event)
        return event

    def repeat(self, event: dict) -> None:
        """Say *event* as it stands, perhaps once more."""
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        self.scribble(text.encode(), datetime.fromisoformat(event["time"]))

    def scribble(self, line: bytes, at: datetime) -> None:
        """Put any *line* where an event of that time would stand."""
        self._lines.append((at, len(self._lines), line))

    def lines(self) -> bytes:
        """Return the file: ordered by time, what was said first first."""
        return b"".join(line + b"\n" for _, _, line in sorted(self._lines))


@dataclass(slots=True)
class Contract:
    """One contract, and all that is said about it."""

    book: Book
    entity: Entity
    contract_id: str
    kind: str = "consumer"
    method: str = "on_account"
    more: dict = field(default_factory=dict)
    registered_on: str = "2026-01-01"
    currency: str = ""
    person: dict = field(default_factory=dict)
    customer_id: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        # Customers of the contracts C-... are K-..., those of others have their letter in it.
        self.customer_id = f"K{self.contract_id.removeprefix('C')}"
        self.currency = self.currency or self.entity.currency
        self.name = self.book.random.choice(NAMES if self.kind == "consumer" else FIRMS)
        self.say(
            "ContractRegistered",
            self.registered_on,
            source="/crm",
            legal_entity_id=self.entity.entity_id,
            currency=self.currency,
            customer=self.customer(),
            **{"starts_on": "2025-06-01", "payment_method": self.method, **self.more},
        )

    def customer(self) -> dict:
        """Say who the customer is, at an address that is drawn each time."""
        chance = self.book.random
        postal_code, city = chance.choice(TOWNS)
        street = f"{chance.choice(STREETS)} {chance.randint(1, 99)}"
        address = {"name": self.name, "street": street, "postal_code": postal_code, "city": city}
        return {
            "customer_id": self.customer_id,
            "kind": self.kind,
            "name": self.name,
            "language": self.entity.language,
            "address": address | {"country": self.entity.country},
            "email": f"{self.customer_id.lower()}@example.org",
            **self.person,
        }

    def say(self, type_: str, day: str, /, *, source: str, at: str = "", **data: object) -> dict:
        """Say something about this contract on *day*, at a likely time or exactly *at*."""
        likely = time(HOURS[source], self.book.random.randint(0, 59))
        clock = time.fromisoformat(at) if at else likely
        instant = datetime.combine(date.fromisoformat(day), clock, self.entity.zone)
        return self.book.say(
            type_,
            instant,
            source=source,
            subject=self.contract_id,
            data={"contract_id": self.contract_id, **data},
        )

    def money(self, amount: str) -> dict:
        """Return *amount* in the currency of the contract."""
        return {"amount": amount, "currency": self.currency}

    def taxed(self, gross: str) -> dict:
        """Return *gross* with the net and the tax at 19 % in it."""
        cents = int(gross.replace(".", ""))
        net = (cents * 100 + 59) // 119
        parts = {"net": net, "tax": cents - net, "gross": cents}
        return {k: self.money(f"{n // 100}.{n % 100:02d}") for k, n in parts.items()}

    def invoice(
        self, number: int, gross: str, due: str, *, issued_on: str = "", **more: object
    ) -> str:
        """Issue an invoice, two weeks before it is due unless said, and return its id."""
        two_weeks_before = date.fromisoformat(due) - timedelta(days=14)
        issued = date.fromisoformat(issued_on) if issued_on else two_weeks_before
        said = max(issued, date(2026, 1, 1))
        invoice_id = f"{self.contract_id}-{number}"
        self.say(
            "InvoiceIssued",
            said.isoformat(),
            source="/erp",
            at="08:59" if said == date(2026, 1, 1) else "",
            invoice_id=invoice_id,
            number=f"R{invoice_id[1:]}",
            customer_id=self.customer_id,
            issued_on=issued.isoformat(),
            due_on=due,
            period=quarter(date.fromisoformat(due)),
            **self.taxed(gross),
            **more,
        )
        return invoice_id

    def credit(self, number: int, gross: str, on: str, **more: object) -> str:
        """Issue a credit note, and return its id."""
        name = f"{self.contract_id}-G{number}"
        self.say(
            "CreditNoteIssued",
            on,
            source="/erp",
            credit_note_id=name,
            number=f"G{self.contract_id[1:]}-{number}",
            issued_on=on,
            cause="goodwill",
            **self.taxed(gross),
            **more,
        )
        return name

    def debit(self, number: int, amount: str, on: str, **more: object) -> str:
        """Begin a direct debit or card payment, and return its id."""
        name = f"{self.contract_id}-P{number}"
        more = {"method": "sepa", **more}
        money = self.money(amount)
        self.say(
            "PaymentPending",
            on,
            source="/psp",
            payment_id=name,
            money=money,
            initiated_on=on,
            **more,
        )
        return name

    def pay(self, number: int, amount: str, on: str, *names: str, **more: object) -> str:
        """Receive a payment, perhaps meant for the invoices *names*, and return its id."""
        name = f"{self.contract_id}-P{number}"
        if names:
            more["designated"] = [{"invoice_id": each} for each in names]
        more = {"source": "/bank", "method": "transfer", "received_on": on, **more}
        self.say("PaymentReceived", on, payment_id=name, money=self.money(amount), **more)
        return name

    def charge_back(self, number: int, payment: str, amount: str, on: str, **more: object) -> str:
        """Take a payment back, and return the id of the chargeback."""
        name = f"{self.contract_id}-B{number}"
        more = {"kind": "sepa_return", "reason_code": "AM04", **more}
        money = self.money(amount)
        self.say(
            "ChargebackReceived",
            on,
            source="/psp",
            chargeback_id=name,
            payment_id=payment,
            money=money,
            booked_on=on,
            **more,
        )
        return name

    def instruct(self, type_: str, day: str, /, **data: object) -> dict:
        """Let a clerk tell us to do something."""
        return self.say(type_, day, source="/desk", by="desk", **data)


def quarter(day: date) -> dict:
    """Return the quarter of *day* as a period; its end is exclusive."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    until = (first + timedelta(days=93)).replace(day=1)
    return {"from": first.isoformat(), "until": until.isoformat()}
