"""The life of a contract: changes, pauses, trials, ends and what is taken back of them."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractResumed,
    CustomerChanged,
    TerminationRevoked,
)
from schemas.message import NotYet, Refused
from tests.support.events import customer, policy, registered, webhook
from tests.support.office import Office
from tests.support.tariffs import flat, plan, seats

C1 = {"contract_id": "C1"}
BIG = plan(flat("base", "50.00"), plan_id="big")


def on(month, day, year=2026):
    return date(year, month, day)


def changed(**more):
    return ContractChanged(**C1, **more)


def ended(ends_on, **more):
    return ContractEnded(**C1, ends_on=ends_on, **more)


def paused(day, **more):
    return ContractPaused(**C1, paused_from=day, **more)


def resumed(day, **more):
    return ContractResumed(**C1, resumed_on=day, **more)


def test_what_is_said_of_a_contract_waits_for_its_registration():
    with pytest.raises(NotYet, match="contract"):
        Office(plan()).hear(ended(on(1, 1)))


def test_another_plan_at_once_credits_the_rest_of_the_old_and_bills_the_rest_of_the_new():
    office = Office(plan(), BIG).register().until(on(1, 16))

    office.hear(changed(plan_id="big")).until(on(2, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "01-16 G-1 18.42 base[01-16,02-01)=15.48",
        "01-16 R-2 30.71 base[01-16,02-01)=25.81",
        "02-01 R-3 59.50 base[02-01,03-01)=50.00",
    ]
    [note] = office.credits()
    assert (note.invoice_id, note.cause) == (office.invoices()[0].invoice_id, "change")
    assert note.lines[0].refers_to == "1"


def test_another_plan_from_a_later_day_on_is_billed_as_far_as_it_is_known():
    office = Office(plan(), BIG).register().until(on(1, 20))

    office.hear(changed(plan_id="big", effective_on=on(2, 15))).until(on(3, 1))

    assert office.story()[1:] == [
        "02-01 R-2 17.85 base[02-01,02-15)=15.00",
        "02-15 R-3 29.75 base[02-15,03-01)=25.00",
        "03-01 R-4 59.50 base[03-01,04-01)=50.00",
    ]


def test_u27_another_plan_from_an_earlier_day_on_is_one_credit_note_and_one_invoice():
    office = Office(plan(), BIG).register().until(on(3, 10))
    assert len(office.filed) == 2

    office.hear(changed(plan_id="big", effective_on=on(1, 16)))

    assert office.story()[3:] == [
        "03-10 G-1 89.82 base[01-16,02-01)=15.48 base[02-01,03-01)=30.00 base[03-01,04-01)=30.00",
        "03-10 R-4 149.71 base[01-16,02-01)=25.81 base[02-01,03-01)=50.00 base[03-01,04-01)=50.00",
    ]
    [note] = office.credits()
    first, second, third = (each.invoice_id for each in office.invoices()[:3])
    assert note.invoice_id is None
    assert [each.invoice_id for each in note.lines] == [first, second, third]
    assert [(c.invoice_id, c.net.amount, c.tax.amount, c.gross.amount) for c in note.credited] == [
        (first, "15.48", "2.94", "18.42"),
        (second, "30.00", "5.70", "35.70"),
        (third, "30.00", "5.70", "35.70"),
    ]


def test_of_two_changes_on_one_day_the_later_said_counts():
    office = Office(plan(), BIG).register().until(on(1, 10))

    office.hear(changed(plan_id="big", effective_on=on(1, 16)))
    office.hear(changed(plan_id="basic", effective_on=on(1, 16))).until(on(2, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "01-10 G-1 18.42 base[01-16,02-01)=15.48",
        "01-10 R-2 18.42 base[01-16,02-01)=15.48",
        "02-01 R-3 35.70 base[02-01,03-01)=30.00",
    ]


def test_a_change_of_an_earlier_day_leaves_what_later_changes_named():
    office = Office(plan(seats("10.00"), flat("base", "30.00"))).register()
    office.hear(changed(quantities={"seats": "5"}, effective_on=on(3, 1)))
    office.hear(changed(quantities={"seats": "2", "base": "0"}, effective_on=on(2, 1)))

    office.until(on(3, 1))

    assert office.story() == [
        "01-01 R-1 47.60 seats[01-01,02-01)=10.00 base[01-01,02-01)=30.00",
        "02-01 R-2 23.80 seats[02-01,03-01)=20.00",
        "03-01 R-3 59.50 seats[03-01,04-01)=50.00",
    ]


def test_more_of_something_is_billed_for_the_rest_of_the_period():
    office = Office(plan(seats("10.00"))).register(quantities={"seats": "3"}).until(on(1, 16))

    office.hear(changed(quantities={"seats": "5"}))

    assert office.story() == [
        "01-01 R-1 35.70 seats[01-01,02-01)=30.00",
        "01-16 G-1 18.42 seats[01-16,02-01)=15.48",
        "01-16 R-2 30.71 seats[01-16,02-01)=25.81",
    ]


def test_the_same_said_in_other_words_changes_nothing():
    office = Office(plan(seats("10.00", vat_rate="19"))).register(quantities={"seats": "3"})
    other = plan(seats("10.000", vat_rate="19.0"), version=2)

    office.publish(other).until(on(1, 16))
    office.hear(changed(plan_version=2, quantities={"seats": "3.0"}))

    assert office.story() == ["01-01 R-1 35.70 seats[01-01,02-01)=30.00"]


@pytest.mark.parametrize(
    ("notice", "effective_on"), [(None, on(2, 1)), ("P2W", on(2, 1)), ("P1M", on(3, 1))]
)
def test_a_plan_is_left_on_the_next_allowed_day(notice, effective_on):
    office = Office(plan(notice=notice), BIG).register().until(on(1, 16))

    office.hear(changed(plan_id="big", when="next_allowed"))

    assert office.contract.changes[-1].from_on == effective_on
    [chosen] = office.all_of("PlanChosen")
    assert (chosen.plan_id, chosen.plan_version, chosen.from_on) == ("big", 1, effective_on)
    assert len(office.said) == 2


def test_an_option_is_given_up_after_its_own_notice_at_the_end_of_its_own_period():
    option = flat("domain", "12.00", optional=True, billing_period="P3M", notice="P1M")
    office = Office(plan(flat("base", "30.00"), option)).register(quantities={"domain": "1"})

    office.until(on(3, 2)).hear(changed(quantities={"domain": "0"}, when="next_allowed"))

    # A month before 1 April it was too late by a day.
    assert office.contract.changes[-1].from_on == on(7, 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (changed(currency="CHF"), "currency"),
        (changed(legal_entity_id="other"), "conflict"),
        (changed(quantities={"typo": "1"}), "invalid"),
    ],
)
def test_a_contract_keeps_its_currency_and_its_legal_entity(change, code):
    with pytest.raises(Refused, match=code):
        Office(plan()).register().hear(change)


def test_a_plan_that_is_not_known_yet_is_waited_for():
    with pytest.raises(NotYet, match="plan"):
        Office(plan()).register().hear(changed(plan_id="later"))


def test_r60_the_day_of_the_end_is_not_charged_and_what_is_beyond_is_credited():
    office = Office(plan()).register().until(on(1, 20)).hear(ended(on(1, 20))).until(on(3, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "01-20 G-1 13.82 base[01-20,02-01)=11.61",
    ]
    [note] = office.credits()
    assert (note.cause, note.vat[0].rate, note.tax.amount) == ("end", "19", "2.21")
    assert note.invoice_id == office.invoices()[0].invoice_id


def test_r60_an_end_in_arrears_is_billed_on_its_day():
    office = Office(plan(bill="in_arrears")).register().until(on(1, 10)).hear(ended(on(1, 20)))

    office.until(on(3, 1))

    assert office.story() == ["01-20 R-1 21.88 base[01-01,01-20)=18.39"]


@pytest.mark.parametrize(("bill", "ends_on"), [("in_advance", on(3, 1)), ("in_arrears", on(3, 1))])
def test_r61_after_the_current_period_nothing_is_credited(bill, ends_on):
    office = Office(plan(bill=bill)).register().until(on(2, 10))

    office.hear(ended(on(2, 10), when="after_current_period")).until(on(5, 1))

    [fixed] = office.all_of("ContractEndFixed")
    assert fixed.ends_on == ends_on
    assert (len(office.invoices()), office.credits()) == (2, [])


@pytest.mark.parametrize(
    ("terms", "ends_on"),
    [
        ({}, on(2, 1)),
        ({"notice": "P2W"}, on(2, 1)),
        ({"notice": "P1M"}, on(3, 1)),
        ({"minimum_term": "P1Y"}, on(1, 1, 2027)),
        ({"minimum_term": "P1M", "notice": "P3M"}, on(5, 1)),
    ],
)
def test_a_contract_ends_when_it_may(terms, ends_on):
    office = Office(plan(**terms)).register().until(on(1, 16))

    office.hear(ended(on(1, 16), when="next_allowed"))

    assert [each.ends_on for each in office.all_of("ContractEndFixed")] == [ends_on]
    assert office.contract.agreed.ends_on == ends_on


def test_an_end_that_is_wished_for_later_is_not_before_that():
    office = Office(plan(notice="P1M")).register().until(on(1, 16))

    office.hear(ended(on(5, 20), when="next_allowed"))

    assert office.contract.agreed.ends_on == on(6, 1)


def test_a_contract_annulled_from_the_start_gets_back_all_to_the_cent():
    office = Office(plan(flat("base", "29.99"))).register().until(on(3, 10))

    office.hear(ended(on(3, 5))).hear(ended(on(1, 1)))

    assert office.story()[3:] == [
        "03-10 G-1 31.08 base[03-05,04-01)=26.12",
        "03-10 G-2 75.99 base[01-01,02-01)=29.99 base[02-01,03-01)=29.99 base[03-01,03-05)=3.87",
    ]
    billed = sum(each.gross.minor for each in office.invoices())
    assert (billed, sum(each.gross.minor for each in office.credits())) == (10707, 10707)
    assert office.contract.wake_on is None


def test_r63_an_end_that_is_revoked_is_billed_again_to_the_cent():
    office = Office(plan(flat("base", "29.99"))).register().until(on(1, 10))
    office.hear(ended(on(1, 20))).hear(ended(on(1, 25))).until(on(1, 24))

    office.hear(TerminationRevoked(**C1)).until(on(2, 1))

    assert office.story() == [
        "01-01 R-1 35.69 base[01-01,02-01)=29.99",
        "01-10 G-1 13.82 base[01-20,02-01)=11.61",
        "01-10 R-2 5.76 base[01-20,01-25)=4.84",
        "01-24 R-3 8.06 base[01-25,02-01)=6.77",
        "02-01 R-4 35.69 base[02-01,03-01)=29.99",
    ]


def test_r63_only_an_end_to_come_is_revoked():
    office = Office(plan()).register().until(on(1, 10))
    with pytest.raises(Refused, match="does not end"):
        office.hear(TerminationRevoked(**C1))

    office.hear(ended(on(1, 20))).until(on(1, 20))

    with pytest.raises(Refused, match="too_late"):
        office.hear(TerminationRevoked(**C1))


@pytest.mark.parametrize(
    "later", [ended(on(4, 16)), ContractChanged(**C1, ends_on=on(4, 16))], ids=["ended", "changed"]
)
def test_r63a_what_has_ended_ends_no_later_and_nothing_is_billed_again(later):
    office = Office(plan()).register().until(on(1, 20)).hear(ended(on(1, 20))).until(on(4, 10))
    before = office.story()

    with pytest.raises(Refused, match="too_late"):
        office.hear(later)

    assert office.until(on(5, 1)).story() == before


def test_r63a_a_change_said_before_the_end_prolongs_nothing_that_ended_since():
    office = Office(plan()).register().until(on(1, 10)).hear(ended(on(1, 20)))
    said = ContractChanged(**C1, effective_on=on(2, 5), ends_on=on(6, 1), payment_terms_days=7)
    with pytest.raises(Refused, match="too_late"):
        Office(plan()).register().hear(ended(on(1, 1))).hear(said)

    office.hear(said).until(on(5, 1))

    agreed = office.contract.agreed
    assert (agreed.ends_on, agreed.payment_terms_days) == (on(1, 20), 7)
    assert len(office.invoices()) == 1


def test_r58_a_contract_ends_no_earlier_than_it_starts_and_is_withdrawn_on_that_day():
    office = Office(plan()).register(starts_on=on(1, 10)).until(on(1, 12))

    for wrong in (
        ended(on(1, 9)),
        ContractChanged(**C1, ends_on=on(1, 9)),
        ContractChanged(**C1, starts_on=on(1, 20), ends_on=on(1, 19)),
    ):
        with pytest.raises(Refused, match="invalid"):
            office.hear(wrong)
    with pytest.raises(ValidationError, match="ends before it starts"):
        registered(starts_on=on(1, 10), ends_on=on(1, 9))
    assert office.contract.agreed.ends_on is None

    office.hear(ended(on(1, 10)))
    assert [each.gross.amount for each in office.credits()] == ["35.70"]
    with pytest.raises(Refused, match="invalid"):
        office.hear(ContractChanged(**C1, starts_on=on(1, 11)))


def test_r65_a_pause_over_several_periods_is_not_billed_and_what_was_is_not_credited():
    office = Office(plan()).register().until(on(1, 20)).hear(paused(on(1, 21))).until(on(3, 9))

    office.hear(resumed(on(3, 10))).until(on(4, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "03-10 R-2 25.34 base[03-10,04-01)=21.29",
        "04-01 R-3 35.70 base[04-01,05-01)=30.00",
    ]


def test_r65_in_arrears_the_days_before_and_after_a_pause_are_billed():
    office = Office(plan(bill="in_arrears")).register().until(on(1, 5)).hear(paused(on(1, 11)))

    office.until(on(1, 20)).hear(resumed(on(1, 21))).until(on(2, 1))

    assert office.story() == ["02-01 R-1 24.18 base[01-01,01-11)=9.68 base[01-21,02-01)=10.64"]


def test_r65_a_policy_lets_every_pause_credit_what_is_billed():
    given = policy(webhook(5), credit_on_pause=True, applies_to={"tier": "gold"})
    gold = Office(plan(), given).register(attributes={"tier": "gold"}).until(on(1, 16))
    others = Office(plan(), given).register().until(on(1, 16))

    for office in (gold, others):
        office.hear(paused(on(1, 16)))

    assert gold.story()[1:] == ["01-16 G-1 18.42 base[01-16,02-01)=15.48"]
    assert others.story()[1:] == []


def test_r64_resuming_switches_billing_on():
    office = Office(plan()).register(switches={"billing": False}).until(on(1, 10))
    office.hear(resumed(on(1, 10)))
    assert office.story() == []  # it did not rest

    office.hear(paused(on(1, 10)), resumed(on(1, 20)))

    assert office.story() == [
        "01-10 R-1 10.36 base[01-01,01-10)=8.71",
    ]


def test_a_pause_that_was_resumed_before_it_began_was_none():
    office = Office(plan()).register().hear(paused(on(1, 20)), resumed(on(1, 15)))

    assert office.contract.pauses == ()


def test_a_wider_pause_takes_over():
    office = Office(plan(bill="in_arrears")).register().hear(paused(on(1, 20)), paused(on(1, 11)))

    office.until(on(2, 1))

    assert office.story() == ["02-01 R-1 11.52 base[01-01,01-11)=9.68"]


def test_a_trial_is_not_billed_and_may_be_prolonged_while_it_runs():
    office = Office(plan()).register(trial_until=on(1, 15)).until(on(1, 10))
    office.hear(changed(trial_until=on(1, 25))).until(on(2, 1))

    assert office.story() == [
        "01-25 R-1 8.06 base[01-25,02-01)=6.77",
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
    ]


def test_a_trial_that_is_prolonged_after_its_end_is_credited():
    office = Office(plan(one_time=(flat("setup", "49.00"),))).register(trial_until=on(1, 15))

    office.until(on(1, 20)).hear(changed(trial_until=on(1, 25))).until(on(1, 25))

    assert office.story() == [
        "01-15 R-1 77.89 base[01-15,02-01)=16.45 setup=49.00",
        "01-20 G-1 69.83 base[01-15,01-25)=9.68 setup=49.00",
        "01-25 R-2 58.31 setup=49.00",
    ]


def test_a_trial_that_is_cut_short_is_billed_from_there():
    office = Office(plan()).register(trial_until=on(3, 1)).until(on(2, 10))

    office.hear(changed(trial_until=on(2, 8)))

    assert office.story() == ["02-10 R-1 26.78 base[02-08,03-01)=22.50"]


def test_an_end_within_the_trial_bills_nothing():
    office = Office(plan()).register(trial_until=on(2, 1)).hear(ended(on(1, 20))).until(on(3, 1))

    assert office.story() == []


def test_another_customer_counts_for_documents_to_come():
    office = (
        Office(plan()).register().hear(CustomerChanged(**C1, customer=customer(customer_id="K2")))
    )

    office.until(on(2, 1))

    assert [each.customer_id for each in office.invoices()] == ["K1", "K2"]


def test_what_changes_later_of_the_contract_itself_counts_from_its_day():
    office = Office(plan()).register()
    office.hear(changed(effective_on=on(2, 1), payment_terms_days=30)).until(on(2, 1))

    assert [each.due_on for each in office.invoices()] == [on(1, 15), on(3, 3)]
    assert office.contract.coming == ()


def test_another_billing_day_shortens_the_first_period_up_to_it():
    office = Office(plan()).register().until(on(1, 20))

    office.hear(changed(billing_anchor_on=on(1, 15))).until(on(2, 15))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "01-20 R-2 16.12 base[02-01,02-15)=13.55",
        "02-15 R-3 35.70 base[02-15,03-15)=30.00",
    ]


def test_documents_of_test_contracts_take_no_real_number():
    office = Office(plan()).register(test=True).until(on(1, 20)).hear(ended(on(1, 20)))

    assert [each.number for each in office.invoices()] == ["TEST-R-1"]
    assert [each.number for each in office.credits()] == ["TEST-G-1"]
