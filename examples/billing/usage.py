"""Usage: charges come from outside, and are put on invoices."""

from examples.billing.telling import billed, change, pays, use
from examples.book import Contract

JANUARY = ("2026-01-01", "2026-02-01")
FEBRUARY = ("2026-02-01", "2026-03-01")


@billed(
    "B-501", "What was used, with the next month", "metered",
    look="2 February: a day of delay for the meters; 1 March: closed, so at once",
)  # fmt: skip
def used(c: Contract) -> None:
    use(c, 1, "2026-02-01", "12.34", of=JANUARY)
    february = use(c, 2, "2026-03-01", "8.00", of=FEBRUARY)
    period = {"from": FEBRUARY[0], "until": FEBRUARY[1]}
    c.say("PeriodClosed", "2026-03-01", source="/meters", at="07:00", period=period)
    c.say(
        "UsageCorrected", "2026-03-20", source="/meters", correction_id="B-501-U2-1",
        charge_id=february, component_id="data", period=period, net=c.money("-2.00"),
    )  # fmt: skip
    pays(c, ("01-12", "11.90"), ("02-10", "26.58"), ("03-10", "21.42"), ("04-10", "9.52"))


@billed(
    "B-502", "Usage billed between, because a clerk asks for it", "metered",
    look="30.00 of usage on 20 January, the rest on 2 February",
)  # fmt: skip
def interim(c: Contract) -> None:
    use(c, 1, "2026-01-20", "30.00", of=("2026-01-01", "2026-01-20"))
    c.instruct("BillInterim", "2026-01-20", what="usage")
    use(c, 2, "2026-02-01", "5.00", of=("2026-01-20", "2026-02-01"))
    pays(
        c, ("01-12", "11.90"), ("01-28", "35.70"), ("02-10", "17.85"), ("03-10", "11.90"),
        ("04-10", "11.90"),
    )  # fmt: skip


WEEKS = [
    ("2026-01-08", "20.00", ("2026-01-01", "2026-01-08")),
    ("2026-01-14", "20.00", ("2026-01-08", "2026-01-14")),
    ("2026-01-21", "15.00", ("2026-01-14", "2026-01-21")),
]


@billed(
    "B-503", "Usage billed between, because it reaches 50.00", "metered-50",
    look="55.00 on 21 January (U-17)",
)  # fmt: skip
def threshold(c: Contract) -> None:
    for number, (day, net, of) in enumerate(WEEKS, start=1):
        use(c, number, day, net, of=of)
    pays(
        c, ("01-12", "11.90"), ("01-28", "65.45"), ("02-10", "11.90"), ("03-10", "11.90"),
        ("04-10", "11.90"),
    )  # fmt: skip


@billed(
    "B-504", "The same, with threshold billing switched off", "metered-50",
    look="all of it on 2 February", switches={"threshold_billing": False},
)  # fmt: skip
def no_threshold(c: Contract) -> None:
    for number, (day, net, of) in enumerate(WEEKS, start=1):
        use(c, number, day, net, of=of)
    change(c, "2026-02-16", switches={"threshold_billing": True})
    pays(c, ("01-12", "11.90"), ("02-10", "77.35"), ("03-10", "11.90"), ("04-10", "11.90"))


@billed(
    "B-505", "All that was served billed between, because a clerk asks for it", "fibre-later",
    look="ten days of March on 11 March, the other 21 on 1 April",
)  # fmt: skip
def interim_of_all(c: Contract) -> None:
    c.instruct("BillInterim", "2026-03-11", what="all")
    pays(c, ("02-10", "35.70"), ("03-10", "35.70"), ("03-20", "11.52"), ("04-10", "24.18"))


@billed(
    "B-506", "A month costs 25.00 at least", "metered-25",
    look="2 February: 12.00 are missing of January; from then on 15.00 (U-15)",
)  # fmt: skip
def minimum(c: Contract) -> None:
    use(c, 1, "2026-02-01", "3.00", of=JANUARY)
    pays(c, ("01-12", "11.90"), ("02-10", "29.75"), ("03-10", "29.75"), ("04-10", "29.75"))
