"""Traffic for storms: many contracts, all that dunning reads, said twice, early, or wrong."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace

from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    CustomerChanged,
    InstrumentRemoved,
    TerminationRevoked,
)
from schemas.deliveries import DeliveryIntended, Dispatched
from schemas.instructions import HoldEscalation, ReleaseEscalation
from schemas.invoices import ContractEndFixed
from schemas.plans import PlanPublished
from tests.support.events import (
    ACME,
    customer,
    eur,
    line,
    pause_contract,
    policy,
    registered,
    reminder,
    webhook,
)
from tests.support.life import C1, KINDS, message_for
from tests.support.tariffs import KINDS as BILLED
from tests.support.tariffs import PLANS, happens

BEGIN = date(2026, 2, 1)
STEPS = policy(
    webhook(2),
    reminder(4),
    reminder(8, fee=eur("2.50")),
    webhook(8),
    pause_contract(15),
    reminder(20, fee=eur("5.00")),
    fees_block_reset=True,
)
OURS = tuple(kind for kind in KINDS if kind != "days")
MORE = ("change", "customer", "end", "revoke", "remove", "fix", "hold", "release", "intend", "sent")
TWICE, WRONG, OF_BILLING = 0.05, 0.02, 0.5


def traffic(
    contracts: int, days: int, seed: int, *, plans: bool = False
) -> Iterator[tuple[date, bytes]]:
    """Yield events, each with its day, in no order: so many *contracts* live so many *days*.

    With *plans* two of three have one, so that invoicing has its work.
    """
    random = Random(seed)
    yield BEGIN, line(ACME, _at(BEGIN, 0), name="acme")
    yield BEGIN, line(STEPS, _at(BEGIN, 0), name="steps")
    for each in PLANS if plans else ():
        yield BEGIN, line(each, _at(BEGIN, 0), name=each.plan_id)
    for number in range(contracts):
        plan = random.choice(PLANS) if plans and number % 3 else None
        for day, said in _life(f"S-{number:05}", days, random, plan=plan):
            yield day, said
            if random.random() < TWICE:
                yield min(day + timedelta(random.randrange(3)), _last(days)), said
            if random.random() < WRONG:
                yield day, _spoiled(said, random)


def _last(days: int) -> date:
    return BEGIN + timedelta(days - 1)


def _at(day: date, minute: int) -> str:
    return f"{day}T{minute // 60:02}:{minute % 60:02}:00+01:00"


def _life(
    contract: str, days: int, random: Random, *, plan: PlanPublished | None = None
) -> Iterator[tuple[date, bytes]]:
    known = _Known()
    begins = registered(payment_method=random.choice(("on_account", "card")))
    if plan is not None:
        begins = _with_plan(begins, plan, random)
    said = begins.model_copy(update={"contract_id": contract})
    # Some contracts come after their first facts, which wait for them.
    first = BEGIN + timedelta(random.randrange(5))
    yield first, line(said, _at(first, random.randrange(600)), name=f"{contract}-0")
    for number in range(1, random.randrange(8, 24)):
        day = BEGIN + timedelta(random.randrange(days))
        if plan is not None and random.random() < OF_BILLING:
            message = happens(random.choice(BILLED), day, number, random)
        else:
            message = _message(known, day, number, random)
        if message is not None:
            known.learn(message)
            said = message.model_copy(update={"contract_id": contract})
            yield day, line(said, _at(day, random.randrange(1200)), name=f"{contract}-{number}")


def _with_plan(begins, plan, random):
    known = {"plan_id": plan.plan_id, "quantities": {"seats": str(random.randrange(4))}}
    since = {"starts_on": BEGIN + timedelta(random.randrange(-40, 20))}
    if random.random() < 0.5:
        since["billed_until"] = since["starts_on"] + timedelta(random.randrange(60))
    return begins.model_copy(update=known | since)


def _message(known, day, number, random):  # noqa: C901 - one case a kind
    kind = random.choice((*OURS, *OURS, "invoice", "invoice", "invoice", *MORE))
    pick = random.randrange(30)
    match kind:
        case "change":
            return ContractChanged(**C1, payment_terms_days=pick)
        case "customer":
            return CustomerChanged(**C1, customer=customer(name=f"Erika {pick}"))
        case "end":
            return ContractEnded(**C1, ends_on=day + timedelta(pick))
        case "revoke":
            return TerminationRevoked(**C1)
        case "remove":
            return InstrumentRemoved(**C1, instrument_id=f"card-{pick}")
        case "fix":
            return ContractEndFixed(**C1, ends_on=day + timedelta(pick))
        case "hold":
            return HoldEscalation(**C1, until=day + timedelta(pick) if pick % 2 else None)
        case "release":
            return ReleaseEscalation(**C1)
        case "intend":
            said = {"delivery_id": f"d-{number}", "channel": "email"}
            return DeliveryIntended(**C1, **said, dunning_id=f"unknown-{pick}")
        case "sent":
            said = {"delivery_id": f"d-{number}", "channel": "email", "dispatched_on": day}
            return Dispatched(**C1, **said, dunning_id=f"unknown-{pick}")
    return message_for(known, day, number, (kind, random.randrange(1, 9000), pick))


class _Known:
    """What was said of a contract, as far as later messages name it."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)

    def learn(self, message) -> None:
        for name in ("invoice_id", "credit_note_id", "payment_id", "chargeback_id"):
            if type(message).identity == (name,):
                self._names[name].append(getattr(message, name))

    # What dunning reckons is not known here: instalments of 100.00 fit now and then.
    balance = 10_000

    @property
    def items(self):
        return [SimpleNamespace(receivable_id=n, kind="invoice") for n in self._names["invoice_id"]]

    @property
    def receipts(self):
        kinds = (("payment", "payment_id"), ("credit", "credit_note_id"))
        return [
            SimpleNamespace(receipt_id=each, kind=kind)
            for kind, name in kinds
            for each in self._names[name]
        ]

    @property
    def chargebacks(self):
        return [SimpleNamespace(chargeback_id=each) for each in self._names["chargeback_id"]]

    @property
    def pending(self):
        return [SimpleNamespace(payment_id=each) for each in self._names["payment_id"]]

    run = SimpleNamespace(reminders=(SimpleNamespace(dunning_id="unknown"),))


def _spoiled(said: bytes, random: Random) -> bytes:
    """Return an event like *said* that cannot be used: of an unknown shape, or another subject."""
    event = json.loads(said)
    event["id"] += "-wrong"
    match random.randrange(3):
        case 0:
            event["data"] = {}
        case 1:
            event["subject"] = "S-of-nobody"
        case 2:
            event["data"]["contract_id"] = ["no", "text"]
    return json.dumps(event).encode()
