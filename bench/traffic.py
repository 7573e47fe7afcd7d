"""The records that all variants read: made from a seed, the same for everybody."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from bench.usage import UsageRecorded
from schemas.contracts import ContractRegistered
from schemas.days import DayBegan
from schemas.envelope import Event
from schemas.invoices import InvoiceIssued
from schemas.message import Message
from schemas.payments import PaymentReceived
from schemas.terms import LegalEntityPublished, PolicyPublished, Terms
from schemas.values import Money
from services.runtime.partitions import partition_of
from services.runtime.stream.order import Place
from services.runtime.stream.record import Chunk, Packed
from services.runtime.stream.wire import pack, unpack

_M = TypeVar("_M", bound=Message)

ENTITY = "acme"
TODAY = date(2026, 3, 2)
_EPOCH = datetime(2026, 3, 2, 8, tzinfo=UTC)
_ADDRESS = {
    "name": "Erika Muster",
    "street": "Hauptstr. 1",
    "postal_code": "50667",
    "city": "Köln",
    "country": "DE",
}


@dataclass
class Traffic:
    """Records by topic and partition, in their order; of each place the first *before* are old.

    What is old stands in the store when the clock starts; *counted* are the others.
    """

    partitions: int
    records: dict[Place, list[Packed]] = field(default_factory=lambda: defaultdict(list))
    before: dict[Place, int] = field(default_factory=dict)

    def add(self, topic: str, message: Message, number: int, *, subject: str) -> None:
        """Append *message* to the partition of its *subject*, a second after the one before."""
        place = topic, partition_of(subject, self.partitions)
        self.put(place, message, number, subject=subject)

    def put(self, place: Place, message: Message, number: int, *, subject: str) -> None:
        """Append *message* at *place*."""
        self.records[place].append(pack(event_of(message, number, subject=subject)))

    def say(self, message: Message, number: int, *, subject: str) -> None:
        """Append *message* to every partition of ``days``."""
        for partition in range(self.partitions):
            event = event_of(message, number, subject=subject)
            self.records["days", partition].append(pack(event))

    def age(self) -> None:
        """Let all that there is be old."""
        self.before = {place: len(some) for place, some in self.records.items()}

    @property
    def counted(self) -> int:
        """How many records are to be applied under the clock."""
        return sum(map(len, self.records.values())) - sum(self.before.values())

    def chunks(self) -> Iterator[Chunk]:
        """Yield what is old, as the engine takes it: first what was said of days and contracts."""
        for (topic, partition), some in sorted(
            self.records.items(), key=lambda each: (each[0][0] != "days", each[0])
        ):
            old = some[: self.before.get((topic, partition), 0)]
            records = (unpack(topic, partition, at, packed) for at, packed in enumerate(old))
            yield Chunk(topic, partition, 0, len(old), tuple(records))


def event_of(message: Message, number: int, *, subject: str) -> Event:
    """Return *message* as an event of a producer that counts."""
    return Event(
        id=f"{type(message).__name__}-{number}",
        source="/bench",
        type=type(message).__name__,
        time=(_EPOCH + timedelta(milliseconds=10 * number)).isoformat(),
        subject=subject,
        data=message.model_dump_json(exclude_none=True).encode(),
    )


def dunning(contracts: int, messages: int, *, partitions: int) -> Traffic:
    """Return invoices and payments of *contracts* that are known already."""
    made, rng = _begun(contracts, partitions), random.Random(1)
    unpaid: dict[str, tuple[str, str]] = {}
    for number in range(messages):
        contract = name_of(rng.randrange(contracts))
        if contract in unpaid and rng.random() < 0.9:
            made.add(
                "payments", _paid(contract, number, *unpaid.pop(contract)), number, subject=contract
            )
        else:
            amount = f"{rng.randrange(5, 200)}.{rng.randrange(100):02}"
            unpaid[contract] = f"I-{number}", amount
            made.add("invoices", invoice(contract, number, amount), number, subject=contract)
    return made


def usage(contracts: int, messages: int, *, partitions: int) -> Traffic:
    """Return what *contracts* used on three meters; one event of fifty is said twice."""
    made, rng = _begun(contracts, partitions), random.Random(1)
    for number in range(messages):
        contract = name_of(rng.randrange(contracts))
        used = use(contract, number, rng)
        for _ in range(2 if number % 50 == 0 else 1):
            made.add("usage", used, number, subject=contract)
    return made


def use(contract: str, number: int, rng: random.Random) -> UsageRecorded:
    """Return that *contract* used something on one of three meters."""
    return _made(
        UsageRecorded,
        contract_id=contract,
        meter=rng.choice(("calls", "storage", "seats")),
        quantity=f"{rng.randrange(1, 500)}.{rng.randrange(10)}",
        occurred_at=(_EPOCH + timedelta(milliseconds=10 * number)).isoformat(),
    )


def name_of(number: int) -> str:
    """Return the id of a contract."""
    return f"C-{number:07}"


def invoice(contract: str, number: int, amount: str, *, due_on: date = TODAY) -> InvoiceIssued:
    """Return an invoice; due *due_on*."""
    money = Money(amount=amount, currency="EUR")
    return _made(
        InvoiceIssued,
        contract_id=contract,
        invoice_id=f"I-{number}",
        number=f"2026-{number}",
        customer_id=f"K-{contract}",
        issued_on=due_on - timedelta(14),
        due_on=due_on,
        net=money,
        tax=Money(amount="0.00", currency="EUR"),
        gross=money,
    )


def day(on: date) -> DayBegan:
    """Return that the day *on* begins."""
    return _made(DayBegan, legal_entity_id=ENTITY, day=on)


def registered(contract: str) -> ContractRegistered:
    """Return the registration of *contract*."""
    return _made(
        ContractRegistered,
        contract_id=contract,
        legal_entity_id=ENTITY,
        currency="EUR",
        customer={
            "customer_id": f"K-{contract}",
            "kind": "consumer",
            "name": "Erika Muster",
            "language": "de",
            "address": _ADDRESS,
        },
        starts_on=date(2026, 1, 1),
        payment_method="on_account",
    )


def terms() -> Terms:
    """Return the terms that all begin with."""
    known = Terms()
    for message in (_entity(), _policy(), day(TODAY)):
        known = known.including(message)
    return known


def _begun(contracts: int, partitions: int) -> Traffic:
    made = Traffic(partitions)
    made.say(_entity(), 0, subject=f"{ENTITY}@1")
    made.say(_policy(), 1, subject="standard@1")
    made.say(day(TODAY), 2, subject=ENTITY)
    for number in range(contracts):
        made.add("contracts", registered(name_of(number)), number, subject=name_of(number))
    made.age()
    return made


def _paid(contract: str, number: int, invoice_id: str, amount: str) -> PaymentReceived:
    return _made(
        PaymentReceived,
        contract_id=contract,
        payment_id=f"P-{number}",
        money=Money(amount=amount, currency="EUR"),
        received_on=TODAY,
        method="transfer",
        designated=({"invoice_id": invoice_id},),
        reference=f"RF{number:018}",
    )


def _entity() -> LegalEntityPublished:
    return _made(
        LegalEntityPublished,
        legal_entity_id=ENTITY,
        version=1,
        name="Acme GmbH",
        address=_ADDRESS,
        country="DE",
        time_zone="Europe/Berlin",
        language="de",
        default_vat_rate="19",
        payment_terms_days=14,
    )


def _policy() -> PolicyPublished:
    steps = (
        {"days_overdue": 2, "action": "webhook"},
        {"days_overdue": 7, "action": "reminder"},
        {"days_overdue": 21, "action": "reminder"},
    )
    said = {"policy_id": "standard", "version": 1, "legal_entity_id": ENTITY, "steps": steps}
    return _made(PolicyPublished, **said)


def _made(shape: type[_M], **said: Any) -> _M:
    """Return the message, as a producer in another language would mean it."""
    return shape(**said)
