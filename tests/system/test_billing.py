"""Invoicing and dunning together: from contracts and plans to reminders, ends and resets."""

import asyncio
import json
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from schemas.envelope import Event
from schemas.orders import AddItem
from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.runtime.embedded.embedded import Embedded
from tests.support.events import (
    ACME,
    end_contract,
    eur,
    line,
    policy,
    registered,
    reminder,
    webhook,
)
from tests.support.tariffs import flat, plan
from tests.support.traffic import BEGIN, traffic

WORKERS = (invoicing.worker, dunning.worker)
PLAN = plan(flat("base", "31.00"), flat("support", "10.00", bill="in_arrears"))


def run(folder, lines, until, *, partitions=1):
    folder.mkdir()
    embedded = Embedded(WORKERS, folder, partitions=partitions)
    summary = asyncio.run(embedded.run(lines, until=until))
    return summary, embedded.log


def story(log, *names):
    """Return what was said of contracts on these topics: day, type and amount or reason."""
    said = []
    for name in names:
        for event in log.topics.get(name, []):
            data = json.loads(event.data)
            money = data.get("gross") or data.get("balance") or {}
            told = money.get("amount") or data.get("reason") or data.get("ends_on")
            said.append((event.time[:10], event.type, told))
    return said


def at(day, message, name=None):
    return line(message, f"{day}T10:00:00+01:00", name=name)


def unpaid():
    steps = (webhook(5), reminder(10), end_contract(20))
    return [
        line(ACME, "2026-01-01T00:00:00+01:00", name="acme"),
        at("2026-01-01", PLAN, "plan"),
        at("2026-01-01", policy(*steps), "policy"),
        at("2026-01-02", registered(plan_id="basic"), "contract"),
        at("2026-01-03", AddItem(contract_id="C1", name="Book", net=eur("5.00")), "item"),
    ]


def test_what_is_not_paid_is_reminded_of_and_ends_the_contract_with_credit(tmp_path):
    _, log = run(tmp_path / "out", unpaid(), date(2026, 3, 20))

    assert story(log, "invoices") == [
        ("2026-01-02", "InvoiceIssued", "36.89"),
        ("2026-02-01", "InvoiceIssued", "54.74"),
        # The letter of 26 January gives until 9 February, three days more by post (R-31a), so the
        # end is on the 13th: 16 of 28 days of the base are credited, 12 of support are billed.
        ("2026-02-13", "CreditNoteIssued", "21.07"),
        ("2026-02-13", "InvoiceIssued", "5.11"),
    ]
    assert [(day, kind) for day, kind, _ in story(log, "escalations")] == [
        ("2026-01-17", "EscalationStarted"),
        ("2026-01-21", "PaymentEscalated"),
        ("2026-02-13", "ContractEndRequested"),
        ("2026-02-13", "EscalationExhausted"),
    ]
    assert story(log, "receivables")[-1] == ("2026-02-13", "EntryPosted", "75.67")


@pytest.fixture(scope="module")
def storm(tmp_path_factory):
    lines = [said for _, said in traffic(24, 80, 7, plans=True)]
    until = BEGIN + timedelta(days=95)
    return run(tmp_path_factory.mktemp("storm") / "out", lines, until)


@pytest.mark.parametrize("worker", WORKERS, ids=lambda worker: worker.name)
def test_nothing_that_is_said_breaks_an_invariant(storm, worker):
    _, log = storm
    said = defaultdict(list)
    for topic in worker.writes:
        for event in log.topics.get(topic.name, []):
            if isinstance(event, Event) and event.source == f"/duestream/{worker.name}":
                message = topic.message(event.type).model_validate_json(event.data)
                said[event.subject].append((int(dict(event.extensions)["sequence"]), message))

    assert len(said) >= 15
    for messages in said.values():
        in_order = [message for _, message in sorted(messages, key=lambda each: each[0])]
        assert list(worker.audit(in_order)) == []


def test_r100_no_number_is_there_twice_and_none_is_missing(storm):
    _, log = storm
    given = Counter()
    for event in log.topics["invoices"]:
        if not event.source.startswith("/duestream"):
            continue  # what came from outside may be anything
        message = invoicing.worker.writes[0].message(event.type).model_validate_json(event.data)
        if (number := invoicing.worker.numbers(message)) is not None:
            given[number[0]] += 1
            assert number[1] == given[number[0]]

    assert set(given) == {"acme/R", "acme/G"}
    assert min(given.values()) > 10


def test_dunning_books_every_document_that_invoicing_says(storm):
    _, log = storm
    ours = [e for e in log.topics["invoices"] if e.source == "/duestream/invoicing"]
    about = defaultdict(set)
    for event in log.topics["receivables"]:
        if event.type == "EntryPosted":
            for key, name in json.loads(event.data)["about"].items():
                about[key].add(name)
    for event in ours:
        data = json.loads(event.data)
        key = {"InvoiceIssued": "invoice_id", "CreditNoteIssued": "credit_note_id"}.get(event.type)
        assert key is None or data[key] in about[key]
    assert len(ours) > 40
