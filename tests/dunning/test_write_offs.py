"""Write-offs, and money that comes after them."""

from datetime import date

import pytest

from schemas.chargebacks import ChargebackReversed
from schemas.contracts import ContractEnded
from schemas.instructions import AssignPayment, ReverseWriteOff, WriteOff
from schemas.message import Refused
from schemas.payments import Designation
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    invoice,
    paid,
    policy,
    registered,
    terms,
    webhook,
)

MARCH_1, JUNE_30 = date(2026, 3, 1), date(2026, 6, 30)
ENDED = ContractEnded(contract_id="C1", ends_on=date(2026, 4, 1))


def desk():
    return Desk(terms(policy(webhook(5)))).hear(registered(), invoice("A", "119.00", MARCH_1))


def given_up(on=JUNE_30):
    return desk().hear(ENDED).until(on).hear(WriteOff(contract_id="C1", on=on))


def reverse(on):
    return ReverseWriteOff(contract_id="C1", on=on)


def unpaid(given):
    return {each.receivable_id: (each.open, each.written_off) for each in given.account.items}


def test_r85_all_that_is_open_is_given_up_and_the_run_is_reset():
    given = given_up()

    assert (unpaid(given), given.account.balance) == ({"A": (0, 11900)}, 0)
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount) == ("write_off", "-119.00")
    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["write_off"]
    assert [(e.by, e.written_off.amount) for e in given.all_of("ReceivableSettled")] == [
        ("write_off", "119.00")
    ]


def test_r85_a_contract_without_end_is_not_written_off():
    with pytest.raises(Refused, match="no end"):
        desk().hear(WriteOff(contract_id="C1", on=JUNE_30))


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 1, 2)])
def test_r85_not_before_the_latest_invoice_is_older(day):
    with pytest.raises(Refused, match="an invoice is not older"):
        desk().hear(ENDED, WriteOff(contract_id="C1", on=day))


def test_r85_the_day_after_the_latest_invoice_will_do():
    assert given_up(date(2026, 1, 3)).account.balance == 0


def test_r85_nothing_open_is_nothing_to_write_off():
    given = given_up()

    with pytest.raises(Refused, match=r"0\.00 EUR is open, 0\.00 EUR is credit"):
        given.hear(WriteOff(contract_id="C1", on=JUNE_30))


def test_r86_a_payment_after_it_reverses_up_to_its_amount_and_then_pays():
    given = given_up().hear(paid("p", "50.00", date(2026, 8, 1)))

    assert (unpaid(given), given.account.balance) == ({"A": (0, 6900)}, 0)
    posted = [(e.kind, e.money.amount, e.balance.amount) for e in given.all_of("EntryPosted")[2:]]
    assert posted == [("write_off_reversal", "50.00", "50.00"), ("payment", "-50.00", "0.00")]


def test_r86_more_than_was_given_up_is_credit():
    given = given_up().hear(paid("p", "120.00", date(2026, 8, 1)))

    assert (unpaid(given), given.account.balance) == ({"A": (0, 0)}, -100)


def test_r86_money_for_another_invoice_leaves_it_given_up():
    given = given_up().hear(invoice("B", "20.00", date(2026, 7, 15)))

    given.hear(paid("p", "20.00", date(2026, 8, 1), "B"))

    assert unpaid(given) == {"A": (0, 11900), "B": (0, 0)}


def test_r86_a_credit_note_for_what_was_given_up_gives_no_money_away():
    given = given_up().hear(credit_note("G", "119.00", date(2026, 8, 1), invoice_id="A"))

    assert (unpaid(given), given.account.balance) == ({"A": (0, 0)}, 0)


def test_r86_a_return_of_money_that_came_after_it_is_owed_again():
    given = given_up().hear(paid("p", "50.00", date(2026, 8, 1)))

    given.hear(charged_back("b", "p", "50.00", date(2026, 8, 10)))

    assert (unpaid(given), given.account.balance) == ({"A": (5000, 6900)}, 5000)


def test_r86_what_is_settled_says_what_of_it_stays_written_off():
    given = given_up().hear(paid("p", "50.00", date(2026, 8, 1)))
    given.hear(charged_back("b", "p", "50.00", date(2026, 8, 10)))
    given.hear(paid("q", "50.00", date(2026, 8, 20)), paid("r", "69.00", date(2026, 8, 21)))

    said = given.all_of("ReceivableSettled")
    assert [(e.by, e.written_off.amount) for e in said[:-1]] == [
        ("write_off", "119.00"),
        ("payment", "69.00"),
        ("payment", "69.00"),
    ]
    assert (said[-1].by, said[-1].written_off) == ("payment", None)


def test_r86_credit_that_a_clerk_assigns_to_it_revives_it():
    given = given_up().hear(paid("p", "20.00", date(2026, 8, 1), "unknown"))
    assert (unpaid(given), given.account.balance) == ({"A": (0, 11900)}, -2000)

    designated = (Designation(invoice_id="A"),)
    given.hear(AssignPayment(contract_id="C1", payment_id="p", designated=designated))

    assert (unpaid(given), given.account.balance) == ({"A": (0, 9900)}, 0)
    posted = [(e.kind, e.money.amount) for e in given.all_of("EntryPosted")[-2:]]
    assert posted == [("write_off_reversal", "20.00"), ("payment", "0.00")]


def test_r86_credit_that_was_kept_in_vain_revives_it():
    given = given_up().hear(paid("p", "20.00", date(2026, 8, 1), "unknown"))

    given.until(date(2026, 9, 1))

    assert (unpaid(given), given.account.balance) == ({"A": (0, 9900)}, 0)


def test_r86_money_that_a_bank_gives_back_revives_what_was_given_up():
    given = desk().hear(paid("p", "119.00", MARCH_1), ENDED)
    given.hear(charged_back("b", "p", "119.00", date(2026, 3, 10))).until(JUNE_30)
    given.hear(WriteOff(contract_id="C1", on=JUNE_30))

    given.hear(ChargebackReversed(contract_id="C1", chargeback_id="b", booked_on=date(2026, 7, 10)))

    assert (unpaid(given), given.account.balance) == ({"A": (0, 0)}, 0)


def test_r76_a_reversed_write_off_is_owed_as_old_as_it_is_under_a_new_run():
    given = given_up().hear(reverse(date(2026, 7, 10)))

    [item] = given.account.items
    assert (item.open, item.written_off, item.anchor_on) == (11900, 0, MARCH_1)
    assert given.all_of("EntryPosted")[-1].kind == "write_off_reversal"

    given.until(date(2026, 7, 12))
    assert given.days_of("EscalationStarted") == [date(2026, 3, 2), date(2026, 7, 1)]


def test_a_write_off_that_is_not_there_is_not_reversed():
    with pytest.raises(Refused, match="nothing is written off"):
        desk().hear(reverse(JUNE_30))


def test_two_write_offs_are_two_entries():
    given = given_up().hear(reverse(date(2026, 7, 10)), WriteOff(contract_id="C1", on=JUNE_30))

    names = [e.entry_id for e in given.all_of("EntryPosted")]
    assert len(names) == len(set(names)) == 4
