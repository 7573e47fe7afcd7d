"""What a reminder demands beside the debt (R-72, R-84, R-92 to R-98), by whole dunning."""

from datetime import date

import pytest

from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import DeferReceivable, DispatchReminder, ResetEscalation
from tests.support.desk import Desk
from tests.support.events import (
    ACME,
    charged_back,
    customer,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_2 = date(2026, 3, 2)
BUSINESS = {"customer": customer(kind="business")}
AGREED = {"due_date_is_agreed": True}


def desk(*steps, contract=(), **more):
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(**dict(contract)), invoice("A", "1000.00", MARCH_2))


def printed(given, *names):
    """Return what is printed on each reminder; absent is None."""
    return [
        tuple(money and money.amount for money in (getattr(r, name) for name in names))
        for r in given.all_of("ReminderCreated")
    ]


def test_r92_the_first_reminder_causes_the_default_and_carries_no_fee():
    # E-mail: received on 9 March, default from the 10th; on 16 March it costs.
    fee = eur("2.00")
    given = desk(
        reminder(7, dispatch="email", fee=fee), reminder(14, dispatch="email", fee=fee)
    ).until(date(2026, 3, 16))

    assert printed(given, "fees", "demanded") == [(None, "1000.00"), ("2.00", "1002.00")]


@pytest.mark.parametrize(
    ("dispatch", "second", "fees"),
    [
        ("email", 8, "2.00"),  # received on 9 March, so the 10th is a day of default
        ("letter", 10, None),  # received on 12 March
        ("letter", 11, "2.00"),
        ("default", 10, None),  # who does not know waits for the letter
        ("default", 11, "2.00"),
        ("archive", 20, None),  # nobody received it
    ],
)
def test_r92_default_begins_on_the_day_after_the_receipt(dispatch, second, fees):
    given = desk(reminder(7, dispatch=dispatch), reminder(second, fee=eur("2.00")))

    given.until(date(2026, 3, 31))

    assert printed(given, "fees") == [(None,), (fees,)]


def test_r92_what_was_dispatched_counts_by_the_channel_it_took():
    given = desk(reminder(7), reminder(9, fee=eur("2.00"))).until(date(2026, 3, 9))
    sent = Dispatched(
        contract_id="C1",
        delivery_id="D",
        dunning_id=given.all_of("ReminderCreated")[0].dunning_id,
        channel="email",
        dispatched_on=date(2026, 3, 9),
    )

    given.hear(sent).until(date(2026, 3, 31))

    assert printed(given, "fees") == [(None,), ("2.00",)]


@pytest.mark.parametrize(("agreed", "fees"), [(True, "2.00"), (False, None)])
def test_r92_where_the_contract_fixed_the_date_the_first_reminder_may_cost(agreed, fees):
    given = desk(reminder(1, fee=eur("2.00")), contract={"due_date_is_agreed": agreed})

    given.until(date(2026, 3, 5))

    assert printed(given, "fees") == [(fees,)]


@pytest.mark.parametrize(
    ("contract", "told", "day", "fees"),
    [
        (BUSINESS, False, 30, None),  # 1 April is the last of 30 days
        (BUSINESS, False, 31, "2.00"),
        ({}, False, 31, None),
        ({}, True, 31, "2.00"),
        ({}, True, 30, None),
    ],
)
def test_r92_after_30_days_businesses_are_in_default_and_consumers_who_were_told(
    contract, told, day, fees
):
    given = Desk(terms(policy(reminder(day, fee=eur("2.00")))))
    given.hear(registered(**contract), invoice("A", "9.00", MARCH_2, says_default=told))

    given.until(date(2026, 4, 30))

    assert printed(given, "fees") == [(fees,)]


@pytest.mark.parametrize(
    ("contract", "fee", "demanded"),
    [({}, "5.00", "1002.50"), (BUSINESS, "5.00", "1005.00"), ({}, "0.00", "1000.00")],
)
def test_r95_a_consumers_fee_is_capped(contract, fee, demanded):
    given = desk(reminder(7, fee=eur(fee)), contract={**contract, **AGREED})

    given.until(date(2026, 3, 31))

    assert printed(given, "demanded") == [(demanded,)]


@pytest.mark.parametrize(
    ("contract", "interest", "demanded"),
    [
        # In default since 3 March, up to but not including 31 March: 28 days.
        ({}, "4.81", "1004.81"),  # 28/365 of 62.70 are 4.810
        (BUSINESS, "7.88", "1007.88"),  # 28/365 of 102.70 are 7.878
        ({"interest_rate": "3.65"}, "2.80", "1002.80"),  # ten cents a day
    ],
)
def test_r93_r94_interest_runs_from_the_default_to_the_day_before_the_reminder(
    contract, interest, demanded
):
    given = desk(reminder(29), interest=True, contract={**contract, **AGREED})

    given.until(date(2026, 3, 31))

    assert printed(given, "interest", "demanded") == [(interest, demanded)]


def test_r92_the_reminder_that_causes_the_default_demands_no_interest():
    given = desk(reminder(7, dispatch="email"), reminder(18), interest=True)

    given.until(date(2026, 3, 31))

    # Default from 10 March, the second reminder is of the 20th: ten days, 1.717.
    assert printed(given, "interest") == [(None,), ("1.72",)]


def test_r94_a_part_payment_lowers_the_principal_from_its_day_on():
    given = desk(reminder(29), interest=True, contract=AGREED)
    given.hear(paid("p", "600.00", date(2026, 3, 13))).until(date(2026, 3, 31))

    # Ten days on 1000.00 and 18 on 400.00 at 6.27: 1.7178 + 1.2368 = 2.955
    assert printed(given, "interest", "demanded") == [("2.95", "402.95")]


def test_r93_fees_bear_no_interest():
    given = desk(reminder(40), interest=True, contract=AGREED)
    given.hear(paid("p", "1000.00", date(2026, 3, 2)))
    given.hear(charged_back("cb", "p", "0.01", date(2026, 3, 2), fee=eur("900.00")))

    given.until(date(2026, 4, 30))

    assert printed(given, "interest", "demanded") == [(None, "900.01")]


def test_r71_while_the_money_was_there_nothing_accrued():
    given = desk(reminder(29), interest=True, contract=AGREED)
    given.hear(paid("p", "1000.00", date(2026, 3, 2)))
    given.hear(charged_back("cb", "p", "1000.00", date(2026, 3, 11)))

    given.until(date(2026, 4, 30))

    # It ages from 11 March: the reminder is of 9 April; 29 days at 6.27 are 4.9816.
    assert given.days_of("ReminderCreated") == [date(2026, 4, 9)]
    assert printed(given, "interest") == [("4.98",)]


def test_r98_a_deferral_bears_no_default_interest():
    given = desk(reminder(29), interest=True, contract=AGREED).until(date(2026, 3, 12))
    given.hear(DeferReceivable(contract_id="C1", invoice_id="A", until=date(2026, 4, 30)))

    given.until(date(2026, 5, 29))

    # Nine days before 12 March, then from the day after 30 April to 28 May: 28 days.
    # 9/365 of 62.70 are 1.546, 28/365 are 4.810: two segments
    assert given.days_of("ReminderCreated") == [date(2026, 5, 29)]
    assert printed(given, "interest") == [("6.36",)]
    # What is due is due on the new date.
    assert given.all_of("ReminderCreated")[0].items[0].due_on == date(2026, 4, 30)


@pytest.mark.parametrize(
    ("contract", "lump_sum", "demanded"),
    [
        (BUSINESS, "80.00", "1080.00"),  # two claims in default, A and B
        ({}, None, "1000.00"),
    ],
)
def test_r93_the_lump_sum_is_demanded_once_per_claim_of_a_business(contract, lump_sum, demanded):
    given = Desk(terms(policy(reminder(7), reminder(14), lump_sum=True)))
    given.hear(registered(**contract, **AGREED))
    given.hear(invoice("A", "600.00", MARCH_2), invoice("B", "400.00", date(2026, 3, 3)))

    given.until(date(2026, 3, 31))

    # The second reminder says the same claim again; it does not demand another sum.
    assert printed(given, "lump_sum", "demanded") == [(lump_sum, demanded)] * 2


def test_by_default_neither_interest_nor_lump_sum_is_demanded():
    given = desk(reminder(29), contract={**BUSINESS, **AGREED}).until(date(2026, 3, 31))

    assert printed(given, "interest", "lump_sum", "demanded") == [(None, None, "1000.00")]


HOLDING = ACME.model_copy(update={"missing_base_rate": "hold"})


def test_r93_without_a_base_rate_the_reminder_is_held_and_nothing_is_guessed():
    given = Desk(terms(policy(reminder(5), webhook(6), interest=True)).including(HOLDING))
    given.hear(registered(**AGREED), invoice("A", "1000.00", date(2026, 6, 26)))
    given.until(date(2026, 7, 3))

    # 1 July is the first day without a rate: on that day interest runs through 30 June.
    assert given.days_of("ReminderCreated") == [date(2026, 7, 1)]

    given = Desk(terms(policy(reminder(6), webhook(7), interest=True)).including(HOLDING))
    given.hear(registered(**AGREED), invoice("A", "1000.00", date(2026, 6, 26)))
    given.until(date(2026, 7, 10))

    assert given.all_of("ReminderCreated") == []
    assert [(day, d.outcome, d.rule) for day, d in given.dated("StepDecided")] == [
        (date(2026, 7, 2), "held", "R-93"),
        (date(2026, 7, 3), "fired", "R-31"),
    ]


def test_r93_a_rate_that_the_legal_entity_publishes_applies_at_once():
    given = Desk(terms(policy(reminder(6), interest=True)).including(HOLDING))
    given.hear(registered(**AGREED), invoice("A", "1000.00", date(2026, 6, 26)))
    given.until(date(2026, 7, 3))
    assert given.all_of("ReminderCreated") == []

    rated = HOLDING.model_copy(update={"version": 2, "base_rates": {date(2026, 7, 1): "1.40"}})
    given.terms = given.terms.including(rated)
    given.until(date(2026, 7, 6))

    # 27 to 30 June: 4 days of 365 at 6.27 % = 0.687 = 0.69; 1 to 3 July: 3 at 6.40 % = 0.53.
    assert given.days_of("ReminderCreated") == [date(2026, 7, 4)]
    assert printed(given, "interest", "demanded") == [("1.22", "1001.22")]


def test_r72_by_default_fees_are_printed_and_do_not_block_the_reset():
    given = desk(reminder(7, fee=eur("2.00")), contract=AGREED).until(date(2026, 3, 10))
    assert given.account.balance == 100_000

    given.hear(paid("p", "1000.00", date(2026, 3, 10)))

    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["balance_cleared"]


def test_r72_where_the_policy_says_so_a_fee_is_booked_and_blocks_the_reset():
    given = desk(
        reminder(7, fee=eur("2.00")),
        reminder(14, fee=eur("2.00")),
        fees_block_reset=True,
        contract=AGREED,
    ).until(date(2026, 3, 9))
    booked = given.all_of("EntryPosted")[-1]
    assert (booked.kind, booked.money.amount, booked.balance.amount) == ("fee", "2.00", "1002.00")

    given.hear(paid("p", "1000.00", date(2026, 3, 10))).until(date(2026, 3, 31))
    assert given.all_of("PaymentEscalationReset") == []

    # What is left is a fee, and no fee is charged for a fee.
    given.hear(paid("q", "1.99", date(2026, 3, 31)))
    assert given.all_of("PaymentEscalationReset") == []
    given.hear(paid("r", "0.01", date(2026, 3, 31)))
    assert len(given.all_of("PaymentEscalationReset")) == 1


def test_r72_a_fee_of_a_draft_is_booked_when_it_is_sent():
    given = desk(
        reminder(7, send="manual", fee=eur("2.00")), fees_block_reset=True, contract=AGREED
    ).until(date(2026, 3, 12))
    assert given.account.balance == 100_000

    draft = given.all_of("ReminderCreated")[0].dunning_id
    sent = DispatchReminder(contract_id="C1", dunning_id=draft, dispatched_on=date(2026, 3, 12))
    given.hear(sent)

    assert given.account.balance == 100_200
    assert given.all_of("EntryPosted")[-1].booked_on == date(2026, 3, 12)


def failing(given):
    about = {
        "contract_id": "C1",
        "delivery_id": "D",
        "dunning_id": given.all_of("ReminderCreated")[0].dunning_id,
        "channel": "letter",
    }
    return DeliveryIntended(**about), DispatchFailed(**about, reason="no such street")


def test_r53_the_fee_of_a_reminder_that_reached_nobody_is_credited():
    given = desk(reminder(7, fee=eur("2.00")), fees_block_reset=True, contract=AGREED)
    given.until(date(2026, 3, 9))
    assert given.account.balance == 100_200

    intended, failed = failing(given)
    given.hear(intended, failed, failed)

    assert len(given.all_of("EntryPosted")) == 3  # it is credited once
    booked = given.all_of("EntryPosted")[-1]
    assert (booked.kind, booked.money.amount, booked.balance.amount) == (
        "credit",
        "-2.00",
        "1000.00",
    )


def test_r53_a_credited_fee_may_clear_the_balance():
    given = desk(reminder(7, fee=eur("2.00")), fees_block_reset=True, contract=AGREED)
    given.until(date(2026, 3, 9)).hear(paid("p", "1000.00", date(2026, 3, 9)))
    assert given.account.run is not None

    intended, failed = failing(given)
    given.hear(intended)  # not true any more, and may have left with its fee
    assert [m.reason for m in given.all_of("ReminderCancelled")] == ["amount"]
    assert (given.account.balance, given.all_of("PaymentEscalationReset")) == (200, [])

    given.hear(failed)
    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["credit"]
    assert given.account.balance == 0


def test_a_reset_by_hand_credits_the_fee_of_what_waits_for_its_next_way():
    given = desk(reminder(7, fee=eur("2.00")), fees_block_reset=True, contract=AGREED)
    intended, failed = failing(given.until(date(2026, 3, 9)))
    given.hear(intended, failed.model_copy(update={"fallback": "letter"}))
    assert given.account.balance == 100_200

    given.hear(ResetEscalation(contract_id="C1"))

    assert given.names()[-4:] == [
        "ReminderCancelled",
        "EntryPosted",
        "ReceivableSettled",
        "PaymentEscalationReset",
    ]
    assert given.account.balance == 100_000


def test_r53_a_fee_that_was_paid_before_it_was_taken_back_is_credit():
    given = desk(reminder(7, fee=eur("2.00")), fees_block_reset=True, contract=AGREED)
    given.until(date(2026, 3, 9))
    fee = given.account.open_items[1].receivable_id
    given.hear(paid("p", "2.00", date(2026, 3, 9), fee))

    given.hear(*failing(given))

    # It pays the invoice.
    assert [item.open for item in given.account.open_items] == [99_800]
    assert given.account.balance == 99_800


def test_r84_the_next_reminder_shows_what_is_left():
    given = desk(reminder(7), reminder(14)).until(date(2026, 3, 10))

    given.hear(paid("p", "999.99", date(2026, 3, 10))).until(date(2026, 3, 31))

    assert printed(given, "demanded") == [("1000.00",), ("0.01",)]
    [item] = given.all_of("ReminderCreated")[1].items
    assert (item.original.amount, item.open.amount, item.days_overdue) == ("1000.00", "0.01", 14)


def test_r92_a_reminder_of_a_run_that_was_reset_still_counts_for_the_default():
    given = desk(reminder(7, dispatch="email", fee=eur("2.00"))).until(date(2026, 3, 12))

    given.hear(ResetEscalation(contract_id="C1")).until(date(2026, 3, 13))

    assert printed(given, "fees") == [(None,), ("2.00",)]


@pytest.mark.parametrize(
    ("notice", "pay_until"),
    [
        (14, date(2026, 3, 23)),
        (12, date(2026, 3, 23)),  # Saturday 21 March moves to Monday
        (25, date(2026, 4, 7)),  # Good Friday 3 April to the Tuesday after Easter
    ],
)
def test_pay_until_is_the_last_day_of_the_notice(notice, pay_until):
    given = desk(reminder(7), min_notice_days=notice).until(date(2026, 3, 9))

    assert [r.pay_until for r in given.all_of("ReminderCreated")] == [pay_until]


def test_r54_a_reminder_lists_all_that_is_overdue_and_apart_from_it_what_is_not():
    given = desk(reminder(7)).hear(
        invoice("B", "20.00", date(2026, 3, 8)), invoice("C", "30.00", date(2026, 3, 9))
    )

    given.until(date(2026, 3, 9))

    [created] = given.all_of("ReminderCreated")
    assert [(i.number, i.open.amount, i.days_overdue) for i in created.items] == [
        ("R-A", "1000.00", 7),
        ("R-B", "20.00", 1),
    ]
    assert [i.number for i in created.further_open] == ["R-C"]
    assert created.demanded.amount == "1020.00"


def test_r96_fee_lump_sum_and_interest_bear_no_vat():
    fee = eur("42.00")
    given = desk(
        reminder(29, fee=fee), contract={**BUSINESS, **AGREED}, interest=True, lump_sum=True
    ).until(date(2026, 3, 31))

    # 3 to 30 March: 28 days of 365 at 1.27 + 9 = 10.27 % on 1000.00 = 7.878 = 7.88. The lump sum
    # is set off against the fee: 2.00 of 42.00 are left (R-93a).
    [letter] = given.all_of("ReminderCreated")
    assert [m.amount for m in (letter.fees, letter.lump_sum, letter.interest)] == [
        "2.00",
        "40.00",
        "7.88",
    ]
    assert letter.demanded.amount == "1049.88"
    assert not any("vat" in name or "tax" in name for name in type(letter).model_fields)
