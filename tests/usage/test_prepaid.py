"""Prepaid balances that apply net: in which order they pay, what they get back, when they end."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contracts import ContractEnded
from schemas.message import NotYet, Refused
from schemas.orders import GrantPrepaid
from schemas.prepaid import PrepaidApplied
from schemas.values import Money
from tests.support.events import eur
from tests.support.metering import C1, MeterRoom, at, take_back, use
from tests.support.meters import metered, published
from tests.support.properties import up_to


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


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ("99", ["0.00 -"]),
        ("100", ["0.00 -"]),
        ("101", ["0.00 0.10"]),
    ],
)
def test_u61_what_a_balance_that_holds_cannot_pay_is_not_charged(units, told):
    found = room(grant("g", "10.00", when_empty="hold")).hear(use("a", "01-05 12:00", units))
    found.until(2, 2)

    charges = found.all_of("UsageCharged")
    assert [f"{e.net.amount} {e.held.amount if e.held else '-'}" for e in charges] == told


def test_u61_what_is_held_is_charged_when_a_balance_pays_it():
    found = room(grant("g", "1.00", when_empty="hold")).hear(use("a", "01-05 12:00", "30"))
    found.until(2, 10).hear(use("b", "02-05 12:00", "20")).until(3, 10)
    assert drawn(found) == ["g 1.00 0.00"]
    assert [each.from_on for each in found.standing().held] == [date(2026, 1, 1), date(2026, 2, 1)]

    found.hear(grant("h", "3.00")).until(3, 20)
    found.hear(grant("i", "5.00")).until(3, 30)

    # 3.00 of January and 2.00 of February: 1.00 by g, 2.00 and 1.00 by h, the last 1.00 by i.
    assert found.story() == [
        "02-02 calls[01-01,02-01) 30=0.00",
        "03-11 ~calls[01-01,02-01) 0=0.00",
        "03-11 +calls[02-01,03-01) 20=0.00",
        "03-21 ~calls[02-01,03-01) 0=0.00",
    ]
    assert drawn(found) == ["g 1.00 0.00", "h 2.00 1.00", "h 1.00 0.00", "i 1.00 4.00"]
    assert found.standing().held == ()


def test_u61_a_balance_of_other_components_holds_nothing():
    plan = published(calls(), calls("texts", meter="texts"))
    found = room(grant("g", "1.00", components=("texts",), when_empty="hold"), plan=plan)

    found.hear(use("a", "01-05 12:00", "30"), use("b", "01-05 12:00", "30", "texts")).until(2, 2)

    assert found.story() == [
        "02-02 calls[01-01,02-01) 30=3.00",
        "02-02 texts[01-01,02-01) 30=0.00",
    ]


def test_u61_an_expired_balance_goes_on_holding():
    found = room(grant("g", "1.00", when_empty="hold", expires_on=date(2026, 1, 20)))

    found.until(1, 25).hear(use("a", "01-25 12:00", "30")).until(2, 2)

    assert found.story() == []


def test_u61_what_goes_back_to_a_balance_pays_what_was_held():
    found = room(grant("g", "3.00", when_empty="hold")).hear(use("a", "01-05 12:00", "30"))
    found.until(2, 2).hear(use("b", "02-05 12:00", "20")).until(3, 3)
    assert drawn(found) == ["g 3.00 0.00"]

    found.hear(take_back("a")).until(3, 10)

    # 3.00 come back, and 2.00 of them pay for February.
    assert drawn(found) == ["g 3.00 0.00", "g -3.00 3.00", "g 2.00 1.00"]
    assert found.net() == 0


def test_u61_at_the_threshold_only_what_a_balance_pays_is_charged():
    plan = published(calls(), threshold=eur("2.00").model_dump())
    found = room(grant("g", "3.00", when_empty="hold"), plan=plan)

    found.hear(*(use(f"{n}", f"01-{n:02d} 12:00", "10") for n in range(1, 8))).until(2, 2)

    # 2.00 at the second event, 1.00 of 2.00 at the fourth; all that follows is held.
    assert found.story() == [
        "01-01 calls[01-01,02-01) 20=0.00",
        "01-01 calls[01-01,02-01) 20=0.00",
    ]
    assert [e.held.amount for e in found.all_of("UsageCharged") if e.held] == ["1.00"]


@pytest.mark.parametrize(("events", "charges"), [(4, []), (5, ["0.50"]), (9, ["0.50"])])
def test_u61_what_is_held_does_not_count_towards_the_threshold(events, charges):
    """9.00 of calls are held at a threshold of 0.50: five texts of 0.10 come to it, not one."""
    plan = published(calls(), calls("texts", meter="texts"), threshold=eur("0.50").model_dump())
    found = room(grant("g", "1.00", components=("calls",), when_empty="hold"), plan=plan)
    found.hear(use("a", "01-02 12:00", "10"), use("b", "01-03 12:00", "90"))
    before = len(found.all_of("UsageCharged"))

    found.hear(*(use(f"t{n}", f"01-{n:02d} 12:00", "1", "texts") for n in range(10, 10 + events)))

    assert [e.net.amount for e in found.all_of("UsageCharged")[before:]] == charges


@settings(deadline=None, max_examples=up_to(300))
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["use", "grant", "take back", "day", "bill"]),
                  st.integers(1, 60)),
        max_size=12,
    )
)  # fmt: skip
def test_u61_balances_pay_what_they_can_and_never_more_and_nothing_else_is_charged(steps):
    """At the end what was used is paid or held, in whatever order all came."""
    found, used, granted = room(grant("g0", "1.00", when_empty="hold")), {}, 100
    day = date(2026, 1, 1)
    for number, (what, size) in enumerate(steps):
        match what:
            case "use":
                instant = at(f"{day:%m-%d} 12:00")
                found.hear(use(f"u{number}", instant, str(size)))
                used[f"u{number}"] = 10 * size
            case "grant":
                found.hear(grant(f"h{number}", f"{Decimal(size) / 100:.2f}"))
                granted += size
            case "take back" if used:
                found.hear(take_back(name := next(iter(used))))
                del used[name]
            case "day":
                day += timedelta(days=size // 8)
                found.until(day.month, day.day)
            case "bill":
                found.bill_now()

    found.until(12, 30)

    paid = sum(e.drawn.minor for e in found.all_of("PrepaidDrawn"))
    assert found.net() == 0
    assert paid == min(sum(used.values()), granted)


def test_u61_a_balance_that_applies_gross_cannot_hold():
    with pytest.raises(ValueError, match="holds nothing"):
        grant("g", "10.00", applies="gross", when_empty="hold")


def drew(amount, left, document="R"):
    said = {"grant_id": "g", "movement_id": document, "document_id": document}
    return PrepaidApplied(**C1, **said, applied=eur(amount), left=eur(left))


def test_u61_a_balance_that_applies_gross_pays_no_usage_before_its_tax():
    found = room(grant("g", "10.00", applies="gross")).hear(use("a", "01-05 12:00", "30"))

    assert found.until(2, 2).story() == ["02-02 calls[01-01,02-01) 30=3.00"]
    assert drawn(found) == []


@pytest.mark.parametrize(("drawn_", "left", "low"), [("7.99", "2.01", 0), ("8.00", "2.00", 1)])
def test_u61_what_invoicing_drew_is_mirrored_and_told_when_it_is_low(drawn_, left, low):
    found = room(grant("g", "10.00", applies="gross", low_at=eur("2.00")))

    found.hear(drew(drawn_, left), drew("0.00", left, document="S"))

    assert [e.left.amount for e in found.all_of("PrepaidLow")] == [left] * low
    assert [each.grant.left for each in found.standing().balances] == [eur(left).minor]


@pytest.mark.parametrize(("day", "left"), [(19, 700), (20, 0)])
def test_u61_what_comes_back_once_a_balance_has_expired_is_lost(day, left):
    found = room(grant("g", "10.00", applies="gross", expires_on=date(2026, 1, 20)))

    found.hear(drew("5.00", "5.00")).until(1, day)
    found.hear(drew("-2.00", "7.00", document="S"))

    assert [each.grant.left for each in found.standing().balances] == [left]


def test_u61_what_invoicing_did_not_draw_is_lost_at_its_expiry_and_charges_nothing():
    found = room(grant("g", "10.00", applies="gross", expires_on=date(2026, 1, 20)))

    found.hear(drew("3.00", "7.00"), use("a", "01-05 12:00", "30")).until(1, 31)

    lost = found.all_of("PrepaidExpired")
    assert [(e.expired.amount, e.expired_on) for e in lost] == [("7.00", date(2026, 1, 20))]
    assert found.story() == []


def test_u61_what_was_drawn_of_a_balance_that_is_not_known_waits():
    with pytest.raises(NotYet, match="balance"):
        room().hear(drew("3.00", "7.00"))


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
