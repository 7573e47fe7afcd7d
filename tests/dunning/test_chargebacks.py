"""Returns, chargebacks, their reversal, disputes, and what a bank's code means."""

from datetime import date

import pytest

from schemas.chargebacks import ChargebackReversed, DisputeClosed, DisputeOpened
from schemas.message import NotYet, Refused
from schemas.payments import PaymentFailed, PaymentPending, PaymentReassigned
from schemas.values import Money
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

MARCH_1, MARCH_11 = date(2026, 3, 1), date(2026, 3, 11)


def desk(**more):
    return Desk(terms(policy(webhook(5), webhook(20)))).hear(
        registered(payment_method="direct_debit", **more)
    )


def settled():
    return desk().hear(invoice("A", "100.00", MARCH_1), paid("p", "100.00", date(2026, 2, 27), "A"))


def gives_back(name, booked_on, **more):
    return ChargebackReversed(contract_id="C1", chargeback_id=name, booked_on=booked_on, **more)


def open_of(given):
    return {item.receivable_id: item.open for item in given.account.items}


def test_r70_a_return_reopens_what_its_payment_had_settled_and_stops_collecting():
    given = settled().until(MARCH_11)

    given.hear(charged_back("b", "p", "100.00", MARCH_11))

    assert (open_of(given), given.account.balance) == ({"A": 10000}, 10000)
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount) == ("chargeback", "100.00")
    assert [(a.receivable_id, a.amount.amount) for a in entry.assigned] == [("A", "-100.00")]
    assert (entry.about.chargeback_id, entry.about.payment_id) == ("b", "p")
    [changed] = given.all_of("PaymentProcessStatusChanged")
    assert (changed.recurring_payment, changed.reason) == (False, "no_reason_code")


def test_r71_it_ages_from_the_booking_and_the_due_date_stays():
    given = settled().until(MARCH_11).hear(charged_back("b", "p", "100.00", MARCH_11))

    given.until(date(2026, 3, 20))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 16)]
    assert [e.due_date for e in given.all_of("PaymentEscalated")] == [MARCH_1]


def test_r71_what_is_returned_before_it_is_due_ages_from_its_due_date():
    given = settled().hear(charged_back("b", "p", "100.00", date(2026, 2, 28)))

    given.until(date(2026, 3, 10))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]


def test_r71_an_older_open_receivable_remains_the_anchor():
    given = settled().hear(invoice("B", "10.00", date(2026, 3, 5)))
    given.until(MARCH_11).hear(charged_back("b", "p", "100.00", MARCH_11))

    given.until(date(2026, 3, 20))

    assert [e.receivable_id for e in given.all_of("PaymentEscalated")] == ["B"]


def test_r71_a_further_return_on_an_open_item_leaves_its_anchor():
    given = desk().hear(invoice("A", "100.00", MARCH_1))
    given.hear(paid("p", "60.00", date(2026, 2, 26)), paid("q", "40.00", date(2026, 2, 27)))
    given.hear(charged_back("b", "p", "60.00", date(2026, 3, 5)))

    given.hear(charged_back("c", "q", "40.00", date(2026, 3, 9)))

    [item] = given.account.items
    assert (item.open, item.anchor_on, item.reopening) == (10000, date(2026, 3, 5), 1)


def test_r71_steps_start_again_for_what_is_returned_again_inside_a_run():
    given = desk().hear(invoice("A", "100.00", MARCH_1), invoice("B", "5.00", date(2026, 5, 1)))
    given.until(date(2026, 3, 8)).hear(paid("p", "100.00", date(2026, 3, 8), "A"))

    given.hear(charged_back("b", "p", "100.00", date(2026, 3, 12))).until(date(2026, 3, 20))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6), date(2026, 3, 17)]
    assert [e.reopening for e in given.all_of("PaymentEscalated")] == [0, 1]
    assert len(given.all_of("EscalationStarted")) == 1


def test_r72_the_fee_is_an_item_of_its_own_due_at_once():
    given = settled()

    given.hear(charged_back("b", "p", "100.00", MARCH_11, reason_code="AM04", fee=eur("3.00")))

    fee = given.account.items[1]
    assert (fee.kind, fee.open, fee.due_on) == ("fee", 300, MARCH_11)
    assert given.account.balance == 10300
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount, entry.reason_code) == ("fee", "3.00", "AM04")


def test_r72_a_fee_of_nothing_is_none():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11, fee=eur("0.00")))

    assert open_of(given) == {"A": 10000}


def aside(given):
    return [(each.code, each.detail) for each in given.all_of("PartlyRefused")]


def test_r74a_the_sure_part_of_an_excess_is_booked_and_the_rest_dead_lettered():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11))
    assert aside(given) == []

    given = settled().hear(charged_back("b", "p", "103.00", MARCH_11))
    assert (open_of(given), given.account.balance) == ({"A": 10000}, 10000)
    assert aside(given) == [
        ("excess", "money: 103.00 EUR asked, 100.00 EUR booked, 3.00 EUR too much: payment p")
    ]


def test_r74a_where_nothing_is_left_all_of_it_is_refused():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11))

    with pytest.raises(Refused, match=r"50\.00 EUR asked, 0\.00 EUR booked, 50\.00 EUR too much"):
        given.hear(charged_back("c", "p", "50.00", MARCH_11))


def test_r72_a_posted_fee_keeps_the_run_from_its_reset():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11, fee=eur("3.00")))
    given.until(date(2026, 3, 20))

    given.hear(paid("q", "100.00", date(2026, 3, 20), "A"))
    assert given.all_of("PaymentEscalationReset") == []
    given.hear(paid("r", "3.00", date(2026, 3, 21)))

    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["balance_cleared"]


def test_r74_credit_goes_first_then_what_was_assigned_last():
    given = desk().hear(
        invoice("A", "40.00", MARCH_1),
        invoice("B", "25.00", date(2026, 3, 2)),
        paid("p", "70.00", date(2026, 3, 3)),
    )

    given.hear(charged_back("b", "p", "6.00", MARCH_11))

    assert (open_of(given), given.account.balance) == ({"A": 0, "B": 100}, 100)


def test_r75_a_chargeback_before_its_payment_waits_for_it():
    with pytest.raises(NotYet, match="payment"):
        desk().hear(charged_back("b", "p", "6.00", MARCH_11))


def test_r76_after_a_reset_a_chargeback_starts_a_new_run_under_the_current_policy():
    given = desk().hear(invoice("A", "100.00", MARCH_1)).until(date(2026, 3, 10))
    given.hear(paid("p", "100.00", date(2026, 3, 10)))
    given.terms = given.terms.including(policy(webhook(7), version=2))

    given.hear(charged_back("b", "p", "100.00", date(2026, 3, 20))).until(date(2026, 3, 31))

    assert [e.policy.version for e in given.all_of("EscalationStarted")] == [1, 2]
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6), date(2026, 3, 27)]
    processes = {e.payment_escalation_process_id for e in given.all_of("EscalationStarted")}
    assert len(processes) == 2


def test_r77_a_won_dispute_closes_the_receivable_again_and_the_fee_stays():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11, fee=eur("15.00")))

    given.hear(gives_back("b", date(2026, 4, 20)))

    assert open_of(given)["A"] == 0
    assert given.account.balance == 1500
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount) == ("chargeback_reversal", "-100.00")


def test_r77_a_reversal_that_clears_the_balance_resets():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11)).until(date(2026, 3, 20))

    given.hear(gives_back("b", date(2026, 3, 20)))

    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["balance_cleared"]


def test_r77_a_second_chargeback_reopens_with_a_new_anchor():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11))
    given.hear(gives_back("b", date(2026, 4, 20)))

    given.hear(charged_back("b2", "p", "100.00", date(2026, 5, 20)))

    item = given.account.items[0]
    assert (item.open, item.anchor_on, item.reopening) == (10000, date(2026, 5, 20), 2)
    assert given.account.balance == 10000


def test_r77_what_was_paid_otherwise_meanwhile_becomes_credit():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11))
    given.hear(paid("q", "100.00", date(2026, 4, 1)))

    given.hear(gives_back("b", date(2026, 4, 20)))

    assert (open_of(given), given.account.balance) == ({"A": 0}, -10000)


def test_r77_less_may_come_back_and_what_is_more_is_dead_lettered():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11))
    given.hear(gives_back("b", date(2026, 4, 20), money=eur("60.00")))
    assert (open_of(given), given.account.balance, aside(given)) == ({"A": 4000}, 4000, [])

    given.hear(gives_back("b", date(2026, 4, 21), money=eur("40.01"), reversal_id="2"))

    assert (open_of(given), given.account.balance) == ({"A": 0}, 0)
    assert aside(given) == [
        ("excess", "money: 40.01 EUR asked, 40.00 EUR booked, 0.01 EUR too much: chargeback b")
    ]


def test_r77_it_may_come_back_in_parts_each_with_its_own_id_and_entry():
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11))

    given.hear(gives_back("b", date(2026, 4, 20), money=eur("60.00"), reversal_id="b-1"))
    given.hear(gives_back("b", date(2026, 4, 21), money=eur("40.00"), reversal_id="b-2"))

    assert (open_of(given), given.account.balance) == ({"A": 0}, 0)
    entries = [e for e in given.all_of("EntryPosted") if e.kind == "chargeback_reversal"]
    assert [e.money.amount for e in entries] == ["-60.00", "-40.00"]
    assert len({each.entry_id for each in entries}) == 2


def test_r77_disputes_are_annotations_and_wait_for_their_chargeback():
    given = settled()
    opened = DisputeOpened(contract_id="C1", chargeback_id="b", on=date(2026, 4, 1), stage="first")
    for early in (opened, gives_back("b", date(2026, 4, 20))):
        with pytest.raises(NotYet, match="chargeback"):
            given.hear(early)

    given.hear(charged_back("b", "p", "100.00", MARCH_11), opened)
    [back] = given.account.chargebacks
    assert (back.dispute.stage, back.dispute.is_open) == ("first", True)
    given.hear(
        DisputeClosed(contract_id="C1", chargeback_id="b", on=date(2026, 5, 1), outcome="lost")
    )

    [back] = given.account.chargebacks
    assert (back.dispute.is_open, back.dispute.outcome) == (False, "lost")
    assert [e.kind for e in given.all_of("EntryPosted")] == ["receivable", "payment", "chargeback"]


def test_r43_a_chargeback_in_another_currency_reopens_by_its_link():
    given = settled()
    dollars = Money(amount="108.50", currency="USD")

    given.hear(
        charged_back("b", "p", "1.00", MARCH_11).model_copy(
            update={"money": dollars, "fee": Money(amount="15.00", currency="USD")}
        )
    )

    assert (open_of(given), given.account.balance) == ({"A": 10000}, 10000)
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.money.amount, entry.money.currency) == ("100.00", "EUR")
    assert (entry.foreign, entry.foreign_fee.amount) == (dollars, "15.00")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AM04", "insufficient_funds"),
        ("MS03", "insufficient_funds"),
        ("AC04", "instrument_dead"),
        ("MD01", "instrument_dead"),
        ("MS02", "instrument_dead"),
        ("MD06", "disputed_by_debtor"),
        ("AM05", "duplicate"),
        ("AG01", "not_allowed"),
        ("RR04", "regulatory"),
        ("DNOR", "instrument_dead"),
        ("MD02", "data_wrong"),
        ("BE05", "data_wrong"),
        ("AM06", "not_allowed"),
        ("XX99", "manual"),
        (None, "no_reason_code"),
    ],
)
def test_r79_the_code_says_why_collecting_stops(code, reason):
    given = settled().hear(charged_back("b", "p", "100.00", MARCH_11, reason_code=code))

    [changed] = given.all_of("PaymentProcessStatusChanged")
    assert (changed.reason, changed.reason_code) == (reason, code)


def rejected(given, name, code):
    money, on = eur("10.00"), date(2026, 2, 20)
    given.hear(
        PaymentPending(
            contract_id="C1", payment_id=name, money=money, method="sepa", initiated_on=on
        ),
        PaymentFailed(contract_id="C1", payment_id=name, failed_on=on, reason_code=code),
    )
    return [e.reason for e in given.all_of("PaymentProcessStatusChanged")]


@pytest.mark.parametrize(
    ("code", "said"),
    [("AM04", []), ("AC04", ["instrument_dead"]), ("XX99", ["manual"]), (None, [])],
)
def test_r79_a_reject_is_no_entry_and_stops_collecting_where_a_retry_is_useless(code, said):
    given = desk()

    assert rejected(given, "p", code) == said
    assert given.all_of("EntryPosted") == []


def test_r79_an_unspecified_reason_is_forgiven_once():
    given = desk()

    assert rejected(given, "p", "MS03") == []
    assert rejected(given, "q", "MS03") == ["instrument_dead"]


def test_r118_of_a_payment_that_was_moved_the_excess_says_where_the_rest_is():
    given = settled()
    given.hear(PaymentReassigned(contract_id="C1", payment_id="p", money=eur("40.00"), to="C2"))
    given.hear(charged_back("b", "p", "100.00", MARCH_11))

    assert aside(given) == [
        (
            "excess",
            "money: 100.00 EUR asked, 60.00 EUR booked, 40.00 EUR too much: payment p, "
            "of which 40.00 EUR went to C2",
        )
    ]
