"""The life of a contract: changes, pauses, ends, payment data."""

from datetime import date, timedelta

import pytest
from pydantic import TypeAdapter

from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractResumed,
    CustomerChanged,
    InstrumentRegistered,
    InstrumentRemoved,
    TerminationRevoked,
)
from schemas.instructions import DeferReceivable, SwitchEscalation
from schemas.invoices import ContractEndFixed
from schemas.message import NotYet, Refused
from schemas.steps import Step
from services.dunning.model import Account, Pause
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    customer,
    end_contract,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)

MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    given = Desk(terms(policy(*(steps or (webhook(5), webhook(14))))))
    return given.hear(registered(**more))


def changed(**more):
    return ContractChanged(contract_id="C1", **more)


def card(name, expires="2028-03"):
    return InstrumentRegistered(contract_id="C1", instrument_id=name, kind="card", expires=expires)


def test_a_contract_waits_for_its_legal_entity():
    with pytest.raises(NotYet, match="legal entity"):
        desk(legal_entity_id="other")


def test_what_changes_at_once_and_what_is_not_named_stays():
    given = desk(payment_terms_days=14, interest_rate="9")

    given.hear(changed(payment_terms_days=30, attributes={"tier": "gold"}))

    contract = given.account.contract
    assert (contract.payment_terms_days, contract.interest_rate) == (30, "9")
    assert contract.attributes == {"tier": "gold"}


def test_what_changes_later_counts_from_its_day():
    given = desk().hear(changed(effective_on=date(2026, 1, 10), due_date_is_agreed=True))

    given.until(date(2026, 1, 9))
    assert not given.account.contract.due_date_is_agreed
    given.until(date(2026, 1, 10))

    assert given.account.contract.due_date_is_agreed
    assert given.account.coming == ()


def test_what_changes_later_is_kept_with_the_account():
    given = desk().hear(
        changed(effective_on=date(2026, 1, 10), switches={"escalation": False}),
        changed(effective_on=date(2026, 1, 9), switches={"escalation": True}),
    )
    account = TypeAdapter(Account)

    given.account = account.validate_json(account.dump_json(given.account))
    given.until(date(2026, 1, 10))

    # Both count now, in the order of their days.
    assert not given.account.escalation_on


@pytest.mark.parametrize(
    ("change", "code"),
    [(changed(currency="CHF"), "currency"), (changed(legal_entity_id="other"), "conflict")],
    ids=["currency", "legal entity"],
)
def test_r43_a_contract_keeps_its_currency_and_its_legal_entity(change, code):
    with pytest.raises(Refused, match=code):
        desk().hear(change)


def test_the_customer_that_owes_is_the_one_last_said():
    given = desk().hear(
        CustomerChanged(contract_id="C1", customer=customer(customer_id="K2", kind="business"))
    )

    contract = given.account.contract
    assert (contract.customer_id, contract.customer_kind) == ("K2", "business")


@pytest.mark.parametrize("cause", ["operator", "customer", None])
def test_r64_a_pause_by_others_suspends_until_the_contract_goes_on(cause):
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 4))
    given.hear(ContractPaused(contract_id="C1", paused_from=date(2026, 3, 4), cause=cause))
    given.until(date(2026, 3, 10))
    assert given.days_of("PaymentEscalated") == []

    given.hear(ContractResumed(contract_id="C1", resumed_on=date(2026, 3, 10)))
    given.until(date(2026, 3, 12))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 11)]


def test_r64_what_confirms_our_own_pause_suspends_nothing():
    given = desk(Step(days_overdue=2, action="pause_contract"), webhook(5))
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 4))

    given.hear(ContractPaused(contract_id="C1", paused_from=date(2026, 3, 4)))
    given.until(date(2026, 3, 6))

    assert given.account.pause == Pause(since=date(2026, 3, 3), by="escalation")
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6)]


def test_r64_a_confirmed_resumption_switches_nothing_on():
    given = desk().hear(SwitchEscalation(contract_id="C1", on=False))

    given.hear(ContractResumed(contract_id="C1", resumed_on=date(2026, 1, 1)))

    assert not given.account.escalation_on


def test_r64_a_resumption_after_a_pause_switches_all_on():
    off = {"escalation": False, "recurring_payment": False}
    given = desk(switches=off, payment_method="card")
    given.hear(ContractPaused(contract_id="C1", paused_from=date(2026, 1, 1)))

    given.hear(ContractResumed(contract_id="C1", resumed_on=date(2026, 1, 1)))

    assert given.account.escalation_on
    assert given.account.pays_by_itself(on=date(2026, 1, 1))


def test_r64_an_operator_may_pause_what_we_have_paused():
    given = desk(webhook(5)).hear(invoice("A", "50.00", MARCH_1))
    given.hear(
        ContractPaused(contract_id="C1", paused_from=MARCH_1, cause="escalation"),
        ContractPaused(contract_id="C1", paused_from=date(2026, 3, 2), cause="operator"),
    )

    assert given.account.pause == Pause(since=date(2026, 3, 2), by="operator", rests_since=MARCH_1)


@pytest.mark.parametrize(
    ("earlier", "first"), [(None, date(2026, 3, 5)), (date(2026, 3, 2), date(2026, 3, 2))]
)
def test_r58_a_pause_that_ends_before_it_begins_is_invalid(earlier, first):
    given = Desk(terms()).hear(registered())
    if earlier:
        given.hear(ContractPaused(contract_id="C1", paused_from=earlier, cause="escalation"))
    given.hear(ContractPaused(contract_id="C1", paused_from=date(2026, 3, 5), cause="operator"))

    with pytest.raises(Refused, match="invalid: the pause ends before it begins"):
        given.hear(ContractResumed(contract_id="C1", resumed_on=first - timedelta(days=1)))
    assert given.account.pause.until is None

    given.hear(ContractResumed(contract_id="C1", resumed_on=first))
    assert given.account.pause.until == first


def test_r64_a_pause_after_ours_is_over_is_an_operators():
    given = Desk(terms(policy(webhook(5)))).hear(registered()).until(MARCH_1)
    given.hear(
        ContractPaused(contract_id="C1", paused_from=MARCH_1, cause="escalation"),
        ContractResumed(contract_id="C1", resumed_on=date(2026, 3, 5)),
        ContractPaused(contract_id="C1", paused_from=date(2026, 3, 9)),
    )

    assert given.account.pause == Pause(since=date(2026, 3, 9), by="operator")


def test_r64_a_late_confirmation_does_not_lift_the_pause_of_an_operator():
    given = Desk(terms(policy(webhook(5)))).hear(registered()).until(MARCH_1)
    given.hear(
        ContractPaused(contract_id="C1", paused_from=MARCH_1, cause="operator"),
        ContractPaused(contract_id="C1", paused_from=MARCH_1, cause="escalation"),
        ContractResumed(contract_id="C1", resumed_on=MARCH_1, cause="escalation"),
    )

    assert given.account.pause == Pause(since=MARCH_1, by="operator")


def test_r64_a_pause_may_begin_and_end_later():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 4))
    given.hear(
        ContractPaused(contract_id="C1", paused_from=date(2026, 3, 7), cause="customer"),
        ContractResumed(contract_id="C1", resumed_on=date(2026, 3, 20)),
    )

    given.until(date(2026, 3, 25))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 6), date(2026, 3, 20)]


def test_r63_an_end_may_be_revoked_until_it_comes():
    given = desk(webhook(1), end_contract(2, when="immediately"))
    given.hear(ContractEnded(contract_id="C1", ends_on=date(2026, 2, 10)))

    given.until(date(2026, 2, 9)).hear(TerminationRevoked(contract_id="C1"))
    assert given.account.ends_on is None

    given.hear(ContractEnded(contract_id="C1", ends_on=date(2026, 2, 10)))
    given.until(date(2026, 2, 10))
    with pytest.raises(Refused, match="too_late"):
        given.hear(TerminationRevoked(contract_id="C1"))


def test_r63_what_does_not_end_is_not_revoked():
    with pytest.raises(Refused, match="does not end"):
        desk().hear(TerminationRevoked(contract_id="C1"))


def test_r61_invoicing_fixes_the_end_that_we_could_not_know():
    given = desk(end_contract(2, when="after_current_period"))
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 20))
    assert (given.account.ends_on, given.account.ends.is_requested) == (None, True)

    by = {"payment_escalation_process_id": given.account.run.process_id}
    given.hear(ContractEndFixed(contract_id="C1", **by, ends_on=date(2026, 4, 1)))

    assert given.account.ends_on == date(2026, 4, 1)


@pytest.mark.parametrize(("plan_id", "ends_on"), [("basic", None), (None, date(2026, 2, 10))])
def test_r61_an_end_when_it_may_is_fixed_by_invoicing_where_that_invoices(plan_id, ends_on):
    given = desk(plan_id=plan_id)

    given.hear(
        ContractEnded(contract_id="C1", ends_on=date(2026, 2, 10), when="next_allowed"),
    )
    assert given.account.ends_on == ends_on

    if ends_on is None:
        given.hear(ContractEndFixed(contract_id="C1", ends_on=date(2026, 4, 1)))
        assert given.account.ends_on == date(2026, 4, 1)


def test_r63_an_end_that_was_revoked_is_fixed_no_more():
    given = desk(end_contract(2, when="after_current_period"))
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 20))

    by = {"payment_escalation_process_id": given.account.run.process_id}
    given.hear(
        TerminationRevoked(contract_id="C1"),
        ContractEndFixed(contract_id="C1", **by, ends_on=date(2026, 4, 1)),
    )

    assert given.account.ends_on is None


def returned():
    given = desk(payment_method="card").hear(card("old"))
    given.hear(invoice("A", "50.00", MARCH_1), paid("p", "50.00", date(2026, 2, 27)))
    given.hear(invoice("B", "20.00", date(2026, 4, 1)))
    return given.hear(charged_back("b", "p", "50.00", date(2026, 3, 11)))


def test_r73_new_payment_data_collects_all_that_is_open_once():
    given = returned().hear(card("new"), card("new"))

    assert [e.recurring_payment for e in given.all_of("PaymentProcessStatusChanged")] == [
        False,
        True,
    ]
    [requested] = given.all_of("CollectionRequested")
    assert (requested.receivables, requested.total) == (("A", "B"), eur("70.00"))


def test_r73_a_card_that_expires_later_is_new_payment_data():
    given = returned().hear(card("old", expires="2031-01"))

    assert len(given.all_of("CollectionRequested")) == 1


def test_r73_each_change_collects_once_and_every_request_has_its_own_id():
    given = returned().hear(card("new"), card("newer"))

    requests = given.all_of("CollectionRequested")
    assert len({each.derived_id() for each in requests}) == 2
    assert len(given.all_of("PaymentProcessStatusChanged")) == 2


def test_r73_nothing_open_is_nothing_to_collect():
    given = desk(payment_method="card").hear(card("new"))

    assert given.said == []


def test_r73_another_way_to_pay_collects_once_whatever_comes_first():
    mandate = InstrumentRegistered(contract_id="C1", instrument_id="m", kind="sepa_mandate")
    method = changed(payment_method="direct_debit")
    for order in ((mandate, method), (method, mandate)):
        given = returned().hear(*order)

        assert len(given.all_of("CollectionRequested")) == 1


def test_r73_on_account_nobody_collects():
    given = desk().hear(invoice("A", "50.00", MARCH_1), card("new"))

    assert given.all_of("CollectionRequested") == []


def test_what_the_switch_of_the_contract_keeps_off_stays_off():
    off = {"recurring_payment": False}
    given = desk(payment_method="card", switches=off).hear(invoice("A", "50.00", MARCH_1))

    given.hear(card("new"))
    assert given.said[1:] == []

    given.hear(changed(switches={"recurring_payment": True}), card("newer"))
    assert len(given.all_of("CollectionRequested")) == 1


def test_an_instrument_that_is_removed_must_be_known():
    given = desk(payment_method="card").hear(card("old"))

    given.hear(InstrumentRemoved(contract_id="C1", instrument_id="old"))
    assert given.account.instruments == ()
    with pytest.raises(NotYet, match="instrument"):
        given.hear(InstrumentRemoved(contract_id="C1", instrument_id="old"))


def defer(until, name="A"):
    return DeferReceivable(contract_id="C1", invoice_id=name, until=until)


def test_r98_a_deferral_is_the_new_anchor_and_is_remembered():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 3))

    given.hear(defer(date(2026, 3, 20))).until(date(2026, 3, 26))

    assert given.days_of("PaymentEscalated") == [date(2026, 3, 25)]
    [item] = given.account.items
    spans = [(each.since, each.until) for each in item.deferrals]
    assert (item.due_on, spans) == (MARCH_1, [(date(2026, 3, 3), date(2026, 3, 20))])


def test_r98_the_last_deferral_counts_and_cuts_the_one_before():
    given = desk().hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 3))
    given.hear(defer(date(2026, 4, 20))).until(date(2026, 3, 10))

    given.hear(defer(date(2026, 3, 20)))

    [item] = given.account.items
    spans = [(each.since, each.until) for each in item.deferrals]
    assert (item.anchor_on, item.falls_due_on) == (date(2026, 3, 20), date(2026, 3, 20))
    assert spans == [
        (date(2026, 3, 3), date(2026, 3, 10)),
        (date(2026, 3, 10), date(2026, 3, 20)),
    ]


def test_r98_a_draft_that_demands_what_is_deferred_is_cancelled():
    given = desk(reminder(5, send="manual")).hear(invoice("A", "50.00", MARCH_1))
    given.until(date(2026, 3, 7))

    given.hear(defer(date(2026, 3, 20)))

    assert len(given.all_of("ReminderCancelled")) == 1


def test_r98_what_is_deferred_is_not_due_and_paid_after_what_is():
    given = desk().hear(invoice("A", "50.00", MARCH_1), invoice("B", "50.00", date(2026, 3, 5)))

    given.hear(defer(date(2026, 4, 1)), paid("p", "50.00", date(2026, 3, 10)))

    assert [item.open for item in given.account.items] == [5000, 0]


def test_r98_what_was_returned_does_not_become_older_by_a_deferral():
    given = returned().hear(defer(date(2026, 3, 5)))

    assert given.account.items[0].anchor_on == date(2026, 3, 11)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (defer(date(2026, 2, 28)), Refused),
        (defer(date(2026, 3, 20), "unknown"), NotYet),
    ],
    ids=["before it is due", "unknown"],
)
def test_r98_what_cannot_be_deferred(told, problem):
    with pytest.raises(problem):
        desk().hear(invoice("A", "50.00", MARCH_1), told)


def test_r98_what_is_settled_is_not_deferred():
    given = desk().hear(invoice("A", "50.00", MARCH_1), paid("p", "50.00", date(2026, 2, 27)))

    with pytest.raises(Refused, match="nothing of A is open"):
        given.hear(defer(date(2026, 3, 20)))
