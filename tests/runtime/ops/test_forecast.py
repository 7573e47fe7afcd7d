"""What is foreseen of a contract is what comes, and nothing of it is written anywhere."""

import asyncio
import json
import sqlite3
from datetime import date

import pytest

from schemas.contracts import ContractChanged, ContractEnded
from schemas.message import Refused
from services.invoicing.app import worker
from services.runtime.ops.forecast import Forecast
from services.runtime.ops.state_reader import reading_states
from tests.support.console import duestream
from tests.support.events import ACME, line, registered
from tests.support.tariffs import flat, plan, seats

C1 = {"contract_id": "C1"}
PLAN = plan(
    flat("base", "30.00"),
    flat("after", "9.95", bill="in_arrears"),
    flat("year", "120.00", billing_period="P1Y", optional=True),
    seats("7.77"),
    notice="P1M",
)


def published(told):
    """Return a plan as an event; other messages of tests have a line of their own."""
    event = json.loads(line(ACME, "2026-01-01T00:00:00+01:00", name="plan"))
    data = told.model_dump(mode="json", exclude_none=True)
    more = {"type": "PlanPublished", "subject": f"{told.plan_id}@{told.version}", "data": data}
    return json.dumps(event | more).encode()


def events(*more, quantities):
    return [
        line(ACME, "2026-01-01T00:00:00+01:00", name="entity"),
        published(PLAN),
        line(
            registered(plan_id="basic", quantities=quantities),
            "2026-01-01T10:00:00+01:00",
            name="contract",
        ),
        line(
            ContractChanged(**C1, effective_on=date(2026, 8, 10), quantities={"seats": "5"}),
            "2026-01-01T11:00:00+01:00",
            name="coming",
        ),
        *more,
    ]


def run(folder, until, *more, **quantities):
    """Run invoicing over the events; return the folder."""
    folder.mkdir()
    said = events(*more, quantities={"seats": "2"} | quantities)
    (folder / "events.jsonl").write_bytes(b"\n".join(said))
    said = duestream("run", folder / "events.jsonl", "--until", until, "--out", folder)
    assert said.exit_code == 0, said.stdout
    return folder


def documents(folder, after):
    """Return what a run issued behind a day, without the numbers."""
    found = [json.loads(each) for each in (folder / "invoices.jsonl").read_bytes().splitlines()]
    return [
        (each["type"], {k: v for k, v in each["data"].items() if k != "number"})
        for each in found
        if each["data"].get("issued_on", "9") > after
    ]


def foreseen(folder, until, *messages):
    """Return what is foreseen in the store of a run, and the state in the end."""

    async def look():
        url = f"sqlite+aiosqlite:///{folder}/state/invoicing.sqlite"
        async with reading_states(worker, url) as states:
            copy = await states.copy_of("C1")
            forecast = Forecast(states, copy, "C1")
            said = [each for message in messages for each in await forecast.hear(message)]
            said += await forecast.until(until)
            return said, forecast.state

    return asyncio.run(look())


def as_documents(said):
    return [
        (
            type(each.message).__name__,
            each.message.model_dump(mode="json", exclude_none=True, exclude={"number"}),
        )
        for each in said
    ]


def test_what_is_foreseen_is_what_a_longer_run_says(tmp_path):
    short = run(tmp_path / "short", "2026-03-10", year="1")
    long = run(tmp_path / "long", "2027-02-15", year="1")
    said, _ = foreseen(short, date(2027, 2, 15))

    expected = documents(long, "2026-03-10")
    assert len(expected) == 12  # the changed month of August in two, the second year in January
    assert as_documents(said) == expected


def test_an_end_is_foreseen_as_it_would_come_also_where_it_reaches_back(tmp_path):
    ends = ContractEnded(**C1, ends_on=date(2026, 2, 10))
    short = run(tmp_path / "short", "2026-06-20")
    late = line(ends, "2026-06-20T10:00:00+02:00", name="end")
    long = run(tmp_path / "long", "2026-08-31", late)
    said, state = foreseen(short, date(2026, 8, 31), ends)

    expected = [each for each in documents(long, "2026-06-19") if each[0] == "CreditNoteIssued"]
    # Those of February to May were filed away: nothing but this end asks for them.
    [(_, note)] = expected
    assert len(note["credited"]) == 5
    assert as_documents(said) == expected
    assert state.agreement.ends_on == date(2026, 2, 10)


def test_the_day_of_an_end_that_is_not_said_is_found(tmp_path):
    # A month of notice from 10 March ends in April; the billing period that runs then, in May.
    ends = ContractEnded(**C1, ends_on=date(2026, 3, 15), when="next_allowed")
    said, state = foreseen(run(tmp_path / "out", "2026-03-10"), date(2026, 5, 31), ends)

    assert state.agreement.ends_on == date(2026, 5, 1)
    assert [(str(each.on), type(each.message).__name__) for each in said] == [
        ("2026-03-10", "ContractEndFixed"),
        ("2026-04-01", "InvoiceIssued"),
        ("2026-05-01", "InvoiceIssued"),
    ]


def test_nothing_of_it_is_written(tmp_path):
    folder = run(tmp_path / "out", "2026-03-10")

    def rows():
        with sqlite3.connect(folder / "state" / "invoicing.sqlite") as store:
            return list(store.iterdump())

    before = rows()
    foreseen(folder, date(2026, 12, 31), ContractEnded(**C1, ends_on=date(2026, 4, 1)))

    assert rows() == before


def test_what_would_be_dead_lettered_says_why(tmp_path):
    folder = run(tmp_path / "out", "2026-03-10")

    with pytest.raises(Refused, match="currency"):
        foreseen(folder, date(2026, 4, 1), ContractChanged(**C1, currency="USD"))
    with pytest.raises(Refused, match="unreferenced"):
        foreseen(folder, date(2026, 4, 1), ContractChanged(**C1, plan_id="unknown"))
