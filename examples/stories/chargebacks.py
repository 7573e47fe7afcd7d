"""Returned debits, card chargebacks, disputes."""

from examples.book import Contract
from examples.stories import story

DEBIT = {"method": "sepa", "source": "/psp"}
CARD = {"method": "card", "source": "/psp"}
BY_CARD = {"kind": "card_chargeback", "reason_code": "4837"}


@story(
    "C-201",
    "A returned debit with the bank's fee",
    look="escalations: recurring payment off on 22 January; the reminder of 5 February lists both",
    method="direct_debit",
)
def returned(c: Contract) -> None:
    c.invoice(1, "100.00", "2026-01-12")
    payment = c.pay(1, "100.00", "2026-01-12", **DEBIT)
    c.charge_back(1, payment, "100.00", "2026-01-22", fee=c.money("3.50"))
    c.pay(2, "103.50", "2026-02-10")


@story(
    "C-202",
    "Charged back twice: each time a new run",
    look="escalations: started 21 January and 13 February, with two process ids",
    method="direct_debit",
)
def returned_twice(c: Contract) -> None:
    c.invoice(1, "80.00", "2026-01-12")
    c.charge_back(1, c.pay(1, "80.00", "2026-01-10", **DEBIT), "80.00", "2026-01-20")
    c.charge_back(2, c.pay(2, "80.00", "2026-01-30", **DEBIT), "80.00", "2026-02-12")
    c.pay(3, "80.00", "2026-02-25")


@story(
    "C-203",
    "A card chargeback that is reversed",
    look="receivables: settled again on 16 February; escalations: reset on that day",
    method="card",
)
def reversed_(c: Contract) -> None:
    c.invoice(1, "149.00", "2026-01-12")
    payment = c.pay(1, "149.00", "2026-01-12", **CARD)
    back = c.charge_back(1, payment, "149.00", "2026-01-26", **BY_CARD)
    c.say(
        "ChargebackReversed",
        "2026-02-16",
        source="/psp",
        chargeback_id=back,
        booked_on="2026-02-16",
    )


@story(
    "C-204",
    "A dispute that is won, under a policy that holds for it",
    look="decisions: held (R-78) from 30 January; reset on 20 February, no letter ever",
    kind="business",
    method="card",
    more={"attributes": {"segment": "business"}},
)
def dispute_won(c: Contract) -> None:
    back = _disputed(c, "480.00")
    c.say(
        "DisputeClosed", "2026-02-20", source="/psp", at="09:00",
        chargeback_id=back, on="2026-02-20", outcome="won",
    )  # fmt: skip
    c.say(
        "ChargebackReversed",
        "2026-02-20",
        source="/psp",
        chargeback_id=back,
        booked_on="2026-02-20",
    )


@story(
    "C-205",
    "A dispute that is lost: the escalation goes on",
    look="decisions: held (R-78) until 18 February, then the steps that were reached",
    kind="business",
    method="card",
    more={"attributes": {"segment": "business"}},
)
def dispute_lost(c: Contract) -> None:
    back = _disputed(c, "360.00")
    c.say(
        "DisputeClosed", "2026-02-18", source="/psp", chargeback_id=back, on="2026-02-18",
        outcome="lost",
    )  # fmt: skip
    c.pay(2, "360.00", "2026-03-20")


def _disputed(c: Contract, amount: str) -> str:
    c.invoice(1, amount, "2026-01-12")
    payment = c.pay(1, amount, "2026-01-12", **CARD)
    back = c.charge_back(1, payment, amount, "2026-01-27", **BY_CARD)
    c.say(
        "DisputeOpened", "2026-01-28", source="/psp", chargeback_id=back, on="2026-01-28",
        stage="representment",
    )  # fmt: skip
    return back


@story(
    "C-206",
    "A chargeback that comes before its payment waits for it",
    look="said on 2 February, booked on 4 February, directly after the payment",
    method="direct_debit",
)
def early_chargeback(c: Contract) -> None:
    c.invoice(1, "58.00", "2026-01-26")
    c.charge_back(1, "C-206-P1", "58.00", "2026-02-02")
    c.say(
        "PaymentReceived", "2026-02-04", source="/psp", payment_id="C-206-P1",
        money=c.money("58.00"), received_on="2026-01-26", method="sepa",
    )  # fmt: skip
    c.pay(2, "58.00", "2026-02-20")


@story(
    "C-207",
    "A part of a payment is charged back",
    look="receivables: 30.00 open again, age counts from 20 January; reminder of 3 February",
    method="card",
)
def part_returned(c: Contract) -> None:
    c.invoice(1, "90.00", "2026-01-12")
    payment = c.pay(1, "90.00", "2026-01-12", **CARD)
    c.charge_back(1, payment, "30.00", "2026-01-20", **BY_CARD)
    c.pay(2, "30.00", "2026-02-10")


@story(
    "C-208",
    "Won, and charged back once more",
    look="receivables: reopened twice; the second run counts from 2 March, under version 2",
    method="card",
)
def won_then_second_chargeback(c: Contract) -> None:
    c.invoice(1, "210.00", "2026-01-12")
    payment = c.pay(1, "210.00", "2026-01-12", **CARD)
    back = c.charge_back(1, payment, "210.00", "2026-01-26", **BY_CARD)
    c.say(
        "ChargebackReversed",
        "2026-02-10",
        source="/psp",
        chargeback_id=back,
        booked_on="2026-02-10",
    )
    c.charge_back(2, payment, "210.00", "2026-03-02", **BY_CARD)


@story(
    "C-209",
    "More is charged back than was paid",
    look="45.00 is booked and open again; dunning.dead-letters: excess, 3.00 of 48.00 are left",
    method="direct_debit",
)
def excess(c: Contract) -> None:
    c.invoice(1, "45.00", "2026-01-19")
    c.charge_back(1, c.pay(1, "45.00", "2026-01-19", **DEBIT), "48.00", "2026-01-26")


@story(
    "C-210",
    "New payment data after a return: all that is open is collected at once",
    look="escalations: recurring payment off on 22 January, on and 96.00 to collect on 29 January",
    method="direct_debit",
)
def new_payment_data(c: Contract) -> None:
    c.invoice(1, "60.00", "2026-01-12")
    payment = c.pay(1, "60.00", "2026-01-12", **DEBIT)
    c.charge_back(1, payment, "60.00", "2026-01-22", reason_code="AC04")
    c.invoice(2, "36.00", "2026-01-26")
    c.say(
        "InstrumentRegistered", "2026-01-29", source="/crm",
        instrument_id="C-210-M2", kind="sepa_mandate",
    )  # fmt: skip
    c.pay(2, "96.00", "2026-02-03", **DEBIT)
