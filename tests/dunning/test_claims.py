"""R-84c: interest and lump sums are posted by order, or when a run ends, though nobody paid."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.instructions import ClaimDamages, ResetEscalation
from schemas.message import NotYet, Refused
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    customer,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
)

DUE, LETTER, LATER = date(2026, 2, 1), date(2026, 3, 22), date(2026, 3, 25)
BUSINESS = customer(kind="business")


def reminded(*, kind="consumer", fee="2.50", days=49, **wanted):
    """1,000.00 in default from 2 February: 48 days to the letter, 51 to the payment, of 365."""
    steps = policy(
        reminder(days, fee=eur(fee)), reminder(90), interest=True, lump_sum=True, **wanted
    )
    given = Desk(terms(steps))
    given.hear(registered(due_date_is_agreed=True, customer=customer(kind=kind)))
    given.hear(invoice("A", "1000.00", DUE, issued_on=date(2026, 1, 2)))
    return given.until(LATER)


def claim(*invoices, **more):
    return ClaimDamages(contract_id="C1", invoices=invoices, **more)


def entries(given):
    posted = given.all_of("EntryPosted")
    return [(e.kind, e.money.amount, e.balance.amount) for e in posted if e.kind != "receivable"]


# 1,000.00 at 1.27 + 5 = 6.27 % for 51 of 365 days is 8.7608: 8.76; at 10.27 % it is 14.3499: 14.35.
def test_r84c_by_policy_what_has_arisen_is_posted_when_the_debt_is_paid():
    given = reminded(claim_damages="at_reset").hear(paid("p", "1000.00", LATER))

    assert entries(given) == [("payment", "-1000.00", "0.00"), ("interest", "8.76", "8.76")]
    names = given.names_on(LATER)
    assert names.index("PaymentEscalationReset") < len(names) - 1, "the run ends before it"
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.about.invoice_id, entry.booked_on, entry.owed[0].due_on) == ("A", LATER, LATER)


def test_by_default_nothing_is_posted():
    given = reminded().hear(paid("p", "1000.00", LATER))

    assert entries(given) == [("payment", "-1000.00", "0.00")]


def test_what_is_posted_at_a_reset_starts_no_run_that_day():
    given = reminded(claim_damages="at_reset").hear(paid("p", "1000.00", date(2026, 3, 20)))
    assert (len(given.all_of("EscalationStarted")), given.account.run) == (1, None)

    given.until(date(2026, 3, 26))

    assert given.days_of("EscalationStarted")[1:] == [date(2026, 3, 26)]


def test_a_business_owes_the_lump_sum_too_less_the_costs_that_were_paid():
    # The letter demands 40.00 and no fee; 14.35 and 40.00 are left when the debt is paid.
    given = reminded(kind="business", claim_damages="at_reset").hear(paid("p", "1000.00", LATER))

    assert entries(given)[1:] == [("interest", "14.35", "14.35"), ("lump_sum", "40.00", "54.35")]


def test_r93a_costs_that_were_paid_are_off_the_lump_sum():
    steps = policy(reminder(49, fee=eur("2.50")), reminder(90))
    given = Desk(terms(steps)).hear(registered(due_date_is_agreed=True, customer=BUSINESS))
    given.hear(invoice("A", "1000.00", DUE, issued_on=date(2026, 1, 2))).until(LATER)
    given.hear(paid("p", "1002.50", LATER), claim("A"))

    told = [(e.kind, e.money.amount) for e in given.all_of("EntryPosted")[1:]]
    assert told == [
        ("fee", "2.50"),
        ("payment", "-1002.50"),
        ("interest", "14.35"),
        ("lump_sum", "37.50"),
    ]
    with pytest.raises(Refused, match="nothing has arisen"):
        given.hear(claim("A"))


def test_who_paid_as_demanded_owes_no_more_than_that():
    given = reminded(claim_damages="at_reset")
    (letter,) = given.all_of("ReminderCreated")
    given.hear(paid("p", letter.demanded.amount, LATER))

    assert given.account.balance == 0


@pytest.mark.parametrize(
    "ending",
    [credit_note("g", "1000.00", LATER), ResetEscalation(contract_id="C1")],
    ids=["credit", "manual"],
)
def test_only_a_payment_leaves_damages_behind(ending):
    given = reminded(claim_damages="at_reset").hear(ending)

    assert [kind for kind, _, _ in entries(given) if kind == "interest"] == []


def test_by_order_it_is_posted_after_the_debt_was_paid_and_filed_away_as_well():
    given = reminded().hear(paid("p", "1000.00", LATER)).until(date(2026, 4, 20))
    given.hear(claim("A"))

    assert entries(given)[-1] == ("interest", "8.76", "8.76")
    assert given.account.items[-1].anchor_on == date(2026, 4, 20)


def test_by_order_within_a_run_the_next_letter_demands_it_once():
    given = reminded(days=49).hear(claim())
    assert entries(given) == [("interest", "8.76", "1008.76")]

    given.until(date(2026, 5, 2))

    # 1,000.00 from 2 February to 1 May: 89 days of 365 are 15.2885, 15.29 in all.
    second = given.all_of("ReminderCreated")[-1]
    assert (second.created_on, second.interest.amount) == (date(2026, 5, 2), "6.53")
    assert [(each.kind, each.open.amount) for each in second.items] == [
        ("invoice", "1000.00"),
        ("interest", "8.76"),
    ]
    assert second.demanded.amount == "1015.29"


def test_what_the_letter_demanded_and_was_claimed_is_not_booked_once_more():
    given = reminded()
    (letter,) = given.all_of("ReminderCreated")
    given.hear(claim(), paid("p", letter.demanded.amount, LATER))

    # The letter demands 2.50 and 8.25; since then 0.51 have come to it.
    assert entries(given)[0] == ("interest", "8.76", "1008.76")
    assert [kind for kind, _, _ in entries(given)].count("interest") == 1
    assert given.account.balance == 51


@pytest.mark.parametrize(
    ("wanted", "posted"),
    [
        ({}, ["interest", "lump_sum"]),
        ({"lump_sum": False}, ["interest"]),
        ({"interest": False}, ["lump_sum"]),
    ],
    ids=str,
)
def test_an_order_may_be_for_one_kind_alone(wanted, posted):
    given = reminded(kind="business").hear(claim("A", **wanted))

    assert [kind for kind, _, _ in entries(given)] == posted


@pytest.mark.parametrize("on", [date(2026, 1, 31), date(2026, 2, 1)])
def test_who_paid_in_time_owes_nothing(on):
    steps = policy(reminder(49), interest=True)
    given = Desk(terms(steps)).hear(registered(due_date_is_agreed=True, customer=BUSINESS))
    given.hear(invoice("A", "1000.00", DUE, issued_on=date(2026, 1, 2)), paid("p", "1000.00", on))

    with pytest.raises(Refused, match="nothing has arisen that is not booked: A"):
        given.until(LATER).hear(claim("A"))


def test_an_order_waits_for_the_invoice_that_it_names():
    with pytest.raises(NotYet, match="invoice"):
        reminded().hear(claim("unknown"))


def test_a_return_of_what_paid_it_leaves_what_was_claimed_owed():
    given = reminded(claim_damages="at_reset").hear(paid("p", "1000.00", LATER))
    given.hear(paid("q", "8.76", LATER), charged_back("c", "q", "8.76", date(2026, 3, 25)))

    assert (given.account.balance, given.account.items[-1].open) == (876, 876)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 80)), st.integers(1, 99_999))
def test_claimed_on_whatever_days_it_comes_to_the_same(days, cents):
    told = reminded(kind="business")
    told.hear(paid("p", f"{cents // 100}.{cents % 100:02}", LATER, "A"))
    for day in range(81):
        told.until(LATER + timedelta(day))
        if day in days or day == 80:
            with suppress(Refused):
                told.hear(claim("A"))

    once = reminded(kind="business")
    once.hear(paid("p", f"{cents // 100}.{cents % 100:02}", LATER, "A"))
    once.until(LATER + timedelta(80)).hear(claim("A"))
    assert told.account.balance == once.account.balance
