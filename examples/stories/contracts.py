"""The life of a contract: ended, paused, changed, deferred."""

from examples.book import Contract
from examples.stories import story
from examples.stories.drafts import sent

BUSINESS = {"kind": "business", "more": {"attributes": {"segment": "business"}}}


@story(
    "C-401",
    "Ended while owing: the steps go on",
    look="decisions: end_contract is no_op on 2 March (R-32); escalations: exhausted",
)
def ended_while_owing(c: Contract) -> None:
    c.invoice(1, "30.00", "2026-01-05")
    c.say("ContractEnded", "2026-01-15", source="/crm", ends_on="2026-02-01", cause="customer")


@story(
    "C-402",
    "Never pays: through all steps to the end of the contract",
    look="reminders 19 January and 2 February; end requested 2 March for 1 April; exhausted",
)
def never_pays(c: Contract) -> None:
    c.invoice(1, "147.00", "2026-01-05")


@story(
    "C-403",
    "The end that was requested is revoked",
    look="end requested 2 March for 1 April; revoked on 10 March, paid in full on that day",
)
def revoked(c: Contract) -> None:
    c.invoice(1, "147.00", "2026-01-05")
    c.pay(1, "147.00", "2026-03-10")
    c.say("TerminationRevoked", "2026-03-10", source="/crm", at="15:00")


@story(
    "C-404",
    "Paused by the customer: nothing fires until it is resumed",
    look="decisions: suspended on 26 January; one letter on 21 February, paid within its notice",
)
def paused_by_customer(c: Contract) -> None:
    c.invoice(1, "52.00", "2026-01-12")
    c.say("ContractPaused", "2026-01-20", source="/crm", paused_from="2026-01-20", cause="customer")
    c.say("ContractResumed", "2026-02-20", source="/crm", resumed_on="2026-02-20", cause="customer")
    c.pay(1, "52.00", "2026-03-12")


@story(
    "C-405",
    "Paused by a step, resumed by the payment",
    look="escalations: pause requested 24 February (letter sent on the 6th), resume 27 February",
    **BUSINESS,
)
def paused_by_a_step(c: Contract) -> None:
    c.invoice(1, "900.00", "2026-01-12")
    sent(c, "2026-02-06")
    c.pay(1, "900.00", "2026-02-27")


@story(
    "C-406",
    "The customer moves house and becomes a business",
    look="the first run follows standard, the second, from 3 March on, business",
)
def changed(c: Contract) -> None:
    c.invoice(1, "61.00", "2026-01-12")
    c.pay(1, "61.00", "2026-01-22")
    c.kind = "business"
    c.say("CustomerChanged", "2026-02-02", source="/crm", customer=c.customer())
    c.say(
        "ContractChanged", "2026-02-02", source="/crm", at="09:30",
        attributes={"segment": "business"},
    )  # fmt: skip
    c.invoice(2, "161.00", "2026-03-02")


@story(
    "C-407",
    "Deferred in the middle of a run",
    look="the age counts from 20 February: the letter comes on 6 March, not on 26 January",
)
def deferred(c: Contract) -> None:
    invoice = c.invoice(1, "240.00", "2026-01-12")
    c.instruct("DeferReceivable", "2026-01-21", invoice_id=invoice, until="2026-02-20")
    c.pay(1, "240.00", "2026-03-16")


@story(
    "C-408",
    "Three invoices: the run moves on to the next oldest",
    look="webhook 17 January for invoice 1, again on 7 February for invoice 2; one process id",
)
def three_invoices(c: Contract) -> None:
    first = c.invoice(1, "20.00", "2026-01-12")
    second = c.invoice(2, "21.00", "2026-02-02")
    c.invoice(3, "22.00", "2026-02-16")
    c.pay(1, "20.00", "2026-02-05", first)
    c.pay(2, "21.00", "2026-02-20", second)
    c.pay(3, "22.00", "2026-03-05")


@story(
    "C-409",
    "A run with nothing overdue sleeps, and goes on when something is",
    look="no reset on 20 January, for 45.00 are owed; webhook for invoice 2 on 14 February",
)
def dormant(c: Contract) -> None:
    first = c.invoice(1, "45.00", "2026-01-05")
    c.invoice(2, "45.00", "2026-02-09", issued_on="2026-01-12")
    c.pay(1, "45.00", "2026-01-20", first)
    c.pay(2, "45.00", "2026-02-18")
