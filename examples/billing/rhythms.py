"""Billing periods: how long, from which day, before or after what is served."""

from examples.billing.telling import billed, change, pays, pays_monthly
from examples.book import Contract


@billed(
    "B-101", "A month in advance", "fibre",
    look="four invoices of 35.70; version 2 of the plan, from 15 February, is not for it",
)  # fmt: skip
def monthly(c: Contract) -> None:
    pays_monthly(c, "35.70")


@billed(
    "B-102", "A month in arrears", "fibre-later",
    look="January is billed on 1 February; three invoices until 30 April",
)  # fmt: skip
def in_arrears(c: Contract) -> None:
    pays_monthly(c, "35.70", 2, 3, 4)


@billed(
    "B-103", "A quarter in advance, from the middle of a month", "fibre-quarter",
    look="15 January until 15 April, then again: no part of a period", on="2026-01-15",
)  # fmt: skip
def quarterly(c: Contract) -> None:
    pays(c, ("01-26", "107.10"), ("04-24", "107.10"))


@billed(
    "B-104", "A year in advance, ended after 59 days", "fibre-year",
    look="credit of 306 days on 1 April, paid out on 8 April", on="2026-02-01",
)  # fmt: skip
def yearly(c: Contract) -> None:
    payment = c.pay(1, "434.35", "2026-02-12")
    c.say("ContractEnded", "2026-04-01", source="/crm", ends_on="2026-04-01", cause="customer")
    c.say(
        "RefundMade", "2026-04-08", source="/bank", refund_id="B-104-R1", payment_id=payment,
        money=c.money("364.14"), made_on="2026-04-08",
    )  # fmt: skip


@billed(
    "B-105", "A week in advance", "hotspot",
    look="five invoices, each Monday from 30 March", on="2026-03-30",
)  # fmt: skip
def weekly(c: Contract) -> None:
    pays(c, ("04-08", "8.33"), ("04-14", "8.33"), ("04-21", "8.33"), ("04-28", "8.33"))


@billed(
    "B-106", "From the 31st: short months end earlier, long ones do not", "fibre",
    look="billed on 31 January, 28 February, 31 March, 30 April (U-21)", on="2026-01-31",
)  # fmt: skip
def from_the_31st(c: Contract) -> None:
    pays(c, ("02-12", "35.70"), ("03-12", "35.70"), ("04-13", "35.70"))


@billed(
    "B-107", "Billed on the first of the month, begun on the 15th", "fibre",
    look="17 of 31 days on 15 January: 16.45 (U-20); whole months from then on",
    on="2026-01-15", billing_anchor_on="2026-02-01",
)  # fmt: skip
def aligned(c: Contract) -> None:
    pays(c, ("01-23", "19.58"), ("02-10", "35.70"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-108", "Begun last year, and billed by others until now", "fibre",
    look="nothing before 15 January, for billed_until says so",
    on="2026-01-02", starts_on="2025-03-15", billed_until="2026-01-15",
)  # fmt: skip
def taken_over(c: Contract) -> None:
    pays(c, ("01-23", "35.70"), ("02-23", "35.70"), ("03-23", "35.70"), ("04-23", "35.70"))


@billed(
    "B-109", "Begins later", "fibre",
    look="nothing before 16 March", on="2026-01-05", starts_on="2026-03-16",
)  # fmt: skip
def in_the_future(c: Contract) -> None:
    pays(c, ("03-25", "35.70"), ("04-24", "35.70"))


@billed(
    "B-110", "In advance and in arrears on one invoice", "desk",
    look="1 February: the desk for February, the support for January",
)  # fmt: skip
def mixed(c: Contract) -> None:
    pays(c, ("01-12", "23.80"), ("02-10", "41.65"), ("03-10", "41.65"), ("04-10", "41.65"))


@billed(
    "B-111", "A component with a rhythm of its own", "site",
    look="the domain stands on the invoices of January and April only",
)  # fmt: skip
def own_rhythm(c: Contract) -> None:
    pays(c, ("01-12", "40.46"), ("02-10", "11.90"), ("03-10", "11.90"), ("04-10", "40.46"))


@billed(
    "B-112", "An option, booked and given up in the middle of a month", "fibre",
    look="14 days of television on 15 February; 16 days credited on 16 March",
)  # fmt: skip
def option(c: Contract) -> None:
    change(c, "2026-02-15", effective_on="2026-02-15", quantities={"tv": "1"})
    change(c, "2026-03-16", effective_on="2026-03-16", quantities={"tv": "0"})
    pays(
        c, ("01-12", "35.70"), ("02-10", "35.70"), ("02-24", "5.95"), ("03-10", "47.60"),
        ("04-10", "29.56"),
    )  # fmt: skip


@billed(
    "B-113", "An option with a notice of its own", "fibre-sport",
    look="given up on 20 January, a month of notice: billed until 1 March",
    quantities={"sport": "1"},
)  # fmt: skip
def option_with_notice(c: Contract) -> None:
    change(c, "2026-01-20", when="next_allowed", quantities={"sport": "0"})
    pays(c, ("01-12", "49.98"), ("02-10", "49.98"), ("03-10", "35.70"), ("04-10", "35.70"))
