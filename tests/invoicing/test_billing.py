"""Billing: which days stand on which invoice, on which day, for how much."""

from datetime import date
from itertools import pairwise

import pytest

from schemas.context import Context
from schemas.contracts import ContractChanged, ContractEnded
from schemas.days import DayBegan
from schemas.message import NotYet, Refused
from schemas.orders import AddItem, BillInterim, GrantFreePeriod, IssueInvoice
from services.invoicing.model import Contract
from services.invoicing.processor import process
from tests.support.events import eur, registered, terms
from tests.support.office import Office
from tests.support.tariffs import flat, plan, seats

C1 = {"contract_id": "C1"}


def on(month, day, year=2026):
    return date(year, month, day)


def changed(**more):
    return ContractChanged(**C1, **more)


def test_a_contract_is_billed_monthly_in_advance():
    office = Office(plan()).register().until(on(3, 5))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
        "03-01 R-3 35.70 base[03-01,04-01)=30.00",
    ]


def test_a_contract_is_billed_monthly_in_arrears():
    office = Office(plan(bill="in_arrears")).register().until(on(3, 5))

    assert office.story() == [
        "02-01 R-1 35.70 base[01-01,02-01)=30.00",
        "03-01 R-2 35.70 base[02-01,03-01)=30.00",
    ]


def test_what_is_billed_in_advance_and_in_arrears_stands_on_one_invoice():
    mixed = plan(flat("base", "30.00"), flat("support", "9.00", bill="in_arrears"))
    office = Office(mixed).register().until(on(2, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "02-01 R-2 46.41 base[02-01,03-01)=30.00 support[01-01,02-01)=9.00",
    ]
    [_, second] = office.invoices()
    assert (second.period.from_, second.period.until) == (on(1, 1), on(3, 1))


@pytest.mark.parametrize(
    ("starts_on", "edges"),
    [
        (on(1, 29), ["01-29", "02-28", "03-29", "04-29", "05-29"]),
        (on(1, 30), ["01-30", "02-28", "03-30", "04-30", "05-30"]),
        (on(1, 31), ["01-31", "02-28", "03-31", "04-30", "05-31"]),
    ],
    ids=["29th", "30th", "31st"],
)
def test_u21_periods_return_to_the_day_of_the_anchor(starts_on, edges):
    office = Office(plan()).register(starts_on=starts_on).until(on(5, 1))

    whole = pairwise(edges)
    assert [line.split(" ", 3)[3] for line in office.story()] == [
        f"base[{begins},{ends})=30.00" for begins, ends in whole
    ]


def test_u21_a_leap_day_is_an_anchor_too():
    office = Office(plan(billing_period="P1Y"), day=on(2, 29, 2024))
    office.register(starts_on=on(2, 29, 2024)).until(on(3, 1, 2028))

    assert [str(each.period) for each in office.invoices()] == [
        "2024-02-29/2025-02-28",
        "2025-02-28/2026-02-28",
        "2026-02-28/2027-02-28",
        "2027-02-28/2028-02-29",
        "2028-02-29/2029-02-28",
    ]


def test_u20_a_short_first_period_up_to_an_aligned_billing_day():
    office = Office(plan()).register(starts_on=on(1, 15), billing_anchor_on=on(2, 1))

    office.until(on(2, 1))

    assert office.story() == [
        "01-15 R-1 19.58 base[01-15,02-01)=16.45",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
    ]


def test_u20_a_short_first_period_of_a_month_of_30_days():
    office = Office(plan(proration="fixed_30"))
    office.register(starts_on=on(1, 15), billing_anchor_on=on(2, 1)).until(on(1, 15))

    # 14 days were used up to then, 16 of 30 are left.
    assert office.story() == ["01-15 R-1 19.04 base[01-15,02-01)=16.00"]


def test_a_contract_that_others_billed_goes_on_where_they_stopped():
    office = Office(plan(), day=on(3, 10))

    office.register(starts_on=on(1, 1), billed_until=on(3, 16)).until(on(4, 1))

    assert office.story() == [
        "03-16 R-1 18.42 base[03-16,04-01)=15.48",
        "04-01 R-2 35.70 base[04-01,05-01)=30.00",
    ]


def test_u27_a_contract_that_began_in_the_past_gets_one_invoice_over_all_that_is_due():
    office = Office(plan(), day=on(3, 10)).register(starts_on=on(1, 15))

    assert office.story() == [
        "03-10 R-1 71.40 base[01-15,02-15)=30.00 base[02-15,03-15)=30.00",
    ]


def test_a_contract_that_begins_later_gets_no_invoice_before():
    office = Office(plan()).register(starts_on=on(2, 10)).until(on(2, 9))
    assert office.story() == []

    office.until(on(2, 10))

    assert office.story() == ["02-10 R-1 35.70 base[02-10,03-10)=30.00"]


def test_a_start_that_moves_takes_the_billing_day_along_while_nothing_is_billed():
    office = Office(plan()).register(starts_on=on(2, 10))

    office.hear(changed(starts_on=on(1, 20))).until(on(2, 20))

    assert office.story() == [
        "01-20 R-1 35.70 base[01-20,02-20)=30.00",
        "02-20 R-2 35.70 base[02-20,03-20)=30.00",
    ]


def test_the_day_of_an_entity_that_has_not_begun_bills_nothing():
    contract, said = process(
        Contract(contract_id="C1"), registered(plan_id="basic"), Context(terms(plan()))
    )

    # The first day, whenever that is, looks at it.
    assert (said, contract.wake_on) == ((), date.min)


@pytest.mark.parametrize(
    "early",
    [
        IssueInvoice(**C1, items=({"name": "Item", "net": eur("1.00")},)),
        BillInterim(**C1, what="all"),
        GrantFreePeriod(**C1, periods=1),
        ContractEnded(**C1, ends_on=date(2026, 1, 1), when="after_current_period"),
        ContractChanged(**C1, plan_id="basic", when="next_allowed"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_what_needs_a_day_waits_for_the_first(early):
    published = terms(plan())
    contract, _ = process(
        Contract(contract_id="C1"), registered(plan_id="basic"), Context(published)
    )

    with pytest.raises(NotYet, match="day"):
        process(contract, early, Context(published))


def test_what_comes_before_the_first_day_is_billed_on_it():
    usage_only = plan().model_copy(update={"recurring": ()})
    published = terms(usage_only)
    contract, _ = process(
        Contract(contract_id="C1"), registered(plan_id="basic"), Context(published)
    )
    contract, said = process(
        contract, AddItem(**C1, name="Item", net=eur("1.00")), Context(published)
    )
    assert (said, contract.wake_on) == ((), date.min)

    began = DayBegan(legal_entity_id="acme", day=on(1, 5))
    contract, said = process(contract, began, Context(published.including(began)))

    assert (said, contract.wake_on) == ((), on(2, 1))


@pytest.mark.parametrize(
    ("missing", "published"), [("legal entity", []), ("plan", [plan(plan_id="other")])]
)
def test_a_contract_waits_for_its_legal_entity_and_its_plan(missing, published):
    entity = "other" if missing == "legal entity" else "acme"

    with pytest.raises(NotYet, match=missing):
        Office(*published).register(legal_entity_id=entity)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"currency": "CHF"}, "currency"),
        ({"quantities": {"base": "-1"}}, "invalid"),
    ],
)
def test_a_contract_fits_its_plan(more, code):
    with pytest.raises(Refused, match=code):
        Office(plan()).register(**more)


def test_a_quantity_of_what_the_plan_has_not_is_no_reason_to_bill_nothing():
    office = Office(plan()).register(quantities={"seats": "3"})

    assert office.story() == ["01-01 R-1 35.70 base[01-01,02-01)=30.00"]


def test_a_plan_of_another_legal_entity_is_a_conflict():
    with pytest.raises(Refused, match="conflict"):
        Office(plan(legal_entity_id="other")).register()


def test_a_contract_without_a_plan_is_left_to_others():
    office = Office(plan()).register(plan_id=None).until(on(3, 1))
    assert (office.story(), office.contract.wake_on) == ([], None)

    office.hear(changed(plan_id="basic"))

    assert office.story() == ["03-01 R-1 35.70 base[03-01,04-01)=30.00"]


def test_a_version_that_is_not_named_is_the_one_said_last_and_stays():
    office = Office(plan(), plan(flat("base", "40.00"), version=2)).register()
    office.publish(plan(flat("base", "50.00"), version=3)).until(on(2, 1))
    assert [each.net.amount for each in office.invoices()] == ["40.00", "40.00"]

    office.hear(changed(plan_version=3, effective_on=on(2, 1)))

    assert office.story()[2:] == [
        "02-01 G-1 47.60 base[02-01,03-01)=40.00",
        "02-01 R-3 59.50 base[02-01,03-01)=50.00",
    ]


def test_an_option_has_a_rhythm_of_its_own_and_is_booked_where_it_is_named():
    option = flat("domain", "120.00", optional=True, billing_period="P1Y")
    monthly = plan(flat("base", "30.00"), option)
    without = Office(monthly).register().until(on(1, 31))
    office = Office(monthly).register(quantities={"domain": "1"}).until(on(2, 1))

    assert without.story() == ["01-01 R-1 35.70 base[01-01,02-01)=30.00"]
    assert office.story() == [
        "01-01 R-1 178.50 base[01-01,02-01)=30.00 domain[01-01,01-01)=120.00",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
    ]


def test_what_is_charged_once_stands_on_the_first_invoice():
    office = Office(plan(one_time=(flat("setup", "49.00"),))).register().until(on(2, 1))

    assert office.story() == [
        "01-01 R-1 94.01 base[01-01,02-01)=30.00 setup=49.00",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
    ]


def test_another_plan_charges_once_what_it_charges_once():
    setup = (flat("setup", "49.00"),)
    big = plan(flat("base", "30.00"), plan_id="big", one_time=setup)
    office = Office(plan(one_time=setup), big).register().until(on(1, 10))

    office.hear(changed(plan_id="big")).until(on(1, 12))

    # The base costs the same: nothing is credited and billed again.
    assert office.story()[1:] == ["01-10 R-2 58.31 setup=49.00"]


@pytest.mark.parametrize(
    ("hours", "billed_on"),
    [(0, "02-01"), (1, "02-02"), (24, "02-02"), (25, "02-03"), (None, "02-02")],
)
def test_u30_an_invoice_with_metered_lines_waits_for_them(hours, billed_on):
    metered = plan(metered=(flat("calls", "1.00", meter="calls"),), billing_delay_hours=hours)
    office = Office(metered).register().until(on(2, 5))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        f"{billed_on} R-2 35.70 base[02-01,03-01)=30.00",
    ]


def test_u30_an_invoice_without_metered_lines_does_not_wait():
    office = Office(plan(billing_delay_hours=72)).register().until(on(2, 1))

    assert len(office.invoices()) == 2


def test_what_costs_nothing_makes_no_document_and_counts_as_billed():
    office = Office(plan(flat("base", "0.00"))).register().until(on(3, 1))
    assert (office.story(), office.contract.billed) == ([], 3)

    office.hear(changed(plan_version=1, quantities={"base": "1"}))

    assert office.story() == []


def test_a_quantity_of_nothing_is_not_billed():
    office = Office(plan(flat("base", "30.00"), seats("5.00"))).register(quantities={"seats": "0"})

    assert office.story() == ["01-01 R-1 35.70 base[01-01,02-01)=30.00"]


def test_billing_that_is_switched_off_bills_all_that_was_due_when_it_is_on_again():
    office = Office(plan()).register(switches={"billing": False}).until(on(2, 16))
    assert (office.story(), office.contract.wake_on) == ([], None)

    office.hear(changed(switches={"billing": True}))

    assert office.story() == [
        "02-16 R-1 71.40 base[01-01,02-01)=30.00 base[02-01,03-01)=30.00",
    ]


def test_r34_late_days_bill_nothing_and_the_next_one_makes_up_for_them():
    office = Office(plan()).register().until(on(1, 20)).until(on(3, 14), late=True)
    assert len(office.invoices()) == 1

    office.until(on(3, 16))

    assert office.story()[1:] == [
        "03-15 R-2 35.70 base[02-01,03-01)=30.00",
        "03-15 R-3 35.70 base[03-01,04-01)=30.00",
    ]
    # They are due from the day on which they were really issued.
    assert {each.due_on for each in office.invoices()[1:]} == {on(3, 30)}


def test_r34_what_is_said_on_a_late_day_is_billed_on_the_next_that_is_not():
    office = Office(plan()).register().until(on(1, 20), late=True)
    office.hear(changed(quantities={"base": "0"}, effective_on=on(1, 20)))
    assert office.story()[1:] == []

    office.until(on(1, 21))

    assert office.story()[1:] == ["01-21 G-1 13.82 base[01-20,02-01)=11.61"]


def test_an_outage_of_a_month_gives_the_same_periods_lines_and_amounts():
    mixed = plan(
        flat("base", "29.99"), flat("support", "9.95", bill="in_arrears"), billing_period="P2W"
    )
    on_time = Office(mixed).register().until(on(4, 20))
    late = Office(mixed).register().until(on(2, 3)).until(on(3, 3), late=True).until(on(4, 20))

    def content(office):
        return [line.split(" ", 1)[1] for line in office.story()]

    assert len(on_time.story()) == 8
    assert content(late) == content(on_time)


def test_a_day_of_another_legal_entity_changes_nothing():
    office = Office(plan()).register().until(on(1, 20))
    foreign = DayBegan(legal_entity_id="other", day=on(2, 5))

    after, said = process(office.contract, foreign, Context(office.terms.including(foreign)))

    assert (said, after.invoices) == ((), office.contract.invoices)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, ("4", "4.50", None)),
        # 13.50 and 9.00 for four.
        ({"free_units": "1"}, ("4", "13.50", "4")),
        ({"model": "package", "package_size": "2"}, ("4", "9.00", "4")),
    ],
)
def test_u62_quantity_times_price_by_its_base_is_the_net_amount(more, said):
    office = Office(plan(seats("4.50", **more))).register(quantities={"seats": "4"})

    [invoice] = [each for _, each in office.said]

    [line] = invoice.lines
    assert (line.quantity, line.unit_price, line.price_base_quantity) == said
