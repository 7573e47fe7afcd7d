"""A service has the rate of VAT of the day on which it ends, whenever that is known (U-24)."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded, TerminationRevoked
from schemas.orders import BillInterim
from tests.support.events import ACME
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}
# Sixteen percent from the first of July.
NEW_RATE = ACME.model_copy(update={"vat_rates": {date(2026, 7, 1): "16"}})


def on(month, day, year=2026):
    return date(year, month, day)


def yearly(**more):
    charge = flat("base", "365.00", **more)
    office = Office(plan(charge, billing_period="P1Y"), NEW_RATE, day=on(6, 2))
    return office.register(starts_on=on(6, 2)).until(on(6, 20))


def taxes(office):
    """Return each document with its net and tax."""
    documents = [*office.invoices(), *office.credits()]
    return {each.number: (each.net.amount, each.tax.amount) for each in documents}


def test_u24_a_service_that_ends_before_the_new_rate_is_taxed_at_the_old_one():
    office = yearly().hear(ContractEnded(**C1, ends_on=on(6, 22)))

    assert taxes(office) == {
        "R-1": ("365.00", "58.40"),
        "G-1": ("365.00", "58.40"),
        "R-2": ("20.00", "3.80"),
    }


@pytest.mark.parametrize(
    ("ends_on", "documents"),
    [
        # The thirtieth of June is the last day: the old rate. 29 and 30 of 365 days.
        (on(7, 1), {"G-1": ("365.00", "58.40"), "R-2": ("29.00", "5.51")}),
        (on(7, 2), {"G-1": ("335.00", "53.60")}),
    ],
)
def test_u24_both_sides_of_the_day_on_which_the_rate_changes(ends_on, documents):
    office = yearly().hear(ContractEnded(**C1, ends_on=ends_on))

    assert taxes(office) == {"R-1": ("365.00", "58.40")} | documents


def test_u24_an_end_that_is_revoked_brings_the_new_rate_back():
    office = yearly().hear(ContractEnded(**C1, ends_on=on(6, 25)), TerminationRevoked(**C1))

    assert taxes(office) == {
        "R-1": ("365.00", "58.40"),
        "G-1": ("365.00", "58.40"),
        "R-2": ("23.00", "4.37"),
        "G-2": ("23.00", "4.37"),
        "R-3": ("365.00", "58.40"),
    }


def test_u24_a_component_with_a_rate_of_its_own_keeps_it():
    office = yearly(vat_rate="7").hear(ContractEnded(**C1, ends_on=on(6, 22)))

    assert taxes(office) == {"R-1": ("365.00", "25.55"), "G-1": ("345.00", "24.15")}


def test_u24_a_part_that_is_billed_between_has_the_rate_of_the_whole():
    monthly = plan(flat("base", "31.00"), bill="in_arrears")
    office = Office(monthly, NEW_RATE, day=on(6, 15)).register(starts_on=on(6, 15))
    office.until(on(6, 25)).hear(BillInterim(**C1, what="all")).until(on(7, 15))

    # Ten and twenty of thirty days, all finished in July.
    assert taxes(office) == {"R-1": ("10.33", "1.65"), "R-2": ("20.67", "3.31")}


def test_u24_a_rate_that_becomes_law_later_corrects_nothing_by_itself():
    office = Office(plan(flat("base", "365.00"), billing_period="P1Y"), day=on(6, 2))
    office.register(starts_on=on(6, 2)).until(on(6, 10)).publish(
        NEW_RATE.model_copy(update={"version": 2})
    )

    office.hear(ContractEnded(**C1, ends_on=on(5, 1, 2027)))

    # 32 of 365 days, at the rate of the invoice.
    assert taxes(office) == {"R-1": ("365.00", "69.35"), "G-1": ("32.00", "6.08")}
