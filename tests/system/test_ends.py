"""The result of a set of ends depends on no order, and all services come to the same (R-63a)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contracts import ContractChanged, ContractEnded, TerminationRevoked
from schemas.escalations import ContractEndRequested
from schemas.frozen import replace
from schemas.invoices import ContractEndFixed
from schemas.message import NotYet, Refused
from tests.support.desk import Desk
from tests.support.events import Source, end_contract, invoice, policy, registered, terms
from tests.support.life import Inbox
from tests.support.metering import MeterRoom, use
from tests.support.meters import metered, published
from tests.support.office import Office
from tests.support.properties import up_to
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}
TODAY = date(2026, 3, 10)
RUN = {"receivable_id": "A", "reopening": 0}
APRIL_1 = date(2026, 4, 1)
DAYS = st.dates(date(2026, 3, 11), date(2026, 7, 1))


def requested(step, ends_on, by="P1"):
    said = {"payment_escalation_process_id": by, "when": "after_current_period"}
    return ContractEndRequested(**C1, **RUN, **said, step=step, ends_on=ends_on)


def revoked(of):
    return TerminationRevoked(**C1, payment_escalation_process_id=of)


def outside(kind, day):
    if kind == "changed":
        return ContractChanged(**C1, ends_on=day)
    return ContractEnded(**C1, ends_on=day)


class Patient:
    """A service with what waits for it: applied behind what it waited for, as the engine does."""

    def __init__(self, hear):
        self.hear_one, self.waiting = hear, []

    def hear(self, message):
        if self._takes(message):
            while any(self._takes(each, again=True) for each in tuple(self.waiting)):
                pass

    def _takes(self, message, *, again=False):
        try:
            self.hear_one(message)
        except NotYet:
            self.waiting += [] if again else [message]
            return False
        if again:
            self.waiting.remove(message)
        return True


def office():
    return Office(plan()).register().until(TODAY)


def desk():
    """Return an account that asks for nothing by itself."""
    return Desk(terms(), day=TODAY).hear(registered())


def ask(given, day, by="P1"):
    """Let dunning have asked for an end, as its own step does."""
    starts_on = given.account.registered.starts_on
    asked = given.account.ends.requested(by, day, starts_on=starts_on)
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


def shuffled(random, *topics):
    """Return the messages of *topics*, each in its order, one topic anyhow among the others."""
    turns = [each for each in topics for _ in each]
    random.shuffle(turns)
    left = {id(each): iter(each) for each in topics}
    return [next(left[id(each)]) for each in turns]


def said_outside(kind, value):
    """Return what is said on ``contracts``: an end, a wish for one, or a revocation by name."""
    if kind == "revoked":
        return revoked(value)
    if kind == "wished":
        return ContractEnded(**C1, ends_on=TODAY, when="after_current_period")
    return outside(kind, value)


PROCESSES = st.sampled_from(["P1", "P2", "P3"])
SAID = st.one_of(
    st.tuples(st.just("revoked"), PROCESSES),
    st.tuples(st.sampled_from(["ended", "changed"]), DAYS),
    st.tuples(st.just("wished"), st.none()),
)


@settings(max_examples=up_to(150), deadline=None)
@given(
    st.lists(SAID, max_size=5),
    st.lists(st.tuples(PROCESSES, st.one_of(st.none(), DAYS)), max_size=4),
    st.randoms(use_true_random=False),
)
def test_r63_a_revocation_by_name_and_the_request_cross_and_come_to_one_end(said, asked, random):
    """Three topics, each in its order, arrive anyhow among each other in all three services."""
    contracts = [said_outside(*each) for each in said]
    escalations = [requested(n, day, by) for n, (by, day) in enumerate(asked)]
    dunning, billing, metering = desk(), office(), room()
    with_plan = replace(dunning.account.contract, has_plan=True)
    dunning.account = replace(dunning.account, contract=with_plan)

    invoicing = Patient(billing.hear)
    for message in shuffled(random, contracts, escalations):
        invoicing.hear(message)
    invoices = billing.all_of("ContractEndFixed")
    usage = Patient(metering.hear)
    for message in shuffled(random, contracts, escalations, invoices):
        usage.hear(message)

    def at_the_desk(message):
        if isinstance(message, ContractEndRequested):
            ask(dunning, message.ends_on, message.payment_escalation_process_id)
        else:
            dunning.hear(message)

    dunnings = Patient(at_the_desk)
    for message in shuffled(random, contracts, escalations, invoices):
        dunnings.hear(message)

    # What is billed until 1 April is what an end after the period ends on.
    gone = {name for kind, name in said if kind == "revoked"}
    ours = [day or APRIL_1 for by, day in asked if by not in gone]
    others = [day or APRIL_1 for kind, day in said if kind != "revoked"][-1:]
    ends_on = min([*ours, *others], default=None)
    assert metering.contract.agreed.ends.on == ends_on
    assert billing.contract.agreed.ends_on == ends_on
    assert dunning.account.ends_on == ends_on


def test_r63_a_run_whose_end_was_revoked_by_its_name_does_not_ask_for_one_again():
    # The end of day 5 is revoked by its name on that day; the step of day 9 asks for nothing.
    ends = {"when": "after_current_period"}
    step, later = end_contract(5, **ends), end_contract(9)
    given = Desk(terms(policy(step, later))).hear(registered(billed_until=APRIL_1))
    given.hear(invoice("A", "35.70", date(2026, 3, 4))).until(date(2026, 3, 9))
    [asked] = given.all_of("ContractEndRequested")
    assert given.account.ends_on == APRIL_1

    given.hear(revoked(asked.payment_escalation_process_id)).until(date(2026, 3, 20))

    assert given.account.ends_on is None
    assert len(given.all_of("ContractEndRequested")) == 1
    *_, last = given.all_of("StepDecided")
    assert (last.outcome, last.rule, last.facts["end_revoked"]) == ("no_op", "R-63", True)


def test_r63_components_that_run_out_for_debt_go_on_when_that_end_is_revoked():
    # 30.00 a month: the request lets it run out on 1 April; the customer's own end is 1 June.
    billing = office().hear(outside("ended", date(2026, 6, 1)), requested(1, None))
    assert billing.contract.agreed.ends_on == APRIL_1

    billing.hear(revoked("P1")).until(date(2026, 6, 5))

    assert billing.contract.agreed.ends_on == date(2026, 6, 1)
    assert [each.period.from_ for each in billing.invoices()] == [
        date(2026, month, 1) for month in (1, 2, 3, 4, 5)
    ]
    assert billing.credits() == []


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
    ask(dunning, None)
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
    with_plan = replace(dunning.account.contract, has_plan=True)
    dunning.account = replace(dunning.account, contract=with_plan)
    ask(dunning, None)
    wish = ContractEnded(**C1, ends_on=date(2026, 5, 20), when="next_allowed")
    billing.hear(wish, requested(1, None))
    dunning.hear(wish)
    waits_for = dunning.account.ends
    assert (waits_for.is_requested, waits_for.is_awaited) == (True, True)

    dunning.hear(*billing.all_of("ContractEndFixed"))

    assert [each.ends_on for each in billing.all_of("ContractEndFixed")] == [
        date(2026, 6, 1),
        date(2026, 4, 1),
    ]
    assert billing.contract.agreed.ends_on == dunning.account.ends_on == date(2026, 4, 1)
    waits_for = dunning.account.ends
    assert (waits_for.is_requested, waits_for.is_awaited) == (False, False)


def test_an_end_that_was_revoked_is_fixed_no_more():
    dunning, metering = desk(), room().hear(requested(1, None))
    ask(dunning, None)
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


@pytest.mark.parametrize("read_first", ["each answer", "both wishes"])
def test_a_second_wish_for_the_same_day_has_an_answer_of_its_own(read_first):
    billing, metering, dunning = office(), room(), desk()
    with_plan = replace(dunning.account.contract, has_plan=True)
    dunning.account = replace(dunning.account, contract=with_plan)
    wish = ContractEnded(**C1, ends_on=TODAY, when="after_current_period")
    billing.hear(wish, TerminationRevoked(**C1), wish)
    first, second = billing.all_of("ContractEndFixed")

    inboxes = {"each answer": (wish, first, TerminationRevoked(**C1), wish, second)}
    inboxes["both wishes"] = (wish, TerminationRevoked(**C1), wish, first, second)
    for each in (metering, dunning):
        is_new = Inbox().is_new
        each.hear(*(message for message in inboxes[read_first] if is_new(message)))

    assert (first.ends_on, second.ends_on) == (APRIL_1, APRIL_1)
    assert (first.wish, second.wish) == (None, 2)
    assert metering.contract.agreed.ends.on == dunning.account.ends_on == APRIL_1
    assert not metering.contract.agreed.ends.is_awaited and not dunning.account.ends.is_awaited


def test_the_answer_to_a_first_wish_is_called_as_before_it_had_a_number():
    fixed = ContractEndFixed(**C1, ends_on=APRIL_1)

    assert fixed.business_key() == ("None", "2026-04-01")
    assert fixed.model_copy(update={"wish": 2}).business_key() == ("None", "2026-04-01", "2")
