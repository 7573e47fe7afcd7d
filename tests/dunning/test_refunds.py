"""Refunds: from credit, or by force."""

from datetime import date

import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from schemas.chargebacks import ChargebackReceived, ChargebackReversed
from schemas.message import NotYet, Refused
from schemas.payments import RefundMade
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    eur,
    invoice,
    paid,
    policy,
    registered,
    terms,
    webhook,
)
from tests.support.properties import up_to

MARCH_1 = date(2026, 3, 1)


def overpaid(**more):
    """A contract of which 50.00 were owed and 60.00 were paid."""
    given = Desk(terms(policy(webhook(5)))).hear(registered(**more))
    return given.hear(invoice("A", "50.00", MARCH_1), paid("p", "60.00", date(2026, 2, 27)))


def refund(amount, *, payment=None, forced=False, name="r"):
    return RefundMade(
        contract_id="C1",
        refund_id=name,
        payment_id=payment,
        money=eur(amount),
        made_on=date(2026, 3, 10),
        forced=forced,
    )


@pytest.mark.parametrize("payment", [None, "p"])
def test_r83_a_refund_takes_the_credit(payment):
    given = overpaid().hear(refund("10.00", payment=payment))

    assert (given.account.balance, given.account.receipts[0].credit) == (0, 0)
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount, entry.about.refund_id) == ("refund", "10.00", "r")


def test_r83_more_than_the_credit_is_refused():
    with pytest.raises(Refused, match="excess"):
        overpaid().hear(refund("10.01", payment="p"))


def test_r83_not_more_than_the_named_payment_is_refunded_whatever_the_credit():
    given = overpaid().hear(paid("q", "5.00", date(2026, 3, 2)))

    with pytest.raises(Refused, match="excess"):
        given.hear(refund("15.00", payment="q"))


def test_r83_the_credit_of_the_named_payment_goes_first():
    given = overpaid().hear(paid("q", "5.00", date(2026, 3, 2)), refund("4.00", payment="q"))

    assert [each.credit for each in given.account.receipts] == [1000, 100]


def test_r83_what_is_forced_above_the_credit_is_owed_anew_and_due_at_once():
    given = overpaid().hear(refund("25.00", payment="p", forced=True))

    item = given.account.items[1]
    assert (item.kind, item.open, item.due_on) == ("refund", 1500, date(2026, 3, 10))
    assert given.account.balance == 1500
    assert given.all_of("CollectionRequested") == []  # nobody collects on account

    given.until(date(2026, 3, 15))
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 15)]


def test_r83_it_is_collected_at_once_where_recurring_payment_is_on():
    given = overpaid(payment_method="direct_debit").hear(refund("25.00", forced=True))

    [requested] = given.all_of("CollectionRequested")
    assert requested.receivables == (given.account.items[1].receivable_id,)
    assert requested.total == eur("15.00")


def test_r83_a_reminder_names_it_as_a_refund():
    given = overpaid().hear(refund("25.00", forced=True))

    assert [item.kind for item in given.account.open_items] == ["refund"]


def owed(given):
    return [(item.kind, item.open) for item in given.account.open_items]


def test_r74a_what_was_paid_back_by_force_and_charged_back_too_is_owed_twice():
    given = Desk(terms(policy(webhook(5)))).hear(registered(), invoice("A", "9.90", MARCH_1))
    given.hear(paid("p", "9.90", MARCH_1), refund("9.90", payment="p", forced=True))

    given.hear(charged_back("b", "p", "9.90", date(2026, 3, 20)))

    assert (owed(given), given.account.balance) == ([("invoice", 990), ("refund", 990)], 1980)


def test_r74a_the_order_of_refund_and_return_makes_no_difference():
    given = Desk(terms(policy(webhook(5)))).hear(registered(), invoice("A", "9.90", MARCH_1))
    given.hear(paid("p", "9.90", MARCH_1), charged_back("b", "p", "9.90", date(2026, 3, 5)))

    given.hear(refund("9.90", payment="p", forced=True))

    assert (owed(given), given.account.balance) == ([("invoice", 990), ("refund", 990)], 1980)


@pytest.mark.parametrize("refunded", [None, "p", "q"])
@pytest.mark.parametrize("back", ["p", "q"])
def test_r74a_paid_twice_one_refunded_the_other_charged_back(refunded, back):
    given = Desk(terms(policy(webhook(5)))).hear(registered(), invoice("A", "80.00", MARCH_1))
    given.hear(paid("p", "80.00", MARCH_1), paid("q", "80.00", MARCH_1))

    given.hear(refund("30.00", payment=refunded))
    given.hear(charged_back("b", back, "80.00", date(2026, 3, 20)))

    # 80.00 twice, less 30.00, less 80.00: 50.00 are here.
    assert sum(item.open for item in given.account.items) == given.account.balance == 3000
    assert sum(each.credit for each in given.account.receipts) == 0


def test_r74a_credit_takes_over_what_the_refunded_payment_paid():
    given = Desk(terms(policy(webhook(5)))).hear(registered(), invoice("A", "80.00", MARCH_1))
    given.hear(paid("p", "80.00", MARCH_1), paid("q", "80.00", MARCH_1))

    given.hear(refund("30.00", payment="p"))
    assert given.all_of("EntryPosted")[-1].assigned == ()

    given.hear(charged_back("b", "q", "80.00", date(2026, 3, 20)))
    assert owed(given) == [("invoice", 3000)]


def test_r74a_a_reversal_pays_what_had_to_be_owed_as_a_refund():
    given = overpaid().hear(refund("10.00"), charged_back("b", "p", "60.00", date(2026, 3, 20)))
    assert (owed(given), given.account.balance) == ([("invoice", 5000), ("refund", 1000)], 6000)

    given.hear(ChargebackReversed(contract_id="C1", chargeback_id="b", booked_on=date(2026, 4, 1)))

    assert (owed(given), given.account.balance) == ([], 0)


def movements(actions):
    """Two payments of an invoice of 80.00, what is paid back of them, and what the bank takes."""
    said, left = [], {"p": 8000, "q": 8000}
    for number, (kind, payment, cents) in enumerate(actions):
        about, on = {"contract_id": "C1"}, date(2026, 3, 5)
        if kind == "refund":
            money = {"money": eur(f"{cents // 100}.{cents % 100:02}"), "made_on": on}
            named = payment if number % 2 else None
            said.append(
                RefundMade(**about, refund_id=f"r{number}", payment_id=named, **money, forced=True)
            )
        elif left[payment]:
            cents = min(cents, left[payment])
            left[payment] -= cents
            amount = f"{cents // 100}.{cents % 100:02}"
            said.append(charged_back(f"b{number}", payment, amount, on))
            if kind == "back and forth":
                about["chargeback_id"] = f"b{number}"
                said.append(ChargebackReversed(**about, booked_on=on))
    return said


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["refund", "back", "back and forth"]),
        st.sampled_from("pq"),
        st.integers(1, 9000),
    ),
    max_size=6,
)
MONEY = {"RefundMade": 1, "ChargebackReceived": 1}


@settings(max_examples=up_to(200), deadline=None)
@generated(ACTIONS, st.randoms(use_true_random=False))
def test_r74a_the_banks_movements_and_the_ledger_agree_whatever_the_order(actions, random):
    said = movements(actions)
    taken = [m for m in said if isinstance(m, ChargebackReceived)]
    backs = {each.chargeback_id: each.money.minor for each in taken}
    truth = 8000 - 16000
    for message in said:
        name = type(message).__name__
        truth += message.money.minor if name in MONEY else -backs[message.chargeback_id]
    said += [
        invoice("A", "80.00", MARCH_1),
        paid("p", "80.00", MARCH_1),
        paid("q", "80.00", MARCH_1),
    ]
    random.shuffle(said)

    desk = Desk(terms(policy(webhook(5)))).hear(registered())
    while said:
        waiting = []
        for message in said:
            try:
                desk.hear(message)
            except NotYet:
                waiting.append(message)
        said = waiting

    assert desk.account.balance == truth
    assert desk.all_of("PartlyRefused") == []
    assert all(item.open <= item.amount for item in desk.account.items)


def test_a_refund_of_an_unknown_payment_waits():
    with pytest.raises(NotYet, match="payment"):
        overpaid().hear(refund("1.00", payment="unknown"))
