"""The result of a set of ends depends on no order, and all services come to the same (R-63a)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contracts import ContractChanged, ContractEnded, TerminationRevoked
from schemas.escalations import ContractEndRequested
from schemas.frozen import replace
from schemas.invoices import ContractEndFixed
from schemas.message import Refused
from tests.support.desk import Desk
from tests.support.events import Source, end_contract, invoice, policy, registered, terms
from tests.support.metering import MeterRoom, use
from tests.support.meters import metered, published
from tests.support.office import Office
from tests.support.properties import up_to
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}
TODAY = date(2026, 3, 10)
RUN = {"payment_escalation_process_id": "P1", "receivable_id": "A", "reopening": 0}
DAYS = st.dates(date(2026, 3, 11), date(2026, 7, 1))


def requested(step, ends_on):
    when = "after_current_period"
    return ContractEndRequested(**C1, **RUN, step=step, when=when, ends_on=ends_on)


def outside(kind, day):
    if kind == "changed":
        return ContractChanged(**C1, ends_on=day)
    return ContractEnded(**C1, ends_on=day)


def office():
    return Office(plan()).register().until(TODAY)


def desk():
    """Return an account that asks for nothing by itself."""
    return Desk(terms(), day=TODAY).hear(registered())


def ask(given, day):
    """Let dunning have asked for an end, as its own step does."""
    starts_on = given.account.registered.starts_on
    asked = given.account.ends.requested(day, starts_on=starts_on)
    given.account = replace(given.account, ends=asked)


def room():
    return MeterRoom(plan()).register().until(TODAY.month, TODAY.day)


def result(sequence):
    """Return when the contract ends by usage, by invoicing and by dunning."""
    metering, billing, dunning = room(), office(), desk()
    for number, (kind, day) in enumerate(sequence):
        message = requested(number, day) if kind == "asked" else outside(kind, day)
        billing.hear(message)
        metering.hear(message)
        if kind == "asked":
            ask(dunning, day)
        else:
            dunning.hear(message)
    return (
        metering.contract.agreed.ends.on,
        billing.contract.agreed.ends_on,
        dunning.account.ends_on,
    )


@settings(max_examples=up_to(150), deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["ended", "changed"]), DAYS), max_size=4),
    st.lists(st.tuples(st.just("asked"), DAYS), max_size=3),
    st.randoms(use_true_random=False),
)
def test_in_whatever_order_we_and_others_end_a_contract_it_ends_on_one_day(said, asked, random):
    # What others say has an order of its own; what we ask for comes anywhere between.
    mixed = [*said]
    for each in random.sample(asked, len(asked)):
        mixed.insert(random.randint(0, len(mixed)), each)
    last = [day for _, day in said[-1:]]
    ends_on = min([*last, *(day for _, day in asked)], default=None)

    assert result(mixed) == (ends_on, ends_on, ends_on)


def go_on(service, day):
    if isinstance(service, MeterRoom):
        service.until(day.month, day.day)
    else:
        service.until(day)


@settings(max_examples=up_to(100), deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["ended", "changed", "asked"]), DAYS), min_size=1),
    st.integers(0, 60),
    DAYS,
)
def test_what_has_ended_is_revived_by_nothing(said, later, day):
    metering, billing, dunning = room(), office(), desk()
    ends_on, *_ = result(said)
    for each in (metering, billing, dunning):
        each.hear(ContractEnded(**C1, ends_on=ends_on))
        go_on(each, ends_on + timedelta(days=later))
        for message in (
            ContractEnded(**C1, ends_on=max(day, ends_on + timedelta(days=1))),
            ContractChanged(**C1, ends_on=max(day, ends_on + timedelta(days=1))),
            TerminationRevoked(**C1),
        ):
            with pytest.raises(Refused, match="too_late"):
                each.hear(message)

    assert metering.contract.agreed.ends.on == ends_on
    assert billing.contract.agreed.ends_on == dunning.account.ends_on == ends_on


@pytest.mark.parametrize("first", ["outside", "ours"])
def test_an_end_whose_day_invoicing_finds_counts_beside_that_of_others_whoever_was_first(first):
    # Billed until 1 April: that is what our request ends on. The customer says 1 June.
    step = end_contract(5, when="after_current_period")
    given = Desk(terms(policy(step))).hear(registered(plan_id="basic"))
    given.hear(invoice("A", "35.70", date(2026, 3, 4)).said_by(Source("/duestream/invoicing")))
    says = ContractEnded(**C1, ends_on=date(2026, 6, 1))
    if first == "outside":
        given.hear(says).until(date(2026, 3, 9))
    else:
        given.until(date(2026, 3, 9)).hear(says)
    [asked] = given.all_of("ContractEndRequested")
    assert asked.ends_on is None
    billing = office()
    for message in (says, asked) if first == "outside" else (asked, says):
        billing.hear(message)

    [fixed] = billing.all_of("ContractEndFixed")
    given.hear(fixed)

    assert fixed.ends_on == date(2026, 4, 1)
    assert billing.contract.agreed.ends_on == given.account.ends_on == date(2026, 4, 1)


def test_an_earlier_end_of_others_is_said_and_ours_stays_known_behind_it():
    billing, dunning = office(), desk()
    dunning.account = replace(dunning.account, end_requested=True)
    earlier = ContractEnded(**C1, ends_on=date(2026, 3, 20))
    billing.hear(earlier, requested(1, None))
    [fixed] = billing.all_of("ContractEndFixed")

    dunning.hear(earlier, fixed)
    assert (fixed.ends_on, fixed.at_our_request) == (date(2026, 3, 20), date(2026, 4, 1))
    assert billing.contract.agreed.ends_on == dunning.account.ends_on == date(2026, 3, 20)

    # The customer would rather stay until June; we do not wait so long.
    later = ContractEnded(**C1, ends_on=date(2026, 6, 1))
    billing.hear(later), dunning.hear(later)
    assert billing.contract.agreed.ends_on == dunning.account.ends_on == date(2026, 4, 1)


def test_two_who_wait_for_a_day_of_invoicing_get_each_their_own():
    billing, dunning = office(), desk()
    dunning.account = replace(
        dunning.account,
        end_requested=True,
        contract=replace(dunning.account.contract, has_plan=True),
    )
    wish = ContractEnded(**C1, ends_on=date(2026, 5, 20), when="next_allowed")
    billing.hear(wish, requested(1, None))
    dunning.hear(wish)
    assert (dunning.account.end_requested, dunning.account.end_awaited) == (True, True)

    dunning.hear(*billing.all_of("ContractEndFixed"))

    assert [each.ends_on for each in billing.all_of("ContractEndFixed")] == [
        date(2026, 6, 1),
        date(2026, 4, 1),
    ]
    assert billing.contract.agreed.ends_on == dunning.account.ends_on == date(2026, 4, 1)
    assert (dunning.account.end_requested, dunning.account.end_awaited) == (False, False)


def test_an_end_that_was_revoked_is_fixed_no_more():
    dunning, metering = desk(), room().hear(requested(1, None))
    dunning.account = replace(dunning.account, end_requested=True)
    fixed = ContractEndFixed(**C1, payment_escalation_process_id="P1", ends_on=date(2026, 4, 1))

    for each in (dunning, metering):
        each.hear(TerminationRevoked(**C1), fixed)

    assert dunning.account.ends_on is None
    assert metering.contract.agreed.ends.on is None


def test_what_is_used_after_an_end_for_debt_is_not_charged_whatever_others_say_then():
    # Ended for debt on 1 April; the customer's own notice names 1 June.
    metering = MeterRoom(published(metered("calls", meter="seconds", unit_price="0.10")))
    metering.register().until(3, 10).hear(requested(1, date(2026, 4, 1)))
    metering.hear(outside("ended", date(2026, 6, 1)))
    metering.hear(use("a", "03-31 12:00", "10"), use("b", "04-01 12:00", "1000")).until(6, 10)

    assert [charge.net.amount for _, charge in metering.said if hasattr(charge, "net")] == ["1.00"]


def test_an_end_whose_day_invoicing_finds_counts_for_usage_beside_that_of_others():
    billing, metering = office(), room()
    for each in (billing, metering):
        each.hear(ContractEnded(**C1, ends_on=date(2026, 5, 20), when="next_allowed"))
        each.hear(requested(1, None))
    fixed = billing.all_of("ContractEndFixed")

    metering.hear(fixed[0])
    assert metering.contract.agreed.ends.on == date(2026, 6, 1)
    metering.hear(fixed[1])
    assert metering.contract.agreed.ends.on == date(2026, 4, 1)


@pytest.mark.parametrize("known", [None, date(2027, 1, 1)])
def test_u28_what_is_metered_ends_with_the_base_and_not_with_what_is_billed_for_a_year(known):
    """The year of support is billed until January; the base, and calls with it, until April."""
    calls = metered("calls", meter="seconds", unit_price="0.10")
    support = flat("support", "120.00", billing_period="P1Y")
    tariff = plan(flat("base", "30.00"), support, metered=(calls,))
    billing, metering = Office(tariff).register().until(TODAY), MeterRoom(tariff).register()
    metering.until(3, 10)
    for each in (billing, metering):
        each.hear(requested(1, known))

    metering.hear(*billing.all_of("ContractEndFixed"))
    metering.hear(use("a", "03-31 12:00", "10"), use("b", "04-01 12:00", "1000")).until(6, 10)

    assert metering.contract.agreed.ends.on == date(2027, 1, 1)
    assert [charge.net.amount for _, charge in metering.said if hasattr(charge, "net")] == ["1.00"]


def test_r58_an_end_before_the_start_is_none_for_usage_either():
    with pytest.raises(Refused, match="invalid: the contract ends before it starts"):
        room().hear(outside("ended", date(2025, 12, 31)))
