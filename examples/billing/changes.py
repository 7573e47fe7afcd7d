"""Changes: trials, other plans, other quantities, another customer."""

from examples.billing.telling import billed, change, end, pays, pays_monthly
from examples.book import Contract

VIENNA = {"street": "Am Ring 1", "postal_code": "1010", "city": "Wien", "country": "AT"}


@billed(
    "B-201", "Free to try", "fibre",
    look="the rest of January after the trial: 17 of 31 days on 15 January",
    trial_until="2026-01-15",
)  # fmt: skip
def trial(c: Contract) -> None:
    pays(c, ("01-23", "19.58"), ("02-10", "35.70"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-202", "A trial that is prolonged while it runs", "fibre",
    look="the first invoice comes on 1 February", trial_until="2026-01-15",
)  # fmt: skip
def longer_trial(c: Contract) -> None:
    change(c, "2026-01-10", trial_until="2026-02-01")
    pays_monthly(c, "35.70", 2, 3, 4)


@billed(
    "B-203", "A better plan at once", "fibre",
    look="15 February: half of February credited, and billed anew at the new price",
)  # fmt: skip
def upgrade(c: Contract) -> None:
    change(c, "2026-02-15", effective_on="2026-02-15", plan_id="fibre-500")
    pays(
        c, ("01-12", "35.70"), ("02-10", "35.70"), ("02-25", "17.85"), ("03-10", "71.40"),
        ("04-10", "71.40"),
    )  # fmt: skip


@billed(
    "B-204", "A smaller plan at the next allowed date", "fibre-500",
    look="ordered on 20 January, a month of notice: from 1 March, without a credit",
)  # fmt: skip
def downgrade(c: Contract) -> None:
    change(c, "2026-01-20", when="next_allowed", plan_id="fibre")
    pays(c, ("01-12", "71.40"), ("02-10", "71.40"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-205", "More seats, then fewer", "office",
    look="a third seat from 12 January; one seat from 1 March, where nothing is credited",
    quantities={"seat": "2"},
)  # fmt: skip
def seats(c: Contract) -> None:
    change(c, "2026-01-12", effective_on="2026-01-12", quantities={"seat": "3"})
    change(c, "2026-02-20", effective_on="2026-03-01", quantities={"seat": "1"})
    pays(c, ("01-13", "31.48"), ("02-10", "35.70"), ("03-10", "11.90"), ("04-10", "11.90"))


@billed(
    "B-206", "A change that counts from nine days ago", "fibre",
    look="10 March: all of March credited and billed anew",
)  # fmt: skip
def backdated(c: Contract) -> None:
    change(c, "2026-03-10", effective_on="2026-03-01", plan_id="fibre-500")
    pays(
        c, ("01-12", "35.70"), ("02-10", "35.70"), ("03-09", "35.70"), ("03-20", "35.70"),
        ("04-10", "71.40"),
    )  # fmt: skip


@billed(
    "B-207", "Registered after a new version of the plan", "fibre",
    look="39.27 a month: version 2", on="2026-03-01",
)  # fmt: skip
def version_2(c: Contract) -> None:
    pays_monthly(c, "39.27", 3, 4)


@billed(
    "B-208", "Credit after the customer's tax has changed", "fibre",
    look="the credit note of 15 February keeps the 19 % of the invoice",
    person={"kind": "business"},
)  # fmt: skip
def moved_abroad(c: Contract) -> None:
    address = {"name": c.name, **VIENNA}
    c.person = {"tax": "reverse_charge", "vat_id": "ATU13585627", "address": address}
    c.say("CustomerChanged", "2026-02-10", source="/crm", customer=c.customer())
    end(c, "2026-02-15", "2026-02-15")
    pays(c, ("01-12", "35.70"), ("02-16", "17.85"))
