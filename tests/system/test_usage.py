"""Usage, invoicing and dunning together: seeded meters, twice and late, on any partitions."""

import asyncio
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random

import pytest

from schemas.orders import GrantPrepaid
from services.registry import WORKERS
from services.runtime.embedded.embedded import Embedded
from tests.support.events import ACME, eur, line, registered
from tests.support.metering import BERLIN, take_back, use
from tests.support.meters import TIERS, metered, published
from tests.usage.test_laws import plan

CONTRACTS = [f"C{n}" for n in range(12)]
# Behind the first invoice after the last that comes late.
END = date(2026, 6, 10)


def moment(at):
    return at.isoformat()


def events(seed):
    """Return lines of contracts that use something over a quarter, some of it late or wrong."""
    random = Random(seed)
    begin = datetime(2026, 1, 1, tzinfo=BERLIN)
    lines = [line(ACME, moment(begin), name="acme"), line(plan(), moment(begin), name="p")]
    for contract in CONTRACTS:
        registration = registered(contract_id=contract, plan_id="basic")
        lines.append(line(registration, moment(begin + timedelta(hours=9)), name=contract))
        for n in range(25):
            at = begin + timedelta(minutes=random.randrange(88 * 24 * 60), hours=10)
            name = f"{contract}-{n}"
            used = use(
                name,
                at,
                f"{random.randrange(90_000) / 1000}",
                "m",
                sim=random.choice("AB"),
                kind=random.choice(["mobile", "fixed"]),
            )
            said_at = at + timedelta(days=random.choice([0, 0, 0, 0, 3, 40]))
            lines.append(_line(used, said_at, name, contract))
            if random.random() < 0.1:
                later = said_at + timedelta(days=random.choice([-1, 5, 30]))
                lines.append(_line(take_back(name), later, f"{name}-r", contract))
    return lines


def _line(message, at, name, contract):
    moved = message.model_copy(update={"contract_id": contract})
    said = json.loads(line(moved, moment(at), name=name)) | {"source": "/meters"}
    return json.dumps(said).encode()


def run(folder, lines, *, partitions=1):
    folder.mkdir()
    embedded = Embedded(list(WORKERS.values()), folder, partitions=partitions)
    summary = asyncio.run(embedded.run(lines, until=END))
    return summary, embedded.log


def by_contract(log, *topics):
    found = defaultdict(list)
    for topic in topics:
        for event in log.topics.get(topic, []):
            found[event.subject].append((event.type, event.id, event.time, event.data))
    return found


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return run(tmp_path_factory.mktemp("usage") / "out", events(7))


def test_every_period_is_closed_and_billed(month):
    _, log = month
    kinds = defaultdict(int)
    for said in by_contract(log, "charges", "invoices").values():
        for kind, *_ in said:
            kinds[kind] += 1

    assert kinds["PeriodClosed"] == 5 * len(CONTRACTS)
    assert kinds["UsageCorrected"] > 20
    assert kinds["InvoiceIssued"] == 5 * len(CONTRACTS)


def test_nothing_that_usage_says_breaks_an_invariant(month):
    worker, said = WORKERS["usage"], defaultdict(list)
    for event in month[1].topics["charges"]:
        message = worker.writes[0].message(event.type).model_validate_json(event.data)
        said[event.subject].append((int(dict(event.extensions)["sequence"]), message))

    for messages in said.values():
        in_order = [message for _, message in sorted(messages, key=lambda each: each[0])]
        assert list(worker.audit(in_order)) == []


def test_what_is_sent_twice_counts_once_on_however_many_partitions(month, tmp_path):
    lines = events(7)
    twice = [*lines, *Random(3).sample(lines, 60)]
    summary, log = run(tmp_path / "out", twice, partitions=3)

    assert summary.counts["duplicates"] >= 60
    assert by_contract(log, "charges") == by_contract(month[1], "charges")


def test_documents_bill_what_was_charged_to_the_cent(month):
    billed = defaultdict(int)
    for event in month[1].topics["charges"]:
        data = json.loads(event.data)
        if "net" in data:
            billed[event.subject] += int(data["net"]["amount"].replace(".", ""))
    lines = defaultdict(int)
    for event in month[1].topics["invoices"]:
        data = json.loads(event.data)
        sign = -1 if event.type == "CreditNoteIssued" else 1
        for each in data.get("lines", []):
            lines[event.subject] += sign * int(each["net"]["amount"].replace(".", ""))

    assert {c: billed[c] for c in CONTRACTS} == {c: lines[c] for c in CONTRACTS}


def documents(log):
    """Return each document: its day, kind and gross amount, then its lines with their nets."""
    found = []
    for event in log.topics["invoices"]:
        data = json.loads(event.data)
        if "lines" in data:
            head = f"{data['issued_on']} {event.type} {data['gross']['amount']}"
            lines = [f"{each['name']}: {each['net']['amount']}" for each in data["lines"]]
            found.append([head, *lines])
    return found


def test_a_customer_can_follow_groups_tiers_a_balance_and_an_invoice_that_is_made_anew(tmp_path):
    calls = metered("calls", model="graduated", tiers=TIERS, meter="m", group_by=["sim"])
    begin = datetime(2026, 1, 1, tzinfo=BERLIN)
    lines = [
        line(ACME, moment(begin), name="acme"),
        line(published(calls, late_usage="credit_rebill"), moment(begin), name="p"),
        line(registered(contract_id="C1", plan_id="basic"), moment(begin), name="C1"),
        line(
            GrantPrepaid(contract_id="C1", grant_id="g", money=eur("5.00")),
            moment(begin + timedelta(hours=1)),
            name="g",
        ),
    ]
    for name, day, said_on, quantity, sim in (
        ("a", 5, 5, "150", "A"),
        ("b", 5, 5, "20", "B"),
        ("late", 6, 41, "10", "A"),
    ):
        at = begin + timedelta(days=day - 1, hours=12)
        said_at = begin + timedelta(days=said_on - 1, hours=13)
        lines.append(_line(use(name, at, quantity, "m", sim=sim), said_at, name, "C1"))

    _, log = run(tmp_path / "out", lines)

    # A: 100 at 0.10, 50 (then 60) at 0.08. B: 20 at 0.10. With 19 % of 11.00, then of 11.80.
    assert documents(log) == [
        [
            "2026-02-02 InvoiceIssued 13.09",
            "Calls, A, bis 100: 10.00",
            "Calls, A, bis 500: 4.00",
            "Calls, A, aus Guthaben g: -5.00",
            "Calls, B, bis 100: 2.00",
        ],
        [
            "2026-02-11 CreditNoteIssued 13.09",
            "Calls, A, bis 100: 10.00",
            "Calls, A, bis 500: 4.00",
            "Calls, A, aus Guthaben g: -5.00",
            "Calls, B, bis 100: 2.00",
        ],
        [
            "2026-02-11 InvoiceIssued 14.04",
            "Calls, A, bis 100: 10.00",
            "Calls, A, bis 500: 4.80",
            "Calls, A, aus Guthaben g: -5.00",
            "Calls, B, bis 100: 2.00",
        ],
    ]


def test_an_invoice_that_a_balance_paid_is_of_nothing_and_nobody_is_reminded_of_it(tmp_path):
    begin = datetime(2026, 1, 1, tzinfo=BERLIN)
    calls = metered("calls", unit_price="0.10", meter="m")
    grant = GrantPrepaid(contract_id="C1", grant_id="g", money=eur("5.00"))
    lines = [
        line(ACME, moment(begin), name="acme"),
        line(published(calls), moment(begin), name="p"),
        line(registered(contract_id="C1", plan_id="basic"), moment(begin), name="C1"),
        line(grant, moment(begin + timedelta(hours=1)), name="g"),
        _line(use("a", at := begin + timedelta(days=4), "30", "m"), at, "a", "C1"),
    ]

    _, log = run(tmp_path / "out", lines)

    assert documents(log) == [
        ["2026-02-02 InvoiceIssued 0.00", "Calls: 3.00", "Calls, aus Guthaben g: -3.00"]
    ]
    assert [name for name in log.topics if name.endswith("dead-letters")] == []
    assert by_contract(log, "reminders") == {}
    kinds = [kind for kind, *_ in by_contract(log, "receivables")["C1"]]
    assert kinds == ["EntryPosted", "ReceivableSettled"]


def test_u61_a_balance_that_applies_gross_pays_an_invoice_that_nobody_is_reminded_of(tmp_path):
    calls = metered("calls", unit_price="0.10", meter="m", vat_rate="24")
    begin = datetime(2026, 1, 1, tzinfo=BERLIN)
    balance = GrantPrepaid(
        contract_id="C1", grant_id="g", money=eur("100.00"), low_at=eur("82.28"), applies="gross"
    )
    lines = [
        line(ACME, moment(begin), name="acme"),
        line(published(calls), moment(begin), name="p"),
        line(registered(contract_id="C1", plan_id="basic"), moment(begin), name="C1"),
        line(balance, moment(begin + timedelta(hours=1)), name="g"),
        line(balance, moment(begin + timedelta(hours=1)), name="g"),
        _line(use("a", begin + timedelta(hours=12), "142.9", "m"), begin + timedelta(hours=13), "a",
              "C1"),
    ]  # fmt: skip

    summary, log = run(tmp_path / "out", lines)

    # 14.29 and 24 % of it, 3.43, are 17.72 of 100.00 (U-61).
    (invoice,) = (json.loads(each.data) for each in log.topics["invoices"]
                  if each.type == "InvoiceIssued")  # fmt: skip
    assert (invoice["gross"]["amount"], invoice["prepaid"][0]["money"]["amount"]) == (
        "17.72",
        "17.72",
    )
    told = [(each.type, json.loads(each.data)["left"]["amount"])
            for each in log.topics["charges"] if each.type.startswith("Prepaid")]  # fmt: skip
    assert told == [("PrepaidDrawn", "82.28"), ("PrepaidLow", "82.28")]
    kinds = [each.type for each in log.topics["receivables"]]
    assert kinds == ["EntryPosted", "ReceivableSettled"]
    assert "reminders" not in log.topics
    # One in usage, one in invoicing.
    assert summary.counts["duplicates"] == 2
