"""What producers get wrong: said twice, said differently, not readable, never explained."""

from examples.book import Contract
from examples.stories import story


@story(
    "C-701",
    "The same event twice, the same payment under a new id",
    look="one entry; counted as duplicates",
)
def duplicates(c: Contract) -> None:
    c.invoice(1, "27.00", "2026-01-19")
    said = c.say(
        "PaymentReceived", "2026-01-16", source="/bank", payment_id="C-701-P1",
        money=c.money("27.00"), received_on="2026-01-16", method="transfer",
    )  # fmt: skip
    c.book.repeat(said)
    c.book.repeat(said | {"id": f"{said['id']}-again"})


@story(
    "C-702",
    "The same payment with another amount",
    look="dunning.dead-letters: conflict; the first amount counts",
)
def conflict(c: Contract) -> None:
    c.invoice(1, "27.00", "2026-01-19")
    c.pay(1, "27.00", "2026-01-16")
    c.pay(1, "72.00", "2026-01-17")


@story("C-703", "An amount with three decimals", look="dunning.dead-letters: invalid")
def bad_amount(c: Contract) -> None:
    c.invoice(1, "12.34", "2026-01-19")
    c.pay(1, "12.345", "2026-01-16")
    c.pay(2, "12.34", "2026-01-19")


@story("C-704", "A payment in another currency", look="dunning.dead-letters: currency")
def wrong_currency(c: Contract) -> None:
    c.invoice(1, "15.00", "2026-01-19")
    c.say(
        "PaymentReceived", "2026-01-16", source="/bank", payment_id="C-704-P1",
        money={"amount": "15.00", "currency": "CHF"}, received_on="2026-01-16",
    )  # fmt: skip
    c.pay(2, "15.00", "2026-01-19")


@story(
    "C-705",
    "A chargeback of a payment that nobody knows waits in vain",
    look="dunning.dead-letters: unreferenced, 30 days after 20 January",
)
def waits_in_vain(c: Contract) -> None:
    c.charge_back(1, "C-705-P9", "18.00", "2026-01-20")


@story("C-706", "A chargeback that still waits at the end", look="the summary of the run")
def still_waits(c: Contract) -> None:
    c.charge_back(1, "C-706-P9", "18.00", "2026-04-20")
