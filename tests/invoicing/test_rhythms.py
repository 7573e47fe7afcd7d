"""Components with a rhythm of their own: grants, ends after the period, and invoices ahead."""

from datetime import date

import pytest

from schemas.charges import UsageCharged
from schemas.contracts import ContractEnded, TerminationRevoked
from schemas.escalations import ContractEndRequested
from schemas.message import Refused
from schemas.orders import GrantDiscount, GrantFreePeriod
from tests.support.events import eur
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}
YEARLY = plan(
    flat("base", "31.00"),
    flat("year", "365.00", billing_period="P1Y", optional=True),
    metered=(flat("calls", "1.00", meter="calls"),),
    billing_delay_hours=0,
)
BOOKED = {"quantities": {"year": "1"}}


def on(month, day, year=2026):
    return date(year, month, day)


def asked(**more):
    about = {"receivable_id": "R", "reopening": 0, "step": 1}
    said = {"payment_escalation_process_id": "P", "when": "after_current_period"}
    return ContractEndRequested(**C1, **about, **said | more)


def touches(message):
    return [(each.component_id, each.from_on, each.until) for each in message.touches]


def test_u28_a_free_period_beside_a_yearly_component_is_the_next_one_of_the_plan():
    """Seen: ten months late, in January of the year that comes."""
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10))

    office.hear(GrantFreePeriod(**C1, periods=1)).until(on(4, 1))

    [granted] = office.all_of("FreePeriodGranted")
    assert touches(granted) == [("base", on(3, 1), on(4, 1))]
    assert [each.issued_on for each in office.invoices()] == [on(1, 1), on(2, 1), on(4, 1)]


def test_u28_a_first_month_that_is_free_takes_none_of_the_year_that_is_billed_with_it():
    office = Office(YEARLY).register(**BOOKED, starts_on=on(2, 1))

    office.hear(GrantFreePeriod(**C1, periods=1)).until(on(3, 1))

    [year, base] = [line for each in office.invoices() for line in each.lines]
    assert (year.component_id, year.period.from_, year.period.until) == (
        "year",
        on(2, 1),
        on(2, 1, 2027),
    )
    assert (base.component_id, base.period.from_) == ("base", on(3, 1))


def test_u28_a_free_period_of_a_yearly_component_is_a_year():
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10))

    office.hear(GrantFreePeriod(**C1, periods=1, component_id="year"))

    [granted] = office.all_of("FreePeriodGranted")
    assert touches(granted) == [("year", on(1, 1, 2027), on(1, 1, 2028))]
    office.until(on(1, 1, 2028))
    assert [each.issued_on for each in office.invoices() if each.net.amount == "396.00"] == [
        on(1, 1),
        on(1, 1, 2028),
    ]


def test_u28_a_discount_beside_a_yearly_component_is_off_the_next_period_of_the_plan():
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10))

    office.hear(GrantDiscount(**C1, percent="10", periods=2)).until(on(5, 1))

    [granted] = office.all_of("DiscountGranted")
    assert touches(granted) == [("base", on(3, 1), on(5, 1)), ("calls", on(3, 1), on(5, 1))]
    assert [each.net.amount for each in office.invoices()] == [
        "396.00", "31.00", "27.90", "27.90", "31.00",
    ]  # fmt: skip


def test_u28_a_discount_of_a_yearly_component_counts_in_years():
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10))

    office.hear(GrantDiscount(**C1, amount=eur("65.00"), periods=1, component_id="year"))

    [granted] = office.all_of("DiscountGranted")
    assert touches(granted) == [("year", on(1, 1, 2027), on(1, 1, 2028))]
    office.until(on(1, 1, 2027))
    assert office.invoices()[-1].net.amount == "331.00"


def test_u28_a_grant_until_further_notice_has_no_end():
    office = Office(plan()).register().hear(GrantDiscount(**C1, percent="5"))

    [granted] = office.all_of("DiscountGranted")
    assert (granted.percent, touches(granted)) == ("5", [("base", on(2, 1), None)])


@pytest.mark.parametrize("name", ["setup", "other"])
def test_u28_what_is_charged_once_or_not_at_all_has_no_coming_periods(name):
    office = Office(plan(one_time=(flat("setup", "49.00"),))).register()

    with pytest.raises(Refused, match=f"charged again: {name}"):
        office.hear(GrantDiscount(**C1, percent="5", component_id=name))
    with pytest.raises(Refused, match=f"charged again: {name}"):
        office.hear(GrantFreePeriod(**C1, periods=1, component_id=name))


def test_u28_a_discount_of_usage_is_off_usage():
    """Accepted and never given before."""
    office = Office(YEARLY).register().hear(GrantDiscount(**C1, percent="50", component_id="calls"))
    january = {"from_": on(1, 1), "until": on(2, 1)}
    calls = {"charge_id": "1", "component_id": "calls", "period": january, "quantity": "10"}
    office.until(on(1, 31)).hear(UsageCharged(**C1, **calls, net=eur("10.00"))).until(on(2, 1))

    assert office.story()[1:] == [
        "02-01 R-2 42.84 base[02-01,03-01)=31.00 calls[01-01,02-01)=10.00 calls[01-01,02-01)=-5.00"
    ]


@pytest.mark.parametrize(
    "message",
    [
        ContractEnded(**C1, ends_on=on(2, 10), when="after_current_period", cause="customer"),
        asked(),
        asked(ends_on=on(1, 1, 2027)),
    ],
)
def test_u28_an_end_after_the_period_bills_nothing_new_and_each_component_runs_out(message):
    """Seen: ten more months of the base, because a year of something else was billed."""
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10))

    office.hear(message).until(on(2, 1, 2027))

    assert office.contract.agreement.ends_on == on(1, 1, 2027)
    assert [each.issued_on for each in office.invoices()] == [on(1, 1), on(2, 1)]
    assert office.credits() == []
    [fixed] = office.all_of("ContractEndFixed")
    assert [(each.component_id, each.ends_on) for each in fixed.components] == [
        ("base", on(3, 1)),
        ("calls", on(3, 1)),
    ]


def customer_ends(day, when="on_date"):
    return ContractEnded(**C1, ends_on=day, when=when, cause="customer")


def test_r63a_a_day_that_is_named_later_takes_the_place_of_an_end_after_what_is_billed():
    """Seen: the base ended on 1 March all the same, and was served for nothing until June."""
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10))
    office.hear(customer_ends(on(2, 10), when="after_current_period"))

    office.hear(customer_ends(on(6, 1))).until(on(2, 1, 2027))

    months = [on(1, 1), on(2, 1), on(3, 1), on(4, 1), on(5, 1)]
    assert [each.issued_on for each in office.invoices()] == months
    assert office.contract.agreement.ends_on == on(6, 1)


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_r63a_what_runs_out_at_our_request_does_so_whatever_day_others_name(first):
    said = [asked(), customer_ends(on(6, 1))]
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10))

    office.hear(*said if first == "ours" else reversed(said)).until(on(2, 1, 2027))

    # The base runs out on 1 March; the year, billed until January, is credited from June on.
    assert [each.issued_on for each in office.invoices()] == [on(1, 1), on(2, 1)]
    [note] = office.credits()
    assert [(str(line.period.from_), str(line.period.until)) for line in note.lines] == [
        ("2026-06-01", "2027-01-01")
    ]


def test_u28_what_is_billed_afterwards_runs_through_its_running_period():
    office = Office(plan(flat("base", "31.00"), flat("after", "28.00", bill="in_arrears")))
    office.register().until(on(2, 10)).hear(asked()).until(on(4, 1))

    assert office.story()[1:] == [
        "02-01 R-2 70.21 base[02-01,03-01)=31.00 after[01-01,02-01)=28.00",
        "03-01 R-3 33.32 after[02-01,03-01)=28.00",
    ]


def test_u28_a_minimum_is_asked_no_longer_than_the_base_runs():
    bounded = YEARLY.model_copy(update={"minimum": eur("50.00")})
    office = Office(bounded).register(**BOOKED).until(on(2, 10)).hear(asked()).until(on(6, 1))

    assert office.story()[1:] == [
        "02-01 R-2 59.50 base[02-01,03-01)=31.00 minimum[01-01,02-01)=19.00",
        "03-01 R-3 22.61 minimum[02-01,03-01)=19.00",
    ]


def test_u28_a_revocation_lets_everything_go_on():
    office = Office(YEARLY).register(**BOOKED).until(on(2, 10)).hear(asked()).until(on(4, 10))

    office.hear(TerminationRevoked(**C1)).until(on(5, 1))

    assert office.story()[2:] == [
        "04-10 R-3 73.78 base[03-01,04-01)=31.00 base[04-01,05-01)=31.00",
        "05-01 R-4 36.89 base[05-01,06-01)=31.00",
    ]


@pytest.mark.parametrize(("day", "documents"), [(17, 1), (18, 2)])
def test_u26_a_period_in_advance_is_billed_so_many_days_before_it(day, documents):
    office = Office(plan(bill_days_before=14)).register().until(on(1, day))

    assert len(office.invoices()) == documents
    if documents == 2:
        assert office.story()[1] == "01-18 R-2 35.70 base[02-01,03-01)=30.00"


def test_u26_the_first_period_too_where_it_is_known():
    office = Office(plan(bill_days_before=14)).register(starts_on=on(1, 20)).until(on(1, 6))

    assert office.story() == ["01-06 R-1 35.70 base[01-20,02-20)=30.00"]


def test_u26_a_period_that_was_billed_ahead_runs_out_too():
    office = Office(plan(bill_days_before=14)).register().until(on(1, 20))

    office.hear(asked()).until(on(4, 1))

    assert office.contract.agreement.ends_on == on(3, 1)
    assert (len(office.invoices()), office.credits()) == (2, [])


def test_u26_what_an_end_leaves_unserved_of_a_period_billed_ahead_is_credited():
    office = Office(plan(bill_days_before=14)).register().until(on(1, 20))

    office.hear(ContractEnded(**C1, ends_on=on(2, 1)))

    assert office.story()[2:] == ["01-20 G-1 35.70 base[02-01,03-01)=30.00"]
