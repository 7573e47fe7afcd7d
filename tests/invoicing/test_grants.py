"""Discounts and free periods."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded
from schemas.message import Refused
from schemas.orders import GrantDiscount, GrantFreePeriod
from tests.support.events import customer, eur
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}


def on(month, day):
    return date(2026, month, day)


def discount(**more):
    return GrantDiscount(**C1, **more)


def test_percent_off_what_comes_next():
    office = Office(plan()).register().hear(discount(percent="10", periods=2)).until(on(4, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "02-01 R-2 32.13 base[02-01,03-01)=30.00 base[02-01,03-01)=-3.00",
        "03-01 R-3 32.13 base[03-01,04-01)=30.00 base[03-01,04-01)=-3.00",
        "04-01 R-4 35.70 base[04-01,05-01)=30.00",
    ]
    line = office.invoices()[1].lines[1]
    assert (line.name, line.kind, line.quantity) == ("Base: Rabatt 10 %", "discount", "-1")


def test_in_arrears_the_running_period_comes_next():
    office = Office(plan(bill="in_arrears")).register().until(on(1, 20))

    office.hear(discount(percent="50", periods=1)).until(on(3, 1))

    assert [each.net.amount for each in office.invoices()] == ["15.00", "30.00"]


def test_a_discount_is_credited_with_what_it_was_off():
    office = Office(plan()).register().hear(discount(percent="10")).until(on(2, 15))

    office.hear(ContractEnded(**C1, ends_on=on(2, 15)))

    assert office.story()[2:] == [
        "02-15 G-1 16.07 base[02-15,03-01)=15.00 base[02-15,03-01)=-1.50",
    ]


def test_u42_an_amount_is_shared_out_by_the_prices_of_the_components():
    office = Office(plan(flat("base", "30.00"), flat("extra", "10.00", vat_rate="7"))).register()

    office.hear(discount(amount=eur("5.00"), periods=1)).until(on(3, 1))

    [_, second, third] = office.invoices()
    assert [(v.rate, v.net.amount, v.tax.amount) for v in second.vat] == [
        ("7", "8.75", "0.61"),
        ("19", "26.25", "4.99"),
    ]
    assert third.net.amount == "40.00"


@pytest.mark.parametrize(("granted", "net"), [
    ([discount(amount=eur("50.00"))], "0.00"),
    ([discount(percent="60"), discount(percent="60")], "0.00"),
    ([discount(percent="10"), discount(amount=eur("5.00"))], "22.00"),
])  # fmt: skip
def test_discounts_add_up_and_never_to_more_than_the_price(granted, net):
    office = Office(plan()).register().hear(*granted).until(on(2, 1))

    assert office.invoices()[1].net.amount == net


def test_a_discount_is_off_what_costs_something():
    base = flat("base", "30.00").model_copy(update={"name": "B" * 200})
    office = Office(plan(base, flat("rebate", "-5.00"))).register()

    office.hear(discount(percent="10")).until(on(2, 1))

    assert [line.net.amount for line in office.invoices()[1].lines] == ["30.00", "-3.00", "-5.00"]


def test_a_discount_on_one_component_leaves_the_others():
    office = Office(plan(flat("base", "30.00"), flat("extra", "10.00"))).register()

    office.hear(discount(percent="50", component_id="extra")).until(on(2, 1))

    assert office.invoices()[1].net.amount == "35.00"
    with pytest.raises(Refused, match="no component of the plan that is charged again: typo"):
        office.hear(discount(percent="50", component_id="typo"))


def test_a_discount_from_an_earlier_day_gives_back_what_was_billed():
    office = Office(plan()).register(customer=customer(language="en")).until(on(3, 10))

    office.hear(discount(percent="10", from_on=on(1, 16)))

    assert office.story()[3:] == [
        "03-10 G-1 8.98 base[01-16,02-01)=1.55 base[02-01,03-01)=3.00 base[03-01,04-01)=3.00",
    ]
    assert {each.invoice_id for each in office.credits()} == {None}


def test_a_discount_in_another_currency_is_refused():
    with pytest.raises(Refused, match="currency"):
        Office(plan(currency="CHF")).register(currency="CHF").hear(discount(amount=eur("5.00")))


def test_free_periods_make_no_invoice():
    office = Office(plan()).register().hear(GrantFreePeriod(**C1, periods=2)).until(on(4, 1))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "04-01 R-2 35.70 base[04-01,05-01)=30.00",
    ]


def test_a_contract_may_begin_with_a_free_period():
    office = Office(plan()).register(starts_on=on(1, 10))

    office.hear(GrantFreePeriod(**C1, periods=1)).until(on(2, 10))

    assert office.story() == ["02-10 R-1 35.70 base[02-10,03-10)=30.00"]


def test_what_others_invoice_has_no_discount_of_ours():
    with pytest.raises(Refused, match="somebody else invoices it"):
        Office(plan()).register(plan_id=None).hear(discount(percent="10"))
