"""Prepaid balances that apply net: in which order they pay, what they get back, when they end."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded
from schemas.message import Refused
from schemas.orders import GrantPrepaid
from schemas.values import Money
from tests.support.events import eur
from tests.support.metering import C1, MeterRoom, take_back, use
from tests.support.meters import metered, published


def calls(component_id="calls", **more):
    return metered(component_id, **{"meter": "seconds", "unit_price": "0.10"} | more)


def grant(name, amount, **more):
    return GrantPrepaid(**C1, grant_id=name, money=eur(amount), **more)


def room(*grants, plan=None):
    return MeterRoom(plan or published(calls())).register().hear(*grants)


def drawn(found):
    return [f"{e.grant_id} {e.drawn.amount} {e.left.amount}" for e in found.all_of("PrepaidDrawn")]


@pytest.mark.parametrize(
    ("units", "net", "moved"),
    [
        ("99", "0.00", ["g 9.90 0.10"]),
        ("100", "0.00", ["g 10.00 0.00"]),
        ("101", "0.10", ["g 10.00 0.00"]),
    ],
)
def test_u16_a_balance_pays_as_far_as_it_reaches(units, net, moved):
    found = room(grant("g", "10.00")).hear(use("a", "01-05 12:00", units)).until(2, 2)

    assert [e.net.amount for e in found.all_of("UsageCharged")] == [net]
    assert drawn(found) == moved


def test_u16_balances_pay_by_priority_promotional_ones_first_and_what_expires_earlier():
    found = room(
        grant("last", "1.00", priority=1),
        grant("paid", "1.00"),
        grant("later", "1.00", expires_on=date(2026, 5, 1)),
        grant("sooner", "1.00", expires_on=date(2026, 4, 1)),
        grant("gift", "1.00", promotional=True),
        grant("first", "1.00", priority=-1),
    )

    found.hear(use("a", "01-05 12:00", "55")).until(2, 2)

    assert drawn(found) == [
        "first 1.00 0.00",
        "gift 1.00 0.00",
        "sooner 1.00 0.00",
        "later 1.00 0.00",
        "paid 1.00 0.00",
        "last 0.50 0.50",
    ]


def test_u61_a_balance_pays_only_for_its_components():
    plan = published(calls(), calls("texts", meter="texts"))
    found = room(grant("g", "5.00", components=("texts",)), plan=plan)

    found.hear(use("a", "01-05 12:00", "10"), use("b", "01-05 12:00", "10", "texts")).until(2, 2)

    assert found.story() == [
        "02-02 calls[01-01,02-01) 10=1.00",
        "02-02 texts[01-01,02-01) 10=0.00",
    ]


def test_u61_what_is_taken_back_is_money_first_and_goes_back_to_the_balance_then():
    found = room(grant("g", "3.00")).hear(
        use("a", "01-05 12:00", "40"), use("b", "01-06 12:00", "20")
    )

    found.until(2, 10).hear(take_back("a")).until(2, 11)

    # 6.00: 3.00 prepaid and 3.00 billed; 4.00 less: all that was billed, and 1.00 of the balance.
    assert found.story() == [
        "02-02 calls[01-01,02-01) 60=3.00",
        "02-11 ~calls[01-01,02-01) -40=-3.00",
    ]
    assert drawn(found) == ["g 3.00 0.00", "g -1.00 1.00"]


@pytest.mark.parametrize(("units", "low"), [("79", 0), ("80", 1), ("81", 1)])
def test_u16_a_low_balance_is_told_once_at_its_mark(units, low):
    found = room(grant("g", "10.00", low_at=eur("2.00"))).hear(use("a", "01-05 12:00", units))
    found.hear(use("b", "01-06 12:00", "0"))

    assert len(found.all_of("PrepaidLow")) == low
    found.hear(take_back("a"), use("c", "01-06 12:00", "90"))
    assert [e.low_at.amount for e in found.all_of("PrepaidLow")] == ["2.00"]


def test_u16_what_is_left_at_its_expiry_is_lost_and_what_was_used_before_is_paid():
    found = room(grant("g", "10.00", expires_on=date(2026, 1, 20)))

    found.hear(use("a", "01-05 12:00", "30")).until(1, 20)
    found.hear(use("b", "01-20 12:00", "50")).until(2, 2)

    assert found.story() == [
        "01-20 calls[01-01,02-01) 30=0.00",
        "02-02 calls[01-01,02-01) 50=5.00",
    ]
    assert drawn(found) == ["g 3.00 7.00"]
    lost = found.all_of("PrepaidExpired")
    assert [(e.expired.amount, e.expired_on) for e in lost] == [("7.00", date(2026, 1, 20))]


@pytest.mark.parametrize("wish", [{"applies": "gross"}, {"when_empty": "hold"}])
def test_what_no_balance_does_yet_is_refused_and_not_forgotten(wish):
    found = room()
    with pytest.raises(Refused, match=next(iter(wish))):
        found.hear(grant("g", "10.00", **wish))


def test_a_balance_in_another_currency_is_refused():
    found = room()
    with pytest.raises(Refused, match="currency"):
        franc = Money(amount="1.00", currency="CHF")
        found.hear(GrantPrepaid(**C1, grant_id="f", money=franc))


def test_a_balance_of_an_ended_contract_pays_its_last_usage():
    found = room(grant("g", "10.00")).hear(use("a", "01-05 12:00", "30"))

    found.hear(ContractEnded(**C1, ends_on=date(2026, 1, 10))).until(2, 2)

    assert drawn(found) == ["g 3.00 7.00"]


@pytest.mark.parametrize(("grants", "net"), [(100, "0.00"), (101, "0.01")])
def test_a_charge_names_a_hundred_balances_and_no_more(grants, net):
    many = (grant(f"g{n}", "0.01") for n in range(grants))

    found = room(*many).hear(use("a", "01-05 12:00", f"{grants / 10}")).until(2, 2)

    assert [e.net.amount for e in found.all_of("UsageCharged")] == [net]
