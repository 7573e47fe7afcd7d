"""What a customer disputes of an invoice is owed, and not demanded until that is over (R-116)."""

from datetime import date

import pytest

from schemas.contracts import InstrumentRegistered
from schemas.instructions import (
    DispatchReminder,
    InvoiceDisputed,
    InvoiceDisputeSettled,
    ReverseWriteOff,
    WriteOff,
)
from schemas.message import NotYet, Refused
from schemas.values import Money
from services.dunning import archive
from services.dunning.escalation import rules
from services.dunning.mass_write_off import Wanted, propose
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

MARCH_1, MARCH_10, MARCH_31 = date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 31)
C1 = {"contract_id": "C1"}
STEPS = policy(webhook(5), webhook(10), end_contract(12), min_notice_days=0)
ESCALATE = policy(webhook(5), on_invoice_dispute="escalate")
AGAINST = ("EscalationStarted", "PaymentEscalated", "ReminderCreated", "ContractEndRequested")


def disputed(name="A", amount=None, **more):
    money = None if amount is None else eur(amount)
    return InvoiceDisputed(**C1, invoice_id=name, money=money, reason_code="price", **more)


def settled(name="A"):
    return InvoiceDisputeSettled(**C1, invoice_id=name)


def desk(*messages, steps=STEPS, **more):
    return Desk(terms(steps)).hear(registered(**more), *messages)


def a(gross="100.00", due=MARCH_1):
    return invoice("A", gross, due)


def b(gross="60.00", due=MARCH_10):
    return invoice("B", gross, due)


def opens(given):
    return {item.receivable_id: item.open for item in given.account.items}


def test_r116_who_disputes_all_he_owes_is_neither_reminded_nor_ended():
    given = desk(a(), disputed()).until(MARCH_31)

    assert [name for name in given.names() if name in AGAINST] == []
    assert given.account.balance == 10000


def test_r116_a_run_stays_while_all_is_disputed_and_goes_on_with_the_old_age():
    # Hook 5 on 6 March; disputed on the 7th, settled on the 20th: hook 10 and the end on the 21st.
    given = desk(a()).until(date(2026, 3, 7)).hear(disputed()).until(date(2026, 3, 20))
    given.hear(settled()).until(MARCH_31)

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6), date(2026, 3, 21)]
    assert given.days_of("ContractEndRequested") == [date(2026, 3, 21)]
    assert given.all_of("PaymentEscalationReset") == []


def test_r116_the_oldest_that_nobody_disputes_sets_the_age():
    given = desk(a(), b(), disputed())

    assert rules.anchor_of(given.account).anchor == ("B", 0)
    given.hear(settled())
    assert rules.anchor_of(given.account).anchor == ("A", 0)


def test_r116_the_rest_of_an_invoice_keeps_its_age():
    given = desk(a(), disputed(amount="99.99")).until(date(2026, 3, 6))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]
    (started,) = given.all_of("EscalationStarted")
    assert started.overdue.amount == "0.01"


@pytest.mark.parametrize(("amount", "starts"), [("95.00", 1), ("95.01", 0)])
def test_r116_what_is_disputed_does_not_reach_the_threshold(amount, starts):
    steps = policy(webhook(5), thresholds={"EUR": "5.00"})
    given = desk(a(), disputed(amount=amount), steps=steps).until(MARCH_31)

    assert len(given.all_of("EscalationStarted")) == starts


def test_r116_credit_is_off_what_is_not_disputed():
    # 60.00 under a mistyped number: A is disputed, so that they are off B, and nothing is claimed.
    given = desk(a(), b(), disputed(), paid("p", "60.00", MARCH_1, "elsewhere")).until(MARCH_31)

    assert [name for name in given.names() if name in AGAINST] == []


def test_r116_money_pays_what_is_not_disputed_first():
    given = desk(a(), b(), disputed(amount="70.00"), paid("p", "50.00", MARCH_10))

    # 30.00 of A are not disputed, and older than B.
    assert opens(given) == {"A": 7000, "B": 4000}
    given.hear(paid("q", "50.00", MARCH_10))
    assert opens(given) == {"A": 6000, "B": 0}


@pytest.mark.parametrize(
    ("back", "left"),
    [
        ("40.00", {"A": 7000, "B": 0}),
        ("50.00", {"A": 7000, "B": 1000}),
        ("100.00", {"A": 7000, "B": 6000}),
        ("130.00", {"A": 10000, "B": 6000}),
    ],
)
def test_r74_what_was_paid_last_because_it_is_disputed_is_taken_back_first(back, left):
    # 130.00 pay what nobody disputes of A, then B, and at last 40.00 of the 70.00 in dispute.
    given = desk(a(), b(), disputed(amount="70.00"), paid("p", "130.00", MARCH_10))
    assert opens(given) == {"A": 3000, "B": 0}

    assert opens(given.hear(charged_back("b", "p", back, MARCH_10))) == left


def test_r116_who_names_what_he_disputes_pays_it():
    given = desk(a(), b(), disputed(), paid("p", "50.00", MARCH_10, "A"))

    assert opens(given) == {"A": 5000, "B": 6000}


@pytest.mark.parametrize(
    ("amount", "left"),
    [
        ("30.00", {"A": 7000, "B": 6000, "C": 7000}),
        ("70.00", {"A": 10000, "B": 6000, "C": 0}),
        ("100.00", {"A": 0, "B": 6000, "C": 7000}),
    ],
)
def test_r116_an_exact_amount_means_what_is_not_disputed_of_an_invoice(amount, left):
    # A is of 100.00, of which 70.00 are disputed; C of 70.00 is the youngest.
    given = desk(a(), b(), invoice("C", "70.00", MARCH_31), disputed(amount="70.00"))

    assert opens(given.hear(paid("p", amount, MARCH_10))) == left


def test_r116_a_chargeback_opens_again_what_stays_disputed():
    given = desk(a(), disputed(amount="40.00"), paid("p", "100.00", MARCH_1, "A"))
    given.hear(charged_back("b", "p", "100.00", MARCH_10)).until(MARCH_31)

    (started,) = given.all_of("EscalationStarted")
    assert started.overdue.amount == "60.00"


def test_r116_what_is_paid_may_be_disputed_also_when_it_is_filed_away():
    given = desk(a(), paid("p", "100.00", MARCH_1))
    account, filed = archive.file_away(given.account)
    assert archive.wanted(account, disputed()) == {"item/A", "number/A"}
    assert archive.wanted(account, settled("R-A")) == {"item/R-A", "number/R-A"}
    given.account = archive.recall(account, {"item/A": filed["item/A"]})

    given.hear(disputed())
    assert given.account.item("A").objection.reason_code == "price"


def test_r116_a_draft_that_demands_what_is_disputed_is_cancelled_and_made_anew():
    steps = policy(reminder(7, send="manual"))
    given = desk(a(), b(due=MARCH_1), steps=steps).until(date(2026, 3, 9))

    given.hear(disputed(amount="40.00")).until(date(2026, 3, 12))
    given.hear(settled()).until(MARCH_31)

    demanded = [letter.demanded.amount for letter in given.all_of("ReminderCreated")]
    assert demanded == ["160.00", "120.00", "160.00"]
    assert given.days_of("ReminderCancelled") == [date(2026, 3, 9), date(2026, 3, 12)]


def test_r116_a_draft_of_which_nothing_is_disputed_stands():
    steps = policy(reminder(7, send="manual"))
    given = desk(a(), b(due=MARCH_31), steps=steps).until(date(2026, 3, 9)).hear(disputed("B"))

    assert given.all_of("ReminderCancelled") == []


def test_r116_a_letter_that_was_sent_stays_sent():
    given = desk(a(), steps=policy(reminder(7), end_contract(30))).until(date(2026, 3, 9))

    assert given.hear(disputed()).until(MARCH_31).all_of("ReminderCancelled") == []
    assert given.all_of("ContractEndRequested") == []


def test_r94_no_interest_is_demanded_on_what_is_disputed():
    # In default from 2 March: 400.00 at 6.27 % for 29 days are 1.99; after it 1,000.00: 4.98.
    steps = policy(reminder(30), interest=True)
    given = desk(a("1000.00"), disputed(amount="600.00"), steps=steps, due_date_is_agreed=True)
    other = desk(a("1000.00"), disputed(), settled(), steps=steps, due_date_is_agreed=True)

    (letter,) = given.until(MARCH_31).all_of("ReminderCreated")
    (whole,) = other.until(MARCH_31).all_of("ReminderCreated")
    assert (letter.interest.amount, letter.demanded.amount) == ("1.99", "401.99")
    assert (whole.interest.amount, whole.demanded.amount) == ("4.98", "1004.98")


def test_r116_a_later_dispute_takes_the_place_of_an_earlier_one():
    given = desk(a(), disputed(), disputed(amount="40.00")).until(MARCH_10)

    assert given.all_of("EscalationStarted")[0].overdue.amount == "60.00"


def test_r116_the_policy_may_say_that_a_dispute_stops_nothing():
    given = desk(a(), disputed(), steps=ESCALATE).until(MARCH_31)

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]
    (fired,) = given.all_of("StepDecided")
    assert fired.facts["disputed"] == "100.00 EUR"


@pytest.mark.parametrize("first", [STEPS, ESCALATE])
def test_r20_a_run_keeps_what_its_policy_says_of_disputes(first):
    given = desk(a(), steps=first).until(date(2026, 3, 3))
    other = ESCALATE if first is STEPS else STEPS
    given.publish(other.model_copy(update={"version": 2})).hear(disputed()).until(MARCH_31)

    assert bool(given.all_of("PaymentEscalated")) == (first is ESCALATE)


def test_r116_a_policy_that_stops_for_nothing_counts_when_it_is_published():
    given = desk(a(), disputed()).until(MARCH_10)

    given.publish(ESCALATE.model_copy(update={"version": 2})).until(date(2026, 3, 11))
    assert given.days_of("EscalationStarted") == [date(2026, 3, 11)]


def test_r31b_a_step_may_want_undisputed_debt_only():
    # 60.00 of B are not disputed: 60.00 from 11 March on, and then A as well.
    last = webhook(8).model_copy(update={"minimum": {"EUR": "100.00"}, "undisputed_only": True})
    steps = policy(webhook(5), last, webhook(11), on_invoice_dispute="escalate")
    given = desk(a(), b(), disputed(), steps=steps).until(date(2026, 3, 20))

    (waits,) = (d for d in given.all_of("StepDecided") if d.outcome == "below_threshold")
    assert (waits.decided_on, waits.rule) == (date(2026, 3, 9), "R-31b")
    assert (waits.facts["minimum"], waits.facts["undisputed_only"]) == ("100.00 EUR", True)
    given.hear(settled()).until(MARCH_31)
    days = [date(2026, 3, 6), date(2026, 3, 12), date(2026, 3, 21)]
    assert given.days_of("PaymentEscalated") == days


@pytest.mark.parametrize(("amount", "fires"), [("99.99", True), ("100.00", False)])
def test_r31b_without_a_minimum_such_a_step_needs_a_cent_that_nobody_disputes(amount, fires):
    only = end_contract(5, undisputed_only=True)
    steps = policy(only, on_invoice_dispute="escalate", min_notice_days=0)
    given = desk(a(), disputed(amount=amount), steps=steps).until(MARCH_31)

    assert bool(given.all_of("ContractEndRequested")) == fires


def test_r116_a_credit_note_for_what_was_disputed_ends_the_run():
    given = desk(a(), disputed(amount="100.00")).until(MARCH_10)

    given.hear(credit_note("G", "100.00", MARCH_10, invoice_id="A"), settled()).until(MARCH_31)
    assert given.account.balance == 0
    assert [name for name in given.names() if name in AGAINST] == []


def test_r73_what_is_disputed_is_not_collected():
    given = desk(a("50.00"), payment_method="direct_debit")
    given.hear(paid("p", "50.00", MARCH_1), charged_back("b", "p", "50.00", date(2026, 3, 5)))
    given.hear(disputed(amount="20.00"))

    given.hear(InstrumentRegistered(**C1, instrument_id="i", kind="sepa_mandate"))

    (asked,) = given.all_of("CollectionRequested")
    assert asked.total.amount == "30.00"


def test_r85_what_is_disputed_is_written_off_and_owed_again_as_disputed():
    given = desk(a(), disputed(), ended(MARCH_1))
    assert propose(given.account, Wanted(on=MARCH_31)).open.amount == "100.00"

    given.hear(WriteOff(**C1, on=MARCH_31))
    assert given.account.balance == 0
    given.hear(ReverseWriteOff(**C1, on=MARCH_31)).until(date(2026, 4, 30))
    assert given.account.balance == 10000
    assert [name for name in given.names() if name in AGAINST] == []


def test_r87_who_is_exhausted_says_what_of_it_is_disputed():
    given = desk(a(), b(), disputed(amount="40.00"), steps=policy(webhook(5))).until(MARCH_10)

    (said,) = given.all_of("EscalationExhausted")
    assert (said.balance.amount, said.disputed.amount) == ("160.00", "40.00")


def test_r116_a_dispute_waits_for_its_invoice_and_a_settlement_for_its_dispute():
    given = desk()
    with pytest.raises(NotYet, match="invoice"):
        given.hear(disputed())
    with pytest.raises(NotYet, match="invoice"):
        given.hear(settled())
    given.hear(a())
    with pytest.raises(NotYet, match="dispute"):
        given.hear(settled())


def test_r116_a_dispute_is_settled_once():
    given = desk(a(), disputed(), settled())

    with pytest.raises(Refused, match="the dispute is settled already"):
        given.hear(settled())
    given.hear(disputed())
    assert given.account.item("A").disputed == 10000


@pytest.mark.parametrize(("amount", "is_refused"), [("100.00", False), ("100.01", True)])
def test_r116_no_more_is_disputed_than_the_invoice_is_of(amount, is_refused):
    given = desk(a())
    if is_refused:
        with pytest.raises(Refused, match=r"100\.01 EUR is disputed of an invoice of 100\.00 EUR"):
            given.hear(disputed(amount=amount))
    else:
        assert given.hear(disputed(amount=amount)).account.item("A").disputed == 10000


def test_r43_a_dispute_in_another_currency_is_refused():
    given = desk(a())
    told = disputed().model_copy(update={"money": Money(amount="1.00", currency="USD")})

    with pytest.raises(Refused, match="currency"):
        given.hear(told)


def test_r116_a_draft_sent_after_the_dispute_was_settled_demands_all():
    steps = policy(reminder(7, send="manual"))
    given = desk(a(), disputed(), steps=steps).until(MARCH_10).hear(settled())
    given.until(date(2026, 3, 11))

    (letter,) = given.all_of("ReminderCreated")
    sent = {"dunning_id": letter.dunning_id, "dispatched_on": date(2026, 3, 11)}
    assert given.hear(DispatchReminder(**C1, **sent)).account.run.reminders[0].dispatched_on
    assert letter.demanded.amount == "100.00"
