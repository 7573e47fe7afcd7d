"""What a clerk agrees with a debtor: promises, instalments, and what the debtor disputes."""

from examples.book import Contract
from examples.stories import story


@story(
    "C-A01",
    "Promised, and kept: half of it now",
    look="escalations: kept on 3 February; the letter of the other 50.00 waits until the 4th",
)
def promised_and_kept(c: Contract) -> None:
    c.invoice(1, "100.00", "2026-01-12")
    promise(c, "2026-01-20", "50.00", "2026-02-05")
    c.pay(1, "50.00", "2026-02-03")
    c.pay(2, "50.00", "2026-02-10")


@story(
    "C-A02",
    "Promised, and broken",
    look="escalations: broken on 31 January, the letter of the 26th leaves on that day",
)
def promised_and_broken(c: Contract) -> None:
    c.invoice(1, "80.00", "2026-01-12")
    promise(c, "2026-01-20", "80.00", "2026-01-30")
    c.pay(1, "82.50", "2026-02-20")


@story(
    "C-A03",
    "Three instalments, of which one is paid",
    look="escalations: lapsed on 6 March, and the whole is 53 days old: the last letter, 200.00",
)
def instalments_that_lapse(c: Contract) -> None:
    c.invoice(1, "300.00", "2026-01-12")
    days = ("2026-02-02", "2026-03-02", "2026-04-01")
    plan = [{"on": day, "money": c.money("100.00")} for day in days]
    c.instruct(
        "InstalmentsAgreed",
        "2026-01-20",
        agreement_id=f"{c.contract_id}-A1",
        plan=plan,
        lapses_after_days=3,
    )
    c.pay(1, "100.00", "2026-02-02")
    c.pay(2, "200.00", "2026-03-18")


@story(
    "C-A04",
    "Disputes an invoice: only the other one is demanded",
    look="the letter of 2 February demands 40.00 of 130.00; 30.00 are credited in the end",
)
def disputed(c: Contract) -> None:
    first = c.invoice(1, "90.00", "2026-01-12")
    second = c.invoice(2, "40.00", "2026-01-19")
    c.instruct("InvoiceDisputed", "2026-01-15", invoice_id=first, reason_code="price")
    c.pay(1, "40.00", "2026-02-06", second)
    c.credit(1, "30.00", "2026-02-10", invoice_id=first)
    c.pay(2, "60.00", "2026-02-10", first)
    c.instruct("InvoiceDisputeSettled", "2026-02-10", invoice_id=first)


def promise(c: Contract, day: str, amount: str, on: str) -> None:
    """Note what the debtor said on the telephone."""
    name = f"{c.contract_id}-V1"
    c.instruct(
        "PromiseRecorded", day, promise_id=name, money=c.money(amount), on=on, **{"all": True}
    )
