"""Payments: designation, age, credit, money on its way, and debits that fail."""

from datetime import date

import pytest

from schemas.message import NotYet, Refused
from schemas.payments import Designation, PaymentFailed, PaymentPending, PaymentReceived
from schemas.values import Money
from tests.support.desk import Desk
from tests.support.events import eur, invoice, paid, policy, registered, reminder, terms, webhook

MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    given = Desk(terms(policy(*(steps or (webhook(5), reminder(14))))))
    return given.hear(registered(**more))


def pending(name, amount, initiated_on, method="sepa", *invoices):
    return PaymentPending(
        contract_id="C1",
        payment_id=name,
        money=eur(amount),
        method=method,
        initiated_on=initiated_on,
        designated=tuple({"invoice_id": each} for each in invoices),
    )


def failed(name, failed_on, **more):
    return PaymentFailed(contract_id="C1", payment_id=name, failed_on=failed_on, **more)


def open_of(given):
    return {item.receivable_id: item.open for item in given.account.items}


def test_r80_the_invoice_that_the_payer_names_is_paid_although_an_older_one_stays_open():
    given = desk().hear(
        invoice("january", "30.00", date(2026, 1, 31)), invoice("february", "30.00", MARCH_1)
    )

    given.hear(paid("p", "30.00", MARCH_1, "february"))

    assert open_of(given) == {"january": 3000, "february": 0}


def test_r80_money_for_an_unknown_invoice_is_booked_at_once_and_kept_for_it():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("p", "30.00", MARCH_1, "B"))

    assert (open_of(given), given.account.balance) == ({"A": 5000}, 2000)

    given.hear(invoice("B", "25.00", date(2026, 4, 1)))

    # What the named invoice does not need pays the oldest.
    assert (open_of(given), given.account.balance) == ({"A": 4500, "B": 0}, 4500)


def test_r80_only_the_named_amount_is_kept_for_an_unknown_invoice():
    given = desk().hear(invoice("A", "50.00", MARCH_1))
    wish = Designation(invoice_id="B", amount=eur("20.00"))

    given.hear(
        PaymentReceived(
            contract_id="C1",
            payment_id="p",
            money=eur("30.00"),
            received_on=MARCH_1,
            designated=(wish,),
        )
    )

    assert (open_of(given), given.account.receipts[0].credit) == ({"A": 4000}, 2000)


@pytest.mark.parametrize(
    ("day", "left"), [(date(2026, 3, 31), 5000), (date(2026, 4, 1), 2000)], ids=str
)
def test_r81_credit_kept_in_vain_for_30_days_pays_the_oldest(day, left):
    given = desk().until(MARCH_1)
    given.hear(invoice("A", "50.00", MARCH_1), paid("p", "30.00", MARCH_1, "B"))

    given.until(day)

    assert (open_of(given), given.account.balance) == ({"A": left}, 2000)


def test_r81_the_30_days_of_kept_credit_begin_when_it_is_said_and_not_when_it_came_to_the_bank():
    given = desk().until(MARCH_1).hear(invoice("A", "50.00", date(2026, 3, 31)))
    given.hear(paid("p", "50.00", date(2026, 1, 15), "unknown"))

    assert given.until(date(2026, 3, 31)).account.item("A").open == 5000
    assert given.until(date(2026, 4, 1)).account.item("A").open == 0


def test_r81_the_entry_that_moves_kept_credit_is_one_of_nothing():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("p", "30.00", MARCH_1, "B"))

    given.until(date(2026, 4, 1))

    moved = given.all_of("EntryPosted")[-1]
    assert (moved.kind, moved.money.amount, moved.balance.amount) == ("payment", "0.00", "20.00")
    assert [(a.receivable_id, a.amount.amount) for a in moved.assigned] == [("A", "30.00")]


def test_r82_an_overpayment_is_credit_and_the_next_invoice_has_it_at_once():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("p", "60.00", date(2026, 2, 27)))

    assert given.account.balance == -1000

    given.hear(invoice("B", "25.00", date(2026, 4, 1)))

    assert (open_of(given), given.account.balance) == ({"A": 0, "B": 1500}, 1500)
    assert [e.money.amount for e in given.all_of("EntryPosted")] == ["50.00", "-60.00", "25.00"]
    assert [e.balance.amount for e in given.all_of("EntryPosted")] == ["50.00", "-10.00", "15.00"]


def test_r84_a_part_payment_leaves_the_age_and_the_next_reminder_shows_the_rest():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 10))

    given.hear(paid("p", "20.00", date(2026, 3, 10))).until(date(2026, 3, 15))

    [letter] = given.all_of("ReminderCreated")
    assert given.days_of("ReminderCreated") == [date(2026, 3, 15)]
    assert [(i.original.amount, i.open.amount) for i in letter.items] == [("50.00", "30.00")]


def test_what_was_paid_when_is_kept_with_the_item_for_the_interest():
    given = desk().hear(
        invoice("A", "50.00", MARCH_1),
        paid("p", "20.00", date(2026, 3, 10)),
        paid("q", "30.00", date(2026, 3, 20)),
    )

    moved = [(each.on, each.amount) for each in given.account.items[0].movements]
    assert moved == [(date(2026, 3, 10), 2000), (date(2026, 3, 20), 3000)]


def test_r99_a_failed_debit_ages_from_its_failure():
    given = desk().hear(invoice("A", "50.00", MARCH_1), pending("p", "50.00", date(2026, 2, 27)))
    given.until(date(2026, 3, 5))

    given.hear(failed("p", date(2026, 3, 5))).until(date(2026, 3, 12))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 10)]
    assert [e.due_date for e in given.all_of("PaymentEscalated")] == [MARCH_1]


def test_r99_a_debit_that_fails_before_the_due_date_leaves_the_age():
    given = desk().hear(invoice("A", "50.00", MARCH_1), pending("p", "50.00", date(2026, 2, 24)))

    given.hear(failed("p", date(2026, 2, 26))).until(date(2026, 3, 12))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]


@pytest.mark.parametrize(
    ("method", "initiated_on"),
    [("card", date(2026, 2, 27)), ("transfer", date(2026, 2, 27)), ("sepa", date(2026, 3, 2))],
)
def test_r99_what_was_begun_too_late_or_is_no_debit_only_held(method, initiated_on):
    given = desk().hear(invoice("A", "50.00", MARCH_1), pending("p", "50.00", initiated_on, method))

    given.hear(failed("p", date(2026, 3, 5))).until(date(2026, 3, 12))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]


def test_r99_only_what_the_debit_was_for_ages_anew():
    given = desk().hear(invoice("A", "50.00", MARCH_1), invoice("B", "50.00", MARCH_1))
    given.hear(pending("p", "50.00", date(2026, 2, 27), "sepa", "B"))

    given.hear(failed("p", date(2026, 3, 5)))

    assert [item.anchor_on for item in given.account.items] == [MARCH_1, date(2026, 3, 5)]


def test_r13_a_pending_payment_never_resets():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 7))

    given.hear(pending("p", "50.00", date(2026, 3, 7))).until(date(2026, 3, 12))

    assert given.all_of("PaymentEscalationReset") == []


def test_a_payment_on_its_way_that_has_arrived_already_holds_nothing():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("p", "20.00", date(2026, 3, 2)))

    given.hear(pending("p", "20.00", date(2026, 3, 2))).until(date(2026, 3, 8))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]


def test_the_failure_of_an_unknown_payment_waits_and_of_one_that_arrived_is_a_conflict():
    given = desk().hear(paid("p", "20.00", date(2026, 3, 2)))

    with pytest.raises(NotYet, match="payment"):
        given.hear(failed("q", date(2026, 3, 3)))
    with pytest.raises(Refused, match="conflict"):
        given.hear(failed("p", date(2026, 3, 3)))


def test_r43_money_in_another_currency_is_refused():
    foreign = PaymentReceived(
        contract_id="C1",
        payment_id="p",
        money=Money(amount="50.00", currency="USD"),
        received_on=MARCH_1,
    )

    with pytest.raises(Refused, match="currency"):
        desk().hear(foreign)


def test_entries_say_what_they_are_about_and_are_numbered():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("p", "20.00", date(2026, 3, 2)))

    entries = given.all_of("EntryPosted")
    assert [(e.number, e.kind) for e in entries] == [(1, "receivable"), (2, "payment")]
    assert (entries[0].about.invoice_id, entries[1].about.payment_id) == ("A", "p")
