"""Pauses and ends, revoked and not."""

from examples.billing.telling import billed, change, end, pays, pays_monthly
from examples.book import Contract


@billed(
    "B-301", "Paused for a month", "fibre", look="no invoice on 1 February"
)  # fmt: skip
def paused_for_a_month(c: Contract) -> None:
    c.say("ContractPaused", "2026-01-25", source="/crm", paused_from="2026-02-01", cause="customer")
    c.say("ContractResumed", "2026-02-26", source="/crm", resumed_on="2026-03-01", cause="customer")
    pays_monthly(c, "35.70", 1, 3, 4)


@billed(
    "B-302", "Paused when the month was billed", "fibre",
    look="no credit for the rest of February (R-65); 16 days of March on 16 March",
)  # fmt: skip
def paused_in_the_middle(c: Contract) -> None:
    c.say("ContractPaused", "2026-02-11", source="/crm", paused_from="2026-02-11", cause="customer")
    c.say("ContractResumed", "2026-03-16", source="/crm", resumed_on="2026-03-16", cause="customer")
    pays(c, ("01-12", "35.70"), ("02-10", "35.70"), ("03-20", "18.42"), ("04-10", "35.70"))


@billed(
    "B-303", "Paused by a step, with credit, and resumed by the payment", "fibre",
    look="20 days of February credited on 9 February, 9 of them billed again on the 20th",
    attributes={"dunning": "pause"},
)  # fmt: skip
def paused_by_a_step(c: Contract) -> None:
    pays(
        c, ("02-20", "45.90"), ("03-02", "11.47"), ("03-10", "35.70"), ("04-10", "35.70"),
    )  # fmt: skip


@billed("B-304", "Ends with the month", "fibre", look="nothing after February, no credit")
def ends_with_the_month(c: Contract) -> None:
    end(c, "2026-02-10", "2026-03-01")
    pays_monthly(c, "35.70", 1, 2)


@billed(
    "B-305", "Ends at once", "fibre",
    look="18 of 28 days credited on 11 February: that day is not charged any more (R-60)",
)  # fmt: skip
def ends_at_once(c: Contract) -> None:
    end(c, "2026-02-11", "2026-02-11")
    pays(c, ("01-12", "35.70"), ("02-13", "12.74"))


@billed(
    "B-306", "Ends in the middle, billed in arrears", "fibre-later",
    look="the last invoice comes on 11 March, over 10 days",
)  # fmt: skip
def ends_in_arrears(c: Contract) -> None:
    end(c, "2026-03-05", "2026-03-11")
    pays(c, ("02-10", "35.70"), ("03-10", "35.70"), ("03-20", "11.52"))


@billed(
    "B-307", "Annulled from the start", "fibre",
    look="all is credited on 14 January; both numbers are used", on="2026-01-08",
)  # fmt: skip
def annulled(c: Contract) -> None:
    end(c, "2026-01-14", "2026-01-08")


@billed(
    "B-308", "An end that is revoked before it comes", "fibre", look="four invoices, as if nothing"
)  # fmt: skip
def revoked(c: Contract) -> None:
    end(c, "2026-02-10", "2026-03-01")
    c.say("TerminationRevoked", "2026-02-20", source="/crm")
    pays_monthly(c, "35.70")


@billed(
    "B-309", "An end that is revoked when its credit was given", "fibre",
    look="9 days credited on 10 February and billed again on the 13th, to the cent",
)  # fmt: skip
def revoked_after_credit(c: Contract) -> None:
    end(c, "2026-02-10", "2026-02-20")
    c.say("TerminationRevoked", "2026-02-13", source="/crm")
    pays(c, ("01-12", "35.70"), ("02-14", "35.70"), ("03-10", "35.70"), ("04-10", "35.70"))


@billed(
    "B-310", "Ends when the minimum term allows it", "fibre-bound",
    look="asked for on 20 January, three months of term: fixed for 1 April",
)  # fmt: skip
def ends_when_allowed(c: Contract) -> None:
    end(c, "2026-01-20", "2026-01-20", when="next_allowed")
    pays_monthly(c, "35.70", 1, 2, 3)


@billed(
    "B-311", "Ends after what is billed", "fibre-quarter",
    look="asked for on 10 February: fixed for 1 April, no credit",
)  # fmt: skip
def ends_after_the_period(c: Contract) -> None:
    end(c, "2026-02-10", "2026-02-10", when="after_current_period")
    pays(c, ("01-12", "107.10"))


@billed(
    "B-312", "All months have 30 days", "fibre-30-days",
    look="ended on 11 March: 10 days used, 20 of 30 credited",
)  # fmt: skip
def thirty_days(c: Contract) -> None:
    end(c, "2026-03-11", "2026-03-11")
    pays(c, ("01-12", "35.70"), ("02-10", "35.70"), ("03-12", "11.90"))


@billed(
    "B-313", "Billing switched off, and on again", "fibre",
    look="February is billed on the 20th, in full; nothing is lost",
)  # fmt: skip
def switched_off(c: Contract) -> None:
    change(c, "2026-01-20", switches={"billing": False})
    change(c, "2026-02-20", switches={"billing": True})
    pays(c, ("01-12", "35.70"), ("02-24", "35.70"), ("03-10", "35.70"), ("04-10", "35.70"))
