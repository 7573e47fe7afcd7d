"""Payments: in time, late, in part, twice, pending, designated."""

from examples.book import Contract
from examples.stories import story


@story("C-101", "Paid in time", look="nothing but the ledger: balance 0.00 on 16 January")
def paid_in_time(c: Contract) -> None:
    c.pay(1, "49.00", "2026-01-16", c.invoice(1, "49.00", "2026-01-19"))


@story(
    "C-102",
    "Paid late, before a letter was due",
    look="escalations: started 20 January, webhook 24 January, reset balance_cleared 28 January",
)
def paid_late(c: Contract) -> None:
    c.invoice(1, "89.90", "2026-01-19")
    c.pay(1, "89.90", "2026-01-28")


@story(
    "C-103",
    "Paid after the first reminder",
    look="reminders: level 1 on 26 January; reset on 2 February, no level 2",
)
def paid_after_a_reminder(c: Contract) -> None:
    c.invoice(1, "119.00", "2026-01-12")
    c.pay(1, "119.00", "2026-02-02")


@story(
    "C-104",
    "Paid in part",
    look="the reminder of 26 January demands 70.00 of 120.00; the age does not change",
)
def paid_in_part(c: Contract) -> None:
    c.invoice(1, "120.00", "2026-01-12")
    c.pay(1, "50.00", "2026-01-20")
    c.pay(2, "70.00", "2026-02-05")


@story(
    "C-105",
    "Paid twice: the credit pays the next invoice",
    look="receivables: balance -60.00 on 23 January; invoice 2 is settled the moment it is issued",
)
def paid_twice(c: Contract) -> None:
    c.invoice(1, "60.00", "2026-01-26")
    c.pay(1, "60.00", "2026-01-22")
    c.pay(2, "60.00", "2026-01-23")
    c.invoice(2, "35.00", "2026-02-16")


@story(
    "C-106",
    "Paid in instalments, which stop no clock",
    look="reminders demand 200.00 and 202.50; the end is requested on 9 March all the same",
)
def paid_in_instalments(c: Contract) -> None:
    c.invoice(1, "300.00", "2026-01-12")
    for number, on in enumerate(("2026-01-20", "2026-02-20", "2026-03-20"), start=1):
        c.pay(number, "100.00", on)


@story(
    "C-107",
    "A direct debit that fails: the age counts from the failure",
    look="due 2 February, failed 5 February: webhook on 10 February (R-99)",
    method="direct_debit",
)
def debit_fails(c: Contract) -> None:
    c.invoice(1, "39.00", "2026-02-02")
    payment = c.debit(1, "39.00", "2026-02-02")
    c.say(
        "PaymentFailed",
        "2026-02-05",
        source="/psp",
        payment_id=payment,
        failed_on="2026-02-05",
        reason_code="AM04",
    )
    c.pay(2, "39.00", "2026-02-23")


@story(
    "C-108",
    "A card payment on its way holds the letter of its day",
    look="decisions: the step of 2 February is held; the money comes on 3 February, no letter",
    method="card",
)
def card_in_flight(c: Contract) -> None:
    c.invoice(1, "75.00", "2026-01-19")
    payment = c.debit(1, "75.00", "2026-02-01", method="card")
    c.say(
        "PaymentReceived",
        "2026-02-03",
        source="/psp",
        payment_id=payment,
        money=c.money("75.00"),
        received_on="2026-02-03",
        method="card",
    )


@story(
    "C-109",
    "A debit of which nothing more is heard holds for five bank days",
    look="decisions: held on 2 February, fired on 7 February; level 2 two weeks later (R-57)",
    method="direct_debit",
)
def debit_without_a_result(c: Contract) -> None:
    c.invoice(1, "64.00", "2026-01-19")
    c.debit(1, "64.00", "2026-01-30")


@story(
    "C-110",
    "The payer names the younger invoice",
    look="receivables: the payment of 3 February pays invoice 2; invoice 1 stays open and ages",
)
def designated(c: Contract) -> None:
    c.invoice(1, "40.00", "2026-01-05")
    younger = c.invoice(2, "40.00", "2026-02-05")
    c.pay(1, "40.00", "2026-02-03", younger)


@story(
    "C-111",
    "Money that comes before its invoice is kept for it",
    look="receivables: credit of 8 January; the invoice of 26 January is settled at once",
)
def money_before_its_invoice(c: Contract) -> None:
    c.pay(1, "25.00", "2026-01-08", "C-111-1")
    c.invoice(1, "25.00", "2026-02-09")


@story(
    "C-112",
    "A clerk assigns a payment to another invoice",
    look="receivables: the payment of 20 January moves to invoice 2 on 22 January",
)
def reassigned(c: Contract) -> None:
    c.invoice(1, "55.00", "2026-01-12")
    second = c.invoice(2, "55.00", "2026-01-26")
    payment = c.pay(1, "55.00", "2026-01-20")
    c.instruct(
        "AssignPayment",
        "2026-01-22",
        payment_id=payment,
        designated=[{"invoice_id": second}],
        reason="the customer called",
    )


@story(
    "C-113",
    "Told before the invoice is due, and thanked",
    look="reminders: notices of 9 January and 6 February, the second is cancelled; thanks twice",
    more={"attributes": {"segment": "attentive"}},
)
def told_and_thanked(c: Contract) -> None:
    c.pay(1, "49.00", "2026-01-12", c.invoice(1, "49.00", "2026-01-12"))
    c.pay(2, "49.00", "2026-02-07", c.invoice(2, "49.00", "2026-02-09"))
