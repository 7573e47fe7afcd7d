"""Credit notes, refunds, write-offs."""

from examples.book import Contract
from examples.stories import story

ENDED = {"more": {"ends_on": "2026-01-31"}}


@story(
    "C-301",
    "A credit note clears the balance",
    look="escalations: reset with reason credit on 3 February",
)
def credited(c: Contract) -> None:
    invoice = c.invoice(1, "70.00", "2026-01-12")
    c.credit(1, "70.00", "2026-02-03", invoice_id=invoice)


@story(
    "C-302",
    "A credit note for a part, the rest is paid",
    look="the reminder of 26 January demands 80.00; reset balance_cleared on 30 January",
)
def credited_in_part(c: Contract) -> None:
    invoice = c.invoice(1, "95.00", "2026-01-12")
    c.credit(1, "15.00", "2026-01-15", invoice_id=invoice)
    c.pay(1, "80.00", "2026-01-30")


@story(
    "C-303",
    "A credit note that had reset the run is cancelled",
    look="a new run on 11 February, aged from 12 January: one letter, level 2; level 1 superseded",
)
def credit_note_cancelled(c: Contract) -> None:
    note = c.credit(1, "66.00", "2026-01-20", invoice_id=c.invoice(1, "66.00", "2026-01-12"))
    c.say(
        "CreditNoteCancelled", "2026-02-10", source="/erp", credit_note_id=note,
        cancelled_on="2026-02-10",
    )  # fmt: skip
    c.pay(1, "66.00", "2026-02-27")


@story("C-304", "A refund of credit", look="receivables: balance -20.00, then 0.00 on 30 January")
def refunded(c: Contract) -> None:
    c.invoice(1, "50.00", "2026-01-26")
    _refund(c, c.pay(1, "70.00", "2026-01-23"), "20.00", "2026-01-30")


@story(
    "C-305",
    "A refund above the credit, forced: the excess is owed",
    look="receivables: 30.00 become open on 2 February; a run starts on 3 February",
)
def refund_forced(c: Contract) -> None:
    c.invoice(1, "50.00", "2026-01-26")
    _refund(c, c.pay(1, "50.00", "2026-01-23"), "30.00", "2026-02-02", forced=True)
    c.pay(2, "30.00", "2026-02-13")


@story("C-306", "A refund above the credit, not forced", look="dunning.dead-letters; balance 0.00")
def refund_refused(c: Contract) -> None:
    c.invoice(1, "50.00", "2026-01-26")
    _refund(c, c.pay(1, "50.00", "2026-01-23"), "30.00", "2026-02-02")


def _refund(c: Contract, payment: str, amount: str, on: str, **more: object) -> None:
    c.say(
        "RefundMade", on, source="/bank", refund_id=f"{c.contract_id}-E1", payment_id=payment,
        money=c.money(amount), made_on=on, **more,
    )  # fmt: skip


@story(
    "C-307",
    "Written off",
    look="escalations: reset with reason write_off on 10 March; receivables: balance 0.00",
    **ENDED,
)
def written_off(c: Contract) -> None:
    c.invoice(1, "130.00", "2026-01-05")
    c.instruct("WriteOff", "2026-03-10", on="2026-03-10", reason="insolvent")


@story(
    "C-308",
    "A payment after the write-off takes it back in part",
    look="receivables: on 15 April a write_off_reversal of 40.00, then the payment",
    **ENDED,
)
def payment_after_write_off(c: Contract) -> None:
    c.invoice(1, "130.00", "2026-01-05")
    c.instruct("WriteOff", "2026-03-10", on="2026-03-10", reason="insolvent")
    c.pay(1, "40.00", "2026-04-15")


@story(
    "C-309",
    "A write-off is reversed",
    look="receivables: 85.00 open again on 30 March; a new run under version 2 on 31 March",
    **ENDED,
)
def write_off_reversed(c: Contract) -> None:
    c.invoice(1, "85.00", "2026-01-05")
    c.instruct("WriteOff", "2026-03-10", on="2026-03-10", reason="moved away")
    c.instruct("ReverseWriteOff", "2026-03-30", on="2026-03-30", reason="found again")
