"""When invoices are due, what becomes of them, and how dunning closes the loop."""

from examples.billing.telling import billed, change, pays
from examples.book import Contract


@billed(
    "B-701", "Due on Good Friday", "fibre",
    look="printed 3 April, due on Tuesday, 7 April (R-91)", on="2026-03-20", plan_version=1,
)  # fmt: skip
def good_friday(c: Contract) -> None:
    pays(c, ("04-07", "35.70"))


@billed(
    "B-702", "Terms of its own, and other ones later", "fibre",
    look="30 days until February, 7 from March on (R-98)", payment_terms_days=30,
)  # fmt: skip
def own_terms(c: Contract) -> None:
    change(c, "2026-02-10", payment_terms_days=7)
    pays(c, ("01-28", "35.70"), ("02-26", "35.70"), ("03-06", "35.70"), ("04-07", "35.70"))


@billed(
    "B-703", "Direct debits are announced", "fibre",
    look="due on the day of collection: 7 January, for the 6th is Epiphany in Bavaria (R-99)",
    payment_method="direct_debit",
)  # fmt: skip
def direct_debit(c: Contract) -> None:
    for number, day in enumerate(("01-07", "02-06", "03-06", "04-07"), start=1):
        payment = c.debit(number, "35.70", f"2026-{day}")
        c.say(
            "PaymentReceived", f"2026-{day}", source="/bank", at="16:00", payment_id=payment,
            money=c.money("35.70"), method="sepa", received_on=f"2026-{day}",
        )  # fmt: skip


@billed(
    "B-704", "A debit that is returned, with the bank's fee", "fibre",
    look="returned on 12 February: a run from the 13th; 38.70 paid on the 20th",
    on="2026-02-01", payment_method="direct_debit",
)  # fmt: skip
def returned(c: Contract) -> None:
    c.pay(1, "35.70", "2026-02-06", method="sepa")
    c.charge_back(1, "B-704-P1", "35.70", "2026-02-12", fee=c.money("3.00"))
    c.pay(2, "38.70", "2026-02-20")
    c.pay(3, "35.70", "2026-03-05")
    c.pay(4, "35.70", "2026-04-07")


@billed(
    "B-705", "Too much paid: the next invoice is less", "fibre",
    look="receivables: -14.30 on 12 January, 21.40 on 1 February (R-82)",
)  # fmt: skip
def overpaid(c: Contract) -> None:
    pays(c, ("01-12", "50.00"), ("02-10", "21.40"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-706", "Never pays: reminded, ended, in part credited", "fibre",
    look="reminders 29 January and 12 February; ended on 2 March, 30 days of March credited",
)  # fmt: skip
def never_pays(c: Contract) -> None:
    """Say nothing more: the customer is silent."""


@billed(
    "B-707", "The end by dunning clears the balance", "fibre-quarter",
    look="2 March: 30 days credited are what was owed; the run resets by itself (R-62)",
)  # fmt: skip
def cleared_by_the_end(c: Contract) -> None:
    pays(c, ("01-12", "71.40"))


@billed(
    "B-708", "Never pays, and is written off", "fibre",
    look="72.55 given up on 20 March; nothing is demanded any more",
)  # fmt: skip
def written_off(c: Contract) -> None:
    c.instruct("WriteOff", "2026-03-20", on="2026-03-20")


@billed(
    "B-709", "The end that dunning asked for is revoked", "fibre",
    look="asked for on 9 February for 1 March; paid and revoked on the 20th, billed on 1 March",
    attributes={"dunning": "later"},
)  # fmt: skip
def revoked_after_payment(c: Contract) -> None:
    c.pay(1, "71.40", "2026-02-20")
    c.say("TerminationRevoked", "2026-02-20", source="/crm", at="15:00")
    c.pay(2, "35.70", "2026-03-10")
    c.pay(3, "35.70", "2026-04-10")


@billed(
    "B-710", "Paid after the first reminder, as often as it takes", "fibre",
    look="two runs, two resets, and the contract goes on",
)  # fmt: skip
def paid_late(c: Contract) -> None:
    pays(c, ("01-31", "35.70"), ("03-05", "71.40"), ("04-10", "35.70"))
