"""Instalments: kept, nothing else of the debt is demanded; missed, all falls due again (R-117)."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.contracts import InstrumentRegistered
from schemas.instructions import InstalmentsAgreed, InvoiceDisputed, WriteOff
from schemas.message import NotYet, Refused
from schemas.values import Money
from services.dunning import archive
from services.dunning.ledger import claims
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    end_contract,
    ended,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1, MARCH_31 = date(2026, 3, 1), date(2026, 3, 31)
C1 = {"contract_id": "C1"}
STEPS = policy(webhook(5), webhook(9), webhook(15))


def march(day):
    return date(2026, 3, day)


def agreed(*plan, name="i1", lapses=3, of=(), **more):
    plan = plan or ((15, "40.00"), (25, "60.00"))
    parts = tuple({"on": march(day), "money": eur(amount)} for day, amount in plan)
    said = {"agreement_id": name, "receivables": of, "plan": parts, "lapses_after_days": lapses}
    return InstalmentsAgreed(**C1, **said | more)


def desk(*messages, steps=STEPS, day=8, owed="100.00", every_day=False, **more):
    """A is due on 1 March; it is the 8th, and the hook of 6 March has fired."""
    given = Desk(terms(steps), every_day=every_day)
    given.hear(registered(**more), invoice("A", owed, MARCH_1))
    return given.until(march(day)).hear(*messages)


def hooks(given):
    return [(day.day, m.trigger_days, m.due_date.day) for day, m in given.dated("PaymentEscalated")]


def lapses(given):
    return [
        (day.day, m.missed_on.day, m.missing.amount, m.owed.amount)
        for day, m in given.dated("InstalmentsLapsed")
    ]


def claimed(given):
    return [(item.kind, item.anchor_on.day, item.open) for item in claims.claimed(given.account)]


def test_r117_while_they_are_paid_nothing_else_is_demanded():
    given = desk(agreed()).until(march(15)).hear(paid("m", "40.00", march(15)))
    given.until(march(25)).hear(paid("n", "60.00", march(25))).until(MARCH_31)

    assert hooks(given) == [(6, 5, 1)]
    assert given.days_of("PaymentEscalationReset") == [march(25)]
    assert lapses(given) == []


@pytest.mark.parametrize("every_day", [False, True])
def test_r117_what_is_missed_makes_all_due_again_with_the_age_it_had(every_day):
    # 40.00 are due on the 15th, three days more are the 18th: on the 19th A is 18 days old.
    given = desk(agreed(), every_day=every_day).until(MARCH_31)

    assert lapses(given) == [(19, 15, "40.00", "100.00")]
    assert hooks(given) == [(6, 5, 1), (19, 9, 1), (19, 15, 1)]


@pytest.mark.parametrize(
    ("amount", "day", "lapsed"),
    [
        ("40.00", 18, [(29, 25, "60.00", "60.00")]),
        ("39.99", 18, [(19, 15, "0.01", "60.01")]),
        ("40.00", 19, [(19, 15, "40.00", "100.00")]),
        # Paid ahead: 30.00 of the second part, too.
        ("70.00", 9, [(29, 25, "30.00", "30.00")]),
    ],
)
def test_r117_a_part_may_come_until_the_last_day(amount, day, lapsed):
    given = desk(agreed()).until(march(day)).hear(paid("m", amount, march(day))).until(MARCH_31)

    assert lapses(given) == lapsed


def test_r117_an_instalment_is_escalated_from_its_own_due_date():
    given = desk(agreed(lapses=30)).until(MARCH_31)

    # The second one is due on the 25th, and is not the oldest.
    assert hooks(given) == [(6, 5, 1), (20, 5, 15), (24, 9, 15), (30, 15, 15)]
    given = desk(agreed(lapses=30), paid("m", "40.00", march(9))).until(MARCH_31)
    assert hooks(given) == [(6, 5, 1), (30, 5, 25)]


def test_r117_a_letter_demands_the_instalment_that_is_due():
    given = desk(agreed(lapses=30), steps=policy(reminder(4, dispatch="email"))).until(march(20))

    letter = given.all_of("ReminderCreated")[-1]
    assert letter.created_on == march(19)
    assert letter.demanded.amount == "40.00"
    listed = [(i.kind, i.due_on.day, i.original.amount, i.open.amount) for i in letter.items]
    assert listed == [("instalment", 15, "40.00", "40.00")]
    assert [(i.kind, i.open.amount) for i in letter.further_open] == [("instalment", "60.00")]


def test_r117_a_draft_of_the_whole_is_cancelled():
    given = desk(steps=policy(reminder(3, send="manual"))).hear(agreed()).until(march(15))

    assert given.days_of("ReminderCancelled") == [march(8)]
    assert given.days_of("ReminderCreated") == [march(4)]


def test_r117_no_run_starts_while_it_is_kept():
    given = Desk(terms(STEPS)).hear(registered(), invoice("A", "100.00", MARCH_1), agreed())

    given.until(march(15))
    assert given.all_of("EscalationStarted") == []
    assert given.until(MARCH_31).days_of("EscalationStarted") == [march(16)]


def test_r117_no_contract_is_ended_for_what_is_not_due():
    steps = policy(reminder(2, dispatch="email"), end_contract(20), min_notice_days=0)
    given = desk(agreed((25, "100.00")), steps=steps).until(march(28))
    assert given.all_of("ContractEndRequested") == []

    # Missed on the 25th, lapsed on the 29th: 28 days overdue.
    assert given.until(MARCH_31).days_of("ContractEndRequested") == [march(29)]


def test_r117_another_invoice_goes_on_by_itself():
    given = desk(invoice("B", "70.00", march(10)), agreed(of=("R-A",))).until(march(18))

    assert hooks(given) == [(6, 5, 1), (15, 5, 10)]


@pytest.mark.parametrize(("second", "owed"), [("59.99", "99.99"), ("60.01", "100.01")])
def test_r117_the_plan_is_what_is_open_to_the_cent(second, owed):
    with pytest.raises(Refused, match=f"the plan comes to {owed} EUR, and 100.00 EUR is owed"):
        desk(agreed((15, "40.00"), (25, second)))


def test_r117_money_that_came_before_the_agreement_is_no_part_of_it():
    with pytest.raises(Refused, match=r"and 60\.00 EUR is owed"):
        desk(paid("m", "40.00", march(8)), agreed())
    given = desk(paid("m", "40.00", march(8)), agreed((15, "60.00"))).until(march(20))
    assert lapses(given) == [(19, 15, "60.00", "60.00")]


def test_r16_credit_is_off_what_is_due():
    # 60.00 under a mistyped number are off B, which is due, and not off instalments that are not.
    given = desk(invoice("B", "50.00", march(8)), agreed(of=("A",)))
    given.hear(paid("m", "60.00", march(8), "mistyped"))

    assert claimed(given) == [("instalment", 15, 3000), ("instalment", 25, 6000)]


def test_r117_credit_from_before_is_off_the_plan():
    given = desk(paid("m", "30.00", march(8), "mistyped"), agreed((15, "40.00"), (25, "30.00")))
    assert claimed(given) == [("instalment", 15, 4000), ("instalment", 25, 3000)]

    given.hear(paid("n", "40.00", march(8)))
    assert claimed(given) == [("instalment", 25, 3000)]


@pytest.mark.parametrize(
    ("day", "amount", "left"),
    [
        # A of 100.00 in instalments of the 15th and 25th, and B of 70.00, due on the 10th.
        (12, "50.00", [("A", 10000), ("B", 2000)]),  # nothing of A is due
        (12, "90.00", [("A", 8000), ("B", 0)]),
        (14, "90.00", [("A", 8000), ("B", 0)]),
        (15, "90.00", [("A", 6000), ("B", 2000)]),  # 40.00 of A are due, and A is older
        (12, "40.00", [("A", 6000), ("B", 7000)]),  # exactly the next instalment
        (12, "39.99", [("A", 10000), ("B", 3001)]),
    ],
)
def test_r81_what_is_due_is_paid_before_instalments_that_are_to_come(day, amount, left):
    given = desk(invoice("B", "70.00", march(10)), agreed(of=("A",))).until(march(day))
    given.hear(paid("m", amount, march(day)))

    assert [(item.receivable_id, item.open) for item in given.account.items] == left


@pytest.mark.parametrize(
    ("due", "left"),
    [(15, [10000, 0]), (16, [6000, 4000])],
)
def test_r80_of_an_invoice_and_an_instalment_of_one_amount_the_first_due_is_meant(due, left):
    given = desk(invoice("B", "40.00", march(due)), agreed(of=("A",)))
    given.hear(paid("m", "40.00", march(8)))

    assert [item.open for item in given.account.items] == left


def test_r117_a_credit_note_is_off_the_next_instalment():
    given = desk(agreed(), credit_note("G", "50.00", march(8), invoice_id="A"))

    assert claimed(given) == [("instalment", 25, 5000)]


def test_r117_an_instalment_that_is_returned_is_missed():
    given = desk(agreed()).until(march(15)).hear(paid("m", "40.00", march(15))).until(march(20))
    given.hear(charged_back("b", "m", "40.00", march(20))).until(march(22))

    assert lapses(given) == [(21, 15, "40.00", "100.00")]
    assert hooks(given) == [(6, 5, 1), (21, 9, 1), (21, 15, 1)]


def test_r71_an_instalment_that_is_returned_ages_from_that_day_and_begins_its_steps_anew():
    # Hook 5 of the 15th on the 20th; paid on the 21st, returned on the 24th: 5 days are the 29th.
    given = desk(agreed((15, "40.00"), (31, "60.00"), lapses=30)).until(march(21))
    given.hear(paid("m", "40.00", march(21))).until(march(24))
    given.hear(charged_back("b", "m", "40.00", march(24))).until(MARCH_31)

    assert hooks(given) == [(6, 5, 1), (20, 5, 15), (29, 5, 15)]
    assert claimed(given)[0] == ("instalment", 24, 4000)


def test_r71_a_further_return_on_an_instalment_that_is_open_leaves_its_age():
    # 60.00 of 100.00 are there. 20.01 go back: a cent of the first instalment is open again.
    given = desk(agreed((15, "40.00"), (31, "60.00"), lapses=30)).until(march(14))
    given.hear(paid("m", "39.99", march(14), "A"), paid("n", "20.01", march(14), "A"))
    given.until(march(16)).hear(charged_back("b", "n", "20.01", march(16)))

    assert [anchor for _, anchor, _ in claimed(given)] == [16, 31]
    given.until(march(18)).hear(charged_back("c", "m", "39.99", march(18)))
    assert [anchor for _, anchor, _ in claimed(given)] == [16, 31]


def test_r117_what_was_paid_before_and_is_returned_is_due_beside_the_plan():
    given = desk(paid("m", "20.00", march(8)), agreed((15, "40.00"), (25, "40.00")))

    given.hear(charged_back("b", "m", "20.00", march(9)))
    assert claimed(given) == [
        ("invoice", 1, 2000),
        ("instalment", 15, 4000),
        ("instalment", 25, 4000),
    ]


def test_r117_a_dispute_is_off_the_last_instalments():
    given = desk(agreed())
    given.hear(InvoiceDisputed(**C1, invoice_id="A", money=eur("70.00"), reason_code="price"))

    assert claimed(given) == [("instalment", 15, 3000)]


def test_r117_what_is_disputed_is_settled_first():
    with pytest.raises(Refused, match="settled first"):
        desk(InvoiceDisputed(**C1, invoice_id="A", reason_code="price"), agreed())


def test_r117_a_later_agreement_takes_the_place_of_an_earlier_one():
    given = desk(agreed(), agreed((29, "100.00"), name="i2")).until(MARCH_31)

    assert hooks(given) == [(6, 5, 1)]
    assert lapses(given) == []


@pytest.mark.parametrize(("free", "interest"), [(True, "2.23"), (False, "4.98")])
def test_r117_no_default_interest_runs_where_that_is_agreed(free, interest):
    # 1,000.00 at 6.27 % from 2 March, 29 days: 4.98. Free from the 8th; lapsed on Saturday the
    # 21st, so that default is there again after Monday the 23rd: 6 and 7 days are 1.03 and 1.20.
    given = desk(
        agreed((20, "1000.00"), lapses=0, no_interest=free),
        steps=policy(reminder(30), interest=True),
        owed="1000.00",
        due_date_is_agreed=True,
    )

    (letter,) = given.until(MARCH_31).all_of("ReminderCreated")
    assert letter.interest.amount == interest


def test_r73_what_is_paid_in_instalments_is_not_collected_as_a_whole():
    given = desk(paid("m", "100.00", MARCH_1), payment_method="direct_debit")
    given.hear(charged_back("b", "m", "100.00", march(8)), invoice("B", "70.00", march(8)))
    given.hear(agreed(of=("A",)))

    given.hear(InstrumentRegistered(**C1, instrument_id="i", kind="sepa_mandate"))
    (asked,) = given.all_of("CollectionRequested")
    assert (asked.receivables, asked.total.amount) == (("B",), "70.00")


def test_r85_a_write_off_takes_all():
    given = desk(ended(MARCH_1), agreed(), WriteOff(**C1, on=march(8))).until(MARCH_31)

    assert (given.account.balance, lapses(given)) == (0, [])


def test_r34_a_late_day_lets_nothing_lapse():
    given = desk(agreed()).until(march(20), late=True)
    assert lapses(given) == []

    assert lapses(given.until(march(21))) == [(21, 15, "40.00", "100.00")]


@pytest.mark.parametrize(("first", "is_refused"), [(7, True), (8, False)])
def test_r117_it_begins_on_no_day_that_is_over(first, is_refused):
    given = desk()
    told = agreed((first, "40.00"), (25, "60.00"))
    if is_refused:
        with pytest.raises(Refused, match="it begins on 2026-03-07, and 2026-03-08 has begun"):
            given.hear(told)
    else:
        assert len(given.hear(told).account.agreements) == 1


def test_r117_an_agreement_on_an_unknown_invoice_waits():
    with pytest.raises(NotYet, match="invoice"):
        desk(agreed(of=("A", "B")))


def test_r43_an_agreement_in_another_currency_is_refused():
    other = {"on": march(15), "money": Money(amount="100.00", currency="USD")}
    with pytest.raises(Refused, match="currency"):
        desk(agreed().model_copy(update={"plan": (agreed().plan[0].model_copy(update=other),)}))


def test_r117_instalments_are_in_order_one_a_day():
    for plan in (((15, "40.00"), (15, "60.00")), ((25, "40.00"), (15, "60.00"))):
        with pytest.raises(ValidationError, match="in order of their days"):
            agreed(*plan)


def test_r117_what_an_agreement_is_for_is_recalled():
    assert archive.wanted(desk(day=1).account, agreed(of=("B",))) == {"item/B", "number/B"}
