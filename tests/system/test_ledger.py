"""The ledger through the whole system: early facts, bad ones, and those of other services."""

import json
from collections import Counter
from datetime import date

from schemas.chargebacks import ChargebackReversed
from schemas.contracts import ContractEnded
from schemas.instructions import WriteOff
from schemas.orders import GrantFreePeriod
from schemas.payments import RefundMade
from tests.support.events import (
    ACME,
    charged_back,
    credit_note,
    eur,
    invoice,
    line,
    paid,
    policy,
    registered,
    webhook,
)
from tests.system.test_month import run, said

C1 = {"contract_id": "C1"}


def life():
    """What happens to a contract, in the order in which it is said: a return before its payment."""
    facts = [
        ("01", ACME),
        ("01", policy(webhook(5))),
        ("01", ChargebackReversed(**C1, chargeback_id="b", booked_on=date(2026, 2, 2))),
        ("01", invoice("A", "100.00", date(2026, 2, 2))),
        ("02", registered()),
        ("03", charged_back("b", "p", "100.00", date(2026, 2, 4), fee=eur("3.00"))),
        ("04", paid("p", "100.00", date(2026, 2, 3))),
        ("05", GrantFreePeriod(**C1, periods=1)),
        ("06", credit_note("G", "10.00", date(2026, 2, 6))),
        ("07", RefundMade(**C1, refund_id="r", money=eur("50.00"), made_on=date(2026, 2, 7))),
        ("08", RefundMade(**C1, refund_id="s", money=eur("7.00"), made_on=date(2026, 2, 8))),
        ("09", ContractEnded(**C1, ends_on=date(2026, 3, 1))),
        ("10", invoice("B", "20.00", date(2026, 2, 20), issued_on=date(2026, 2, 10))),
        ("28", WriteOff(**C1, on=date(2026, 2, 28))),
    ]
    return [
        line(message, f"2026-02-{day}T10:00:00+01:00", name=str(number))
        for number, (day, message) in enumerate(facts)
    ]


def entries(files):
    posted = [e["data"] for e in said(files) if e["type"] == "EntryPosted"]
    return [(e["kind"], e["money"]["amount"], e["balance"]["amount"]) for e in posted]


def test_early_facts_are_booked_directly_after_what_they_wait_for(tmp_path):
    _, files = run(tmp_path / "out", life())

    assert entries(files) == [
        ("receivable", "100.00", "100.00"),
        ("payment", "-100.00", "0.00"),
        # It waited for the payment, and its reversal for it.
        ("chargeback", "100.00", "100.00"),
        ("fee", "3.00", "103.00"),
        ("chargeback_reversal", "-100.00", "3.00"),
        ("credit", "-10.00", "-7.00"),
        ("refund", "7.00", "0.00"),
        ("receivable", "20.00", "20.00"),
        ("write_off", "-20.00", "0.00"),
    ]


def test_what_cannot_be_booked_is_dead_lettered_with_its_reason(tmp_path):
    _, files = run(tmp_path / "out", life())

    letters = [json.loads(each) for each in files["dunning.dead-letters.jsonl"].splitlines()]
    assert Counter(each["headers"]["dl-reason"] for each in letters) == {"excess": 1}


def test_r58_money_of_next_year_settles_nothing_today(tmp_path):
    ahead = [line(paid(f"x{day}", "1.00", day), "2026-02-03T10:00:00+01:00", name=f"x{day}")
             for day in (date(2026, 2, 4), date(2026, 2, 5), date(2027, 2, 3))]  # fmt: skip
    _, files = run(tmp_path / "out", [*life()[:2], *life()[3:5], *ahead])

    letters = [json.loads(each) for each in files["dunning.dead-letters.jsonl"].splitlines()]
    assert [each["headers"]["dl-detail"] for each in letters] == [
        "received_on: lies in the future",
        "received_on: lies in the future",
    ]
    assert entries(files) == [("receivable", "100.00", "100.00"), ("payment", "-1.00", "99.00")]


def test_every_fact_twice_and_many_partitions_leave_the_same_ledger(tmp_path):
    twice = [each for each in life() for _ in range(2)]

    assert said(run(tmp_path / "one", life())[1]) == said(run(tmp_path / "two", twice, 5)[1])
