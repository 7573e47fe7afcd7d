"""A promise to pay holds the run until its day, and the ledger judges it (R-115)."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.instructions import (
    AssignPayment,
    InvoiceDisputed,
    PromiseRecorded,
    ResetEscalation,
    ReverseWriteOff,
    WriteOff,
)
from schemas.invoices import CreditNoteCancelled
from schemas.message import NotYet, Refused
from schemas.payments import Designation, RefundMade
from schemas.values import Money
from services.dunning import archive
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
AGAINST = ("EscalationStarted", "PaymentEscalated", "ReminderCreated", "ContractEndRequested")


def march(day):
    return date(2026, 3, day)


def promised(amount="50.00", on=10, *, name="p1", of=(), **more):
    for_all = {"all": True} if not of else {"receivables": of}
    said = {**C1, "promise_id": name, "money": eur(amount), "on": march(on)} | for_all | more
    return PromiseRecorded(**said)


def desk(*messages, steps=STEPS, day=8, **more):
    """A owes 100.00 since 1 March; it is the 8th, and the hook of 6 March has fired."""
    given = Desk(terms(steps)).hear(registered(**more), invoice("A", "100.00", MARCH_1))
    return given.until(march(day)).hear(*messages)


def told(given):
    names = ("PromiseKept", "PromiseBroken")
    return [(day.day, type(m).__name__) for day, m in given.said if type(m).__name__ in names]


def test_r115_what_is_paid_in_time_keeps_the_promise_and_the_rest_goes_on():
    # 50.00 on the 9th: kept; the hook of day 9 is the 10th, and fires for the other 50.00.
    given = desk(promised()).until(march(9)).hear(paid("m", "50.00", march(9)))
    given.until(MARCH_31)

    assert told(given) == [(9, "PromiseKept")]
    assert given.days_of("PaymentEscalated") == [march(6), march(10), march(16)]


def test_r115_nothing_by_its_day_breaks_it_on_the_next_and_what_was_reached_fires():
    given = desk(promised()).until(MARCH_31)

    assert told(given) == [(11, "PromiseBroken")]
    assert given.days_of("PaymentEscalated") == [march(6), march(11), march(16)]
    (broken,) = given.all_of("PromiseBroken")
    assert (broken.paid.amount, broken.missing.amount) == ("0.00", "50.00")
    held = [d for d in given.all_of("StepDecided") if d.outcome == "held"]
    assert [(d.decided_on, d.rule, d.facts["held_by"]) for d in held] == [
        (march(10), "R-115", "the promise p1")
    ]
    assert held[0].facts["held_through"] == "2026-03-10"


@pytest.mark.parametrize(("grace", "broken_on"), [(0, 11), (2, 13)])
def test_r115_the_policy_gives_days_of_grace(grace, broken_on):
    steps = policy(webhook(5), webhook(9), promise_grace_days=grace)
    given = desk(promised(), steps=steps).until(MARCH_31)

    assert told(given) == [(broken_on, "PromiseBroken")]
    assert given.days_of("PaymentEscalated") == [march(6), march(broken_on)]


@pytest.mark.parametrize(("amount", "kept"), [("49.99", False), ("50.00", True)])
def test_r115_a_cent_less_does_not_keep_it(amount, kept):
    given = desk(promised(), paid("m", amount, march(8))).until(MARCH_31)

    assert told(given) == ([(8, "PromiseKept")] if kept else [(11, "PromiseBroken")])
    if not kept:
        (broken,) = given.all_of("PromiseBroken")
        assert (broken.paid.amount, broken.missing.amount) == ("49.99", "0.01")


def test_r115_parts_add_up_to_what_was_promised():
    given = desk(promised(), paid("m", "20.00", march(8)))
    given.until(march(10)).hear(paid("n", "30.00", march(10))).until(MARCH_31)

    assert told(given) == [(10, "PromiseKept")]


def test_r115_who_pays_all_has_kept_it_and_is_done():
    given = desk(promised("100.00"), paid("m", "100.00", march(8))).until(MARCH_31)

    assert told(given) == [(8, "PromiseKept")]
    assert given.days_of("PaymentEscalated") == [march(6)]
    assert given.days_of("PaymentEscalationReset") == [march(8)]


def test_r115_all_that_came_before_the_promise_makes_it_kept_at_once():
    given = desk(paid("m", "100.00", march(8)), promised("100.00")).until(MARCH_31)

    assert told(given) == [(8, "PromiseKept")]


def test_r12_a_part_that_came_before_the_promise_is_not_counted():
    given = desk(paid("m", "50.00", march(8)), promised()).until(MARCH_31)

    assert told(given) == [(11, "PromiseBroken")]


def test_r115_no_run_starts_while_a_promise_is_open():
    given = Desk(terms(STEPS)).hear(registered(), invoice("A", "100.00", MARCH_1))
    given.hear(promised("100.00", on=10)).until(MARCH_31)

    assert given.days_of("EscalationStarted") == [march(11)]
    assert given.all_of("StepDecided")[0].rule == "R-115"


def test_r115_after_the_last_step_it_is_judged_all_the_same():
    given = desk(day=20).hear(promised(on=25)).until(MARCH_31)

    assert given.days_of("EscalationExhausted") == [march(16)]
    assert told(given) == [(26, "PromiseBroken")]


def test_r115_a_broken_promise_ends_no_contract_without_its_notice():
    # The letter of 8 March says Monday the 23rd, by post the 26th: no end on the 19th.
    steps = policy(webhook(5), reminder(7), end_contract(12))
    given = desk(promised(on=18), steps=steps).until(MARCH_31)

    assert told(given) == [(19, "PromiseBroken")]
    assert given.days_of("ContractEndRequested") == [march(27)]


def test_r115_money_under_a_mistyped_number_keeps_it():
    given = desk(promised(of=("A",)), paid("m", "50.00", march(8), "mistyped")).until(march(20))

    assert told(given) == [(8, "PromiseKept")]


def test_r115_money_for_another_invoice_does_not_keep_it():
    given = desk(invoice("B", "70.00", MARCH_31), promised("100.00", of=("R-A",)))
    given.hear(paid("m", "70.00", march(8), "B")).until(march(20))

    assert told(given) == [(11, "PromiseBroken")]


def test_r115_of_what_is_billed_later_nothing_was_promised():
    given = desk(promised("100.00"), invoice("B", "70.00", march(9)))

    given.hear(paid("m", "100.00", march(8), "A")).until(march(20))
    assert told(given) == [(8, "PromiseKept")]


def test_r115_a_clerk_who_moves_a_payment_there_keeps_it():
    given = desk(invoice("B", "50.00", MARCH_31), paid("m", "50.00", march(8), "B"))
    given.hear(promised(of=("A",)))

    designated = (Designation(invoice_id="A"),)
    given.hear(AssignPayment(**C1, payment_id="m", designated=designated))
    assert told(given) == [(8, "PromiseKept")]


def test_r115_what_is_credited_is_not_paid():
    # 50.00 of the 100.00 are credited: the 50.00 that were promised are still to come.
    given = desk(promised(), credit_note("G", "50.00", march(8), invoice_id="A")).until(march(9))
    assert told(given) == []

    given.hear(paid("m", "50.00", march(9)))
    assert told(given) == [(9, "PromiseKept")]


def test_r115_of_a_credited_debt_only_the_rest_is_to_be_paid():
    given = desk(promised("100.00"), credit_note("G", "20.00", march(8), invoice_id="A"))
    given.hear(paid("m", "80.00", march(8)))

    (kept,) = given.all_of("PromiseKept")
    assert kept.paid.amount == "80.00"


def test_r115_a_credit_note_taken_back_makes_nothing_paid_unpaid():
    given = desk(credit_note("G", "20.00", march(8), invoice_id="A"), promised("80.00"))
    given.hear(CreditNoteCancelled(**C1, credit_note_id="G", cancelled_on=march(8)))

    given.hear(paid("m", "80.00", march(8))).until(march(20))
    assert told(given) == [(8, "PromiseKept")]
    assert given.account.balance == 2000


def test_r115_a_credit_of_all_ends_it_with_nothing_paid():
    given = desk(promised(), credit_note("G", "100.00", march(8))).until(march(20))

    (kept,) = given.all_of("PromiseKept")
    assert kept.paid.amount == "0.00"


def test_r115_a_write_off_ends_promises_without_a_word():
    given = desk(ended(MARCH_1), promised(on=20), WriteOff(**C1, on=march(8)))
    given.hear(ReverseWriteOff(**C1, on=march(8))).until(MARCH_31)

    assert told(given) == []


def test_r115_money_returned_before_it_is_kept_does_not_count():
    given = desk(promised(), paid("m", "30.00", march(8)))
    given.hear(charged_back("b", "m", "30.00", march(8)), paid("n", "20.00", march(8)))

    (broken,) = given.until(MARCH_31).all_of("PromiseBroken")
    assert (broken.paid.amount, broken.missing.amount) == ("20.00", "30.00")


def test_r115_what_is_kept_stays_kept_when_the_money_is_returned():
    given = desk(promised("100.00"), paid("m", "100.00", march(8)))
    given.until(march(9)).hear(charged_back("b", "m", "100.00", march(9))).until(MARCH_31)

    assert told(given) == [(8, "PromiseKept")]
    # it ages from the return, under a new run.
    assert given.days_of("EscalationStarted") == [march(2), march(10)]
    assert given.days_of("PaymentEscalated") == [march(6), march(14), march(18), march(24)]


def test_r83_what_we_pay_back_is_not_paid():
    given = desk(promised("60.00"), paid("m", "60.00", march(8), "elsewhere"))
    assert told(given) == [(8, "PromiseKept")]

    given.hear(promised("40.00", name="p2"))
    given.hear(RefundMade(**C1, refund_id="r", money=eur("60.00"), made_on=march(8)))
    given.hear(paid("n", "40.00", march(8))).until(MARCH_31)
    assert told(given)[1:] == [(11, "PromiseBroken")]


def test_r115_a_dispute_changes_nothing_of_what_was_promised():
    given = desk(promised()).hear(InvoiceDisputed(**C1, invoice_id="A", reason_code="price"))

    assert told(given.until(march(10))) == []
    assert told(given.until(MARCH_31)) == [(11, "PromiseBroken")]


def test_r115_two_promises_are_judged_each_by_itself_and_hold_as_long_as_one_is_open():
    given = desk(promised(on=10), promised("100.00", on=14, name="p2")).until(MARCH_31)

    assert told(given) == [(11, "PromiseBroken"), (15, "PromiseBroken")]
    assert given.days_of("PaymentEscalated") == [march(6), march(15), march(16)]


def test_r14_a_manual_reset_leaves_the_promise():
    given = desk(promised(on=20), ResetEscalation(**C1)).until(MARCH_31)

    assert given.days_of("EscalationStarted") == [march(2), march(21)]


def test_r34_a_late_day_breaks_no_promise():
    given = desk(promised()).until(march(12), late=True)
    assert told(given) == []

    assert told(given.until(march(13))) == [(13, "PromiseBroken")]


def test_r20_the_grace_is_that_of_the_running_policy():
    given = desk().publish(STEPS.model_copy(update={"version": 2, "promise_grace_days": 9}))

    assert told(given.hear(promised()).until(MARCH_31)) == [(11, "PromiseBroken")]


@pytest.mark.parametrize(("on", "is_refused"), [(7, True), (8, False)])
def test_r115_a_day_that_is_over_is_no_promise(on, is_refused):
    given = desk()
    if is_refused:
        with pytest.raises(Refused, match="promised by 2026-03-07, and 2026-03-08 has begun"):
            given.hear(promised(on=on))
    else:
        assert told(given.hear(promised(on=on)).until(march(9))) == [(9, "PromiseBroken")]


def test_r115_a_promise_for_an_unknown_invoice_waits():
    with pytest.raises(NotYet, match="invoice"):
        desk(promised(of=("A", "B")))


def test_r43_a_promise_in_another_currency_is_refused():
    with pytest.raises(Refused, match="currency"):
        desk(promised().model_copy(update={"money": Money(amount="1.00", currency="USD")}))


def test_r115_a_promise_is_for_receivables_or_for_all():
    with pytest.raises(ValidationError, match="for receivables or for all"):
        promised(of=("A",), all=True)
    with pytest.raises(ValidationError, match="for receivables or for all"):
        promised(all=False)


def test_r115_what_a_promise_is_for_is_recalled():
    assert archive.wanted(desk(day=1).account, promised(of=("B",))) == {"item/B", "number/B"}
