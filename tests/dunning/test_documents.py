"""Invoices and credit notes, and credit notes that are void."""

from datetime import date

import pytest

from schemas.contracts import ContractChanged
from schemas.credited import CreditedInvoice
from schemas.invoices import CreditNoteCancelled
from schemas.message import NotYet, Refused
from schemas.payments import RefundMade
from schemas.prepaid import Drawn
from tests.support.desk import Desk
from tests.support.events import (
    Source,
    credit_note,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1 = date(2026, 3, 1)


def desk(*steps):
    return Desk(terms(policy(*(steps or (webhook(5),))))).hear(registered())


def void(name, cancelled_on):
    return CreditNoteCancelled(contract_id="C1", credit_note_id=name, cancelled_on=cancelled_on)


def open_of(given):
    return {item.receivable_id: item.open for item in given.account.items}


def test_r11_a_credit_note_pays_its_invoice_first():
    given = desk().hear(invoice("A", "50.00", MARCH_1), invoice("B", "50.00", date(2026, 3, 9)))

    given.hear(credit_note("G", "60.00", date(2026, 3, 10), invoice_id="B"))

    assert open_of(given) == {"A": 4000, "B": 0}
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount, entry.about.credit_note_id) == ("credit", "-60.00", "G")


def test_r11_a_credit_note_that_clears_the_balance_resets():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 10))

    given.hear(credit_note("G", "50.00", date(2026, 3, 10)))

    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["credit"]


def test_r12_order_decides_a_new_invoice_before_the_payment_keeps_the_run():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 10))

    given.hear(invoice("B", "50.00", date(2026, 4, 1)), paid("p", "50.00", date(2026, 3, 10)))

    assert given.all_of("PaymentEscalationReset") == []


def test_r12_order_decides_a_payment_before_the_new_invoice_resets():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 10))

    given.hear(paid("p", "50.00", date(2026, 3, 10)), invoice("B", "50.00", date(2026, 4, 1)))

    assert [e.reason for e in given.all_of("PaymentEscalationReset")] == ["balance_cleared"]


def test_r76_a_void_credit_note_is_owed_as_old_as_it_is_and_caught_up_with():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 4))
    given.hear(credit_note("G", "50.00", date(2026, 3, 4), invoice_id="A"))

    given.until(date(2026, 3, 20)).hear(void("G", date(2026, 3, 20)))

    [item] = given.account.items
    assert (item.open, item.anchor_on, item.reopening) == (5000, MARCH_1, 1)
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.kind, entry.money.amount, entry.balance.amount) == ("credit", "50.00", "50.00")

    given.until(date(2026, 3, 22))
    assert given.days_of("EscalationStarted") == [date(2026, 3, 2), date(2026, 3, 21)]
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 21)]


def test_r76_what_of_it_was_paid_out_is_owed_by_an_item_of_its_own():
    given = desk().hear(credit_note("G", "50.00", date(2026, 3, 4)))
    refund = RefundMade(
        contract_id="C1", refund_id="r", money=eur("20.00"), made_on=date(2026, 3, 5)
    )

    given.hear(refund, void("G", date(2026, 3, 20)))

    [item] = given.account.items
    assert (item.kind, item.open, item.due_on) == ("refund", 2000, date(2026, 3, 20))
    assert given.account.balance == 2000
    assert given.all_of("EntryPosted")[-1].money.amount == "50.00"


def test_a_void_credit_note_that_is_unknown_waits():
    with pytest.raises(NotYet, match="credit note"):
        desk().hear(void("G", date(2026, 3, 20)))


def test_a_payment_and_a_credit_note_may_have_the_same_name():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("X", "10.00", date(2026, 3, 3)))

    given.hear(credit_note("X", "20.00", date(2026, 3, 4)), void("X", date(2026, 3, 5)))

    assert (open_of(given), given.account.balance) == ({"A": 4000}, 4000)


@pytest.mark.parametrize(
    ("rounding", "paid_in_full"), [("0.01", "71.05"), ("-0.04", "71.00")], ids=str
)
def test_u40_what_is_owed_is_gross_with_its_rounding(rounding, paid_in_full):
    given = desk().hear(invoice("A", "71.04", MARCH_1, payable_rounding=eur(rounding)))

    given.hear(paid("p", paid_in_full, MARCH_1))

    assert open_of(given) == {"A": 0}
    entries = given.all_of("EntryPosted")
    assert [(e.money.amount, e.balance.amount) for e in entries] == [
        (paid_in_full, paid_in_full),
        (f"-{paid_in_full}", "0.00"),
    ]


def test_u40_a_credit_note_gives_back_gross_with_its_rounding():
    given = desk().hear(invoice("A", "71.04", MARCH_1, payable_rounding=eur("0.01")))

    given.hear(credit_note("G", "71.04", MARCH_1, invoice_id="A", payable_rounding=eur("0.01")))

    assert given.all_of("EntryPosted")[-1].balance.amount == "0.00"


def drawn(amount, grant_id="g"):
    return Drawn(grant_id=grant_id, money=eur(amount))


@pytest.mark.parametrize(
    ("prepaid", "owed", "settled"),
    [("17.71", "0.01", []), ("17.72", "0.00", ["A"])],
)
def test_u61_what_a_balance_paid_of_an_invoice_is_not_owed(prepaid, owed, settled):
    given = desk().hear(invoice("A", "17.72", MARCH_1, prepaid=(drawn(prepaid),)))

    assert given.all_of("EntryPosted")[-1].balance.amount == owed
    assert [e.receivable_id for e in given.all_of("ReceivableSettled")] == settled
    given.until(date(2026, 3, 10))
    assert len(given.all_of("PaymentEscalated")) == (not settled)


def test_u61_what_a_credit_note_gives_back_to_a_balance_is_no_credit():
    given = desk().hear(invoice("A", "20.00", MARCH_1, prepaid=(drawn("15.00"),)))

    given.hear(credit_note("G", "20.00", MARCH_1, invoice_id="A", prepaid=(drawn("15.00"),)))

    assert [e.money.amount for e in given.all_of("EntryPosted")] == ["5.00", "-5.00"]
    assert given.account.balance == 0
    given.hear(void("G", date(2026, 3, 20)))
    assert given.account.balance == 500


def test_u61_a_credit_note_that_is_all_for_a_balance_moves_nothing():
    given = desk().hear(invoice("A", "20.00", MARCH_1, prepaid=(drawn("20.00"),)))

    given.hear(credit_note("G", "20.00", MARCH_1, invoice_id="A", prepaid=(drawn("20.00"),)))
    given.hear(void("G", date(2026, 3, 20)))

    assert (given.account.balance, open_of(given)) == (0, {"A": 0})


def test_u61_of_several_invoices_each_has_what_is_left_of_its_part():
    given = desk().hear(
        invoice("A", "20.00", MARCH_1, prepaid=(drawn("15.00"),)), invoice("B", "8.00", MARCH_1)
    )
    parts = (
        CreditedInvoice(invoice_id="A", net=eur("20.00"), tax=eur("0.00"), gross=eur("20.00"),
                        prepaid=eur("15.00")),
        CreditedInvoice(invoice_id="B", net=eur("3.00"), tax=eur("0.00"), gross=eur("3.00")),
    )  # fmt: skip

    given.hear(credit_note("G", "23.00", MARCH_1, credited=parts, prepaid=(drawn("15.00"),)))

    assert open_of(given) == {"A": 0, "B": 500}


def test_an_invoice_over_nothing_is_settled_at_once():
    given = desk().hear(invoice("A", "0.00", MARCH_1))

    assert [e.receivable_id for e in given.all_of("ReceivableSettled")] == ["A"]


def test_r55_a_draft_with_a_fee_stands_as_long_as_its_items_do():
    given = desk(reminder(5), reminder(14, send="manual", fee=eur("2.50")), reminder(60))
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 16))

    given.hear(invoice("B", "10.00", date(2026, 5, 1)))

    assert given.all_of("ReminderCancelled") == []
    given.hear(paid("p", "10.00", date(2026, 3, 17), "A"))
    assert [e.reason for e in given.all_of("ReminderCancelled")] == ["amount"]


def test_r61_the_end_of_the_latest_period_is_what_is_billed_until():
    period = {"from": "2026-03-01", "until": "2026-04-01"}
    read = invoice("A", "50.00", MARCH_1).model_dump(mode="json") | {"period": period}
    given = desk().hear(type(invoice("A", "50.00", MARCH_1)).model_validate(read, strict=False))

    assert given.account.billed_until == date(2026, 4, 1)


def credited_of(*invoices):
    """Return what a note of several invoices says of each: its id and gross."""
    return tuple(
        CreditedInvoice(invoice_id=name, net=eur(gross), tax=eur("0.00"), gross=eur(gross))
        for name, gross in invoices
    )


def test_u27_a_credit_note_of_several_invoices_is_assigned_to_each_of_them():
    given = desk().hear(*(invoice(name, "50.00", MARCH_1) for name in "ABC"))

    given.hear(
        credit_note("G", "70.00", MARCH_1, credited=credited_of(("C", "50.00"), ("B", "20.00")))
    )

    posted = given.all_of("EntryPosted")[-1]
    assert [(each.receivable_id, each.amount.amount) for each in posted.assigned] == [
        ("B", "20.00"),
        ("C", "50.00"),
    ]
    assert open_of(given) == {"A": 5000, "B": 3000, "C": 0}


def test_u27_what_is_credited_of_a_paid_invoice_is_credit_for_the_next():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("p", "50.00", MARCH_1, "A"))
    given.hear(invoice("B", "50.00", MARCH_1))

    given.hear(
        credit_note("G", "60.00", MARCH_1, credited=credited_of(("A", "20.00"), ("B", "40.00")))
    )

    assert open_of(given) == {"A": 0, "B": 0}
    assert given.all_of("EntryPosted")[-1].balance.amount == "-10.00"


def test_r84b_a_contract_on_our_plan_is_credited_by_invoicing():
    given = desk().hear(ContractChanged(contract_id="C1", plan_id="basic"))
    ours = Source("/duestream/invoicing")

    given.hear(
        credit_note("G", "59.50", MARCH_1).said_by(ours),
        void("G", MARCH_1).said_by(ours),
    )

    assert given.all_of("EntryPosted")[-1].balance.amount == "0.00"


@pytest.mark.parametrize("message", [credit_note("G", "59.50", MARCH_1), void("G", MARCH_1)])
def test_r84b_a_contract_on_our_plan_is_credited_by_nobody_else(message):
    given = desk().hear(ContractChanged(contract_id="C1", plan_id="basic"))

    with pytest.raises(Refused, match="conflict: the contract has a plan"):
        given.hear(message.said_by(Source("/erp")))
