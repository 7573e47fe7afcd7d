"""Usage, invoicing and dunning together: seeded meters, twice and late, on any partitions."""

import asyncio
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from random import Random

import pytest

from services.registry import WORKERS
from services.runtime.embedded.embedded import Embedded
from tests.support.events import ACME, line, registered
from tests.support.metering import BERLIN, take_back, use
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
