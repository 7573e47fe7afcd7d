"""Refunds: from credit, or by force."""

from datetime import date

import pytest

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


def test_what_was_paid_back_by_force_is_not_charged_back_again():
    given = overpaid().hear(refund("60.00", payment="p", forced=True))

    with pytest.raises(Refused, match="excess"):
        given.hear(charged_back("b", "p", "10.01", date(2026, 3, 20)))


def test_a_refund_of_an_unknown_payment_waits():
    with pytest.raises(NotYet, match="payment"):
        overpaid().hear(refund("1.00", payment="unknown"))
