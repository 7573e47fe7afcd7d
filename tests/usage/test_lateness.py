"""What comes at the wrong time, or cannot be right: late, too late, unpriced, refused."""

from datetime import date

import pytest

from schemas.contracts import ContractChanged, ContractEnded, ContractPaused
from schemas.message import NotYet, Refused
from schemas.price_lists import PriceListPublished
from tests.support.metering import C1, MeterRoom, at, instead, take_back, use
from tests.support.meters import metered, published


def calls(**more):
    return metered("calls", **{"meter": "seconds", "unit_price": "0.10"} | more)


def late(room, quantity="10", name="late"):
    return room.hear(use(name, "01-06 12:00", quantity, said_at=at("02-10 12:00")))


def open_room(*published_, **more):
    return MeterRoom(*published_).register(**more)


def test_u31_late_usage_is_one_difference_of_its_period_on_the_day_after():
    room = open_room(published(calls())).hear(use("a", "01-05 12:00", "100")).until(2, 10)

    late(room, "10", "x")
    late(room, "20", "y")
    room.until(2, 11)

    assert room.story()[1:] == ["02-11 ~calls[01-01,02-01) 30=3.00"]
    assert room.all_of("UsageCorrected")[0].rebill is False


def test_u31_late_usage_of_what_was_not_charged_yet_is_a_late_charge():
    room = late(open_room(published(calls())).until(2, 10)).until(2, 11)

    assert room.story() == ["02-11 +calls[01-01,02-01) 10=1.00"]


def test_u31_credit_and_rebill_is_asked_for_where_the_plan_says_so():
    room = open_room(published(calls(), late_usage="credit_rebill"))
    room.hear(use("a", "01-05 12:00", "100")).until(2, 10)

    assert [e.rebill for e in late(room).until(2, 11).all_of("UsageCorrected")] == [True]
    (said,) = room.all_of("UsageCorrected")
    # All of it as it is now: what was charged, and the difference.
    (first,) = room.all_of("UsageCharged")
    assert said.whole.net.minor == first.net.minor + said.net.minor
    assert int(said.whole.quantity) == int(first.quantity) + int(said.quantity)


def test_u31_late_usage_is_refused_where_the_plan_says_so():
    room = open_room(published(calls(), late_usage="reject")).until(2, 1)
    late(room)  # the period ended, and is not closed yet
    room.until(2, 10)

    with pytest.raises(Refused, match="too_late"):
        late(room, name="z")


@pytest.mark.parametrize(("days", "month", "day", "taken"), [
    (None, 4, 6, True), (None, 4, 7, False), (30, 2, 5, True), (30, 2, 6, False),
])  # fmt: skip
def test_u32_what_is_older_than_the_bound_is_too_late(days, month, day, taken):
    room = open_room(published(calls(), late_days=days)).until(month, day)

    if taken:
        late(room)
        assert room.contract.taken == 1
    else:
        with pytest.raises(Refused, match="too_late"):
            late(room)


def test_u33_a_retraction_waits_for_its_original():
    with pytest.raises(NotYet):
        open_room(published(calls())).hear(take_back("a"))


def test_u33_a_retraction_of_what_is_too_old_is_too_late():
    room = open_room(published(calls())).hear(use("a", "01-05 12:00", "1")).until(4, 20)

    with pytest.raises(Refused, match="too_late"):
        room.hear(take_back("a"))


@pytest.mark.parametrize("days", [(1, 6), (2, 10)], ids=["open", "closed"])
def test_u33_a_second_retraction_changes_nothing(days):
    room = open_room(published(calls())).hear(
        use("a", "01-05 12:00", "10"), use("b", "01-05 13:00", "30")
    )

    room.until(*days).hear(take_back("a"), take_back("a")).until(2, 20).hear(take_back("a"))

    # 30 of 40 stand, at 0.10 each.
    assert (room.until(3, 1).net(), room.all_of("UsageCorrected")[1:]) == (300, [])


def test_u33_a_replacement_does_both_or_nothing():
    room = open_room(published(calls())).hear(use("a", "01-05 12:00", "5"))

    with pytest.raises(Refused, match="less than nothing"):
        room.hear(instead("a", "b", "01-05 12:00", "-6"))
    room.hear(instead("a", "b", "01-05 12:00", "6")).until(2, 2)

    assert room.story() == ["02-02 calls[01-01,02-01) 6=0.60"]


def test_u57_a_plan_from_a_day_longer_ago_than_usage_may_be_is_too_late():
    other = published(calls(unit_price="0.20"), plan_id="other")
    room = open_room(published(calls()), other).until(5, 10)

    with pytest.raises(Refused, match="too_late"):
        room.hear(ContractChanged(**C1, plan_id="other", effective_on=date(2026, 2, 8)))
    room.hear(ContractChanged(**C1, plan_id="other", effective_on=date(2026, 2, 9)))


@pytest.mark.parametrize(
    ("usage", "problem"),
    [
        (use("a", "01-05 12:05:01", "1", said_at=at("01-05 12:00")), "more than five minutes"),
        (use("a", "01-05 12:00", "-1"), "less than nothing"),
        (use("a", "01-05 12:00", "-1", "unknown"), "less than nothing"),
        (use("a", "01-05 12:00", "1", "money"), "the amount is missing"),
        (use("a", "01-05 12:00", "1", "money", sum="-1.00"), "the amount is missing, or is none"),
        (use("a", "01-05 12:00", "1", "money", sum="1,00"), "the amount is missing, or is none"),
    ],
)
def test_u04_what_cannot_be_right_is_dead_lettered(usage, problem):
    share = {"model": "percentage", "percentage": {"rate": "1"}, "value": "sum"}
    fees = metered("fees", meter="money", **share)

    with pytest.raises(Refused, match=problem):
        open_room(published(calls(), fees)).hear(usage)


def test_u04_five_minutes_ahead_are_taken():
    room = open_room(published(calls()))

    room.hear(use("a", "01-05 12:05", "1", said_at=at("01-05 12:00")))

    assert room.contract.taken == 1


def test_u54_a_thousand_groups_and_no_more():
    room = open_room(published(calls(group_by=["sim"])))
    room.hear_at_once(*(use(f"{n}", "01-05 12:00", "1", sim=f"{n}") for n in range(1000)))

    with pytest.raises(Refused, match="too_many_groups"):
        room.hear(use("one more", "01-05 12:00", "1", sim="one more"))
    room.hear(use("known", "01-05 12:00", "1", sim="999"))


def test_u55_what_nothing_prices_is_told_once_and_priced_by_the_plan_that_comes():
    texts = published(calls(), metered("texts", meter="texts", unit_price="1"), plan_id="other")
    room = open_room(published(calls()), texts)
    room.hear(*(use(f"{n}", f"01-0{n} 12:00", "2", "texts") for n in range(1, 5))).until(2, 10)

    told = room.all_of("UsageUnpriced")
    assert [(e.meter, e.events, e.quantity) for e in told] == [("texts", 4, "8")]
    room.hear(ContractChanged(**C1, plan_id="other", effective_on=date(2026, 1, 3))).until(2, 11)
    assert room.story() == ["02-11 +texts[01-01,02-01) 4=4.00"]


def test_r65_usage_in_a_pause_is_kept_and_not_rated_also_where_the_pause_is_said_later():
    room = open_room(published(calls())).hear(use("a", "01-05 12:00", "10"))
    room.hear(use("b", "01-20 12:00", "30")).until(2, 10)

    room.hear(ContractPaused(**C1, paused_from=date(2026, 1, 20), cause="operator")).until(2, 11)

    assert room.story() == [
        "02-02 calls[01-01,02-01) 40=4.00",
        "02-11 ~calls[01-01,02-01) -30=-3.00",
    ]


def test_r61_usage_up_to_the_end_is_charged_after_its_delay():
    room = open_room(published(calls())).hear(use("a", "01-19 23:59", "10"))

    room.hear(ContractEnded(**C1, ends_on=date(2026, 1, 20)), use("b", "01-20 00:00", "5"))
    room.until(3, 1)

    assert room.story() == ["01-21 calls[01-01,01-20) 10=1.00"]
    assert [str(e.period) for e in room.all_of("PeriodClosed")] == ["2026-01-01/2026-01-20"]


@pytest.mark.parametrize(("quantity", "charges"), [("499", 0), ("500", 1), ("501", 1)])
def test_u17_usage_at_the_threshold_is_charged_at_once(quantity, charges):
    room = open_room(published(calls(), threshold="50.00 EUR"))

    room.hear(use("a", "01-05 12:00", quantity))

    assert len(room.story()) == charges


def test_u17_the_next_crossing_counts_from_what_was_charged():
    room = open_room(published(calls(), threshold="50.00 EUR"))

    room.hear(use("a", "01-05 12:00", "600"), use("b", "01-06 12:00", "499"))
    room.hear(use("c", "01-07 12:00", "1")).until(2, 2)

    assert room.story() == [
        "01-01 calls[01-01,02-01) 600=60.00",
        "01-01 calls[01-01,02-01) 500=50.00",
    ]


def test_u17_it_is_switched_per_contract_and_no_late_usage_triggers_it():
    room = open_room(
        published(calls(), threshold="1.00 EUR"), switches={"threshold_billing": False}
    )
    assert room.hear(use("a", "01-05 12:00", "600")).story() == []
    room.hear(ContractChanged(**C1, switches={"threshold_billing": True}))
    assert room.story() == ["01-01 calls[01-01,02-01) 600=60.00"]

    late(room.until(2, 10), "100")

    assert len(room.story()) == 1


def test_u56_each_mark_is_told_once_a_period_also_when_usage_falls_and_rises_again():
    alerts = [{"component_id": "calls", "quantity": "100"}, {"net": "15.00 EUR"}]
    room = open_room(published(calls(), alerts=alerts))

    room.hear(use("a", "01-05 12:00", "99"), use("b", "01-05 12:00", "1"))
    assert [(e.component_id, e.reached) for e in room.all_of("UsageAlert")] == [("calls", "100")]
    room.hear(take_back("b"), use("c", "01-06 12:00", "60"))
    assert [e.reached for e in room.all_of("UsageAlert")] == ["100", "15.9"]
    room.until(2, 5).hear(use("d", "02-05 12:00", "100"))

    assert [str(e.period.from_) for e in room.all_of("UsageAlert")] == [
        "2026-01-01",
        "2026-01-01",
        "2026-02-01",
    ]


def test_what_was_used_before_the_contract_began_is_kept_and_can_be_taken_back():
    room = open_room(published(calls()), starts_on=date(2026, 2, 10))

    room.hear(use("a", "01-05 12:00", "10"), use("b", "02-05 12:00", "10")).until(3, 12)
    room.hear(take_back("a"), take_back("b")).until(3, 14)

    assert room.story() == []
    room.hear(use("c", "01-06 12:00", "10", said_at=at("03-14 12:00"))).until(3, 16)
    assert room.story() == []


def test_u51_a_retraction_takes_off_what_was_added_whatever_list_was_published_since():
    listed = {"price_list_id": "abroad", "property": "to"}
    plan = published(calls(unit_price=None, price_list=listed))
    room = open_room(plan, price_list(1, "4"))

    room.hear(use("a", "01-05 12:00", "10", to="431"), use("b", "01-05 12:00", "10", to="5"))
    room.publish(price_list(2, "43", "5")).hear(take_back("a"), take_back("b")).until(2, 10)

    assert (room.story(), room.all_of("UsageUnpriced")) == ([], [])


def test_u52_an_event_that_is_cut_has_a_length_that_can_be_cut():
    whole = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "until": "00:00"}
    plan = published(calls(unit_price=None, bands=[whole | {"unit_price": "0.10"}], split=True))
    room = open_room(plan).hear(use("a", "01-05 12:00", "2678400"))

    with pytest.raises(Refused, match="at most 31 days"):
        room.hear(use("b", "01-05 12:00", "2678400.1"))


def test_names_that_are_counted_need_be_no_numbers():
    room = open_room(published(calls(aggregation="unique_count", value="who")))

    room.hear(use("a", "01-05 12:00", "1", who="Ada"), use("b", "01-06 12:00", "1", who="Ada"))
    room.hear(use("c", "01-06 12:00", "1", who="Bela"), use("d", "01-06 12:00", "1")).until(2, 2)

    assert room.story() == ["02-02 calls[01-01,02-01) 2=0.20"]


def price_list(version, *prefixes):
    entries = tuple({"prefix": each, "unit_price": "0.10"} for each in prefixes)
    said = {"price_list_id": "abroad", "version": version, "legal_entity_id": "acme"}
    said |= {"part": 1, "parts": 1, "entries": entries, "valid_from": date(2026, 1, 1)}
    return PriceListPublished.model_validate(said)


def test_u55_a_plan_that_begins_within_a_month_prices_what_is_used_from_its_day_on():
    room = MeterRoom(published(calls(), threshold="2.00 EUR")).register(plan_id=None)
    room.hear(use("a", "01-05 12:00", "10")).until(1, 15)

    room.hear(ContractChanged(**C1, plan_id="basic"), use("b", "01-20 12:00", "30")).until(2, 5)

    assert room.story() == ["01-15 calls[01-15,02-01) 30=3.00"]
    told = room.all_of("UsageUnpriced")
    assert [(str(e.period), e.quantity) for e in told] == [("2026-01-01/2026-01-15", "10")]
    assert [str(e.period) for e in room.all_of("PeriodClosed")] == ["2026-01-15/2026-02-01"]


def test_u58_a_change_of_rhythm_after_an_interim_charge_charges_nothing_twice():
    weekly = published(calls(), plan_id="weekly", billing_period="P1W")
    room = open_room(published(calls(), threshold="2.00 EUR"), weekly)
    room.hear(use("a", "01-05 12:00", "10"), use("b", "01-09 12:00", "30"))

    room.hear(ContractChanged(**C1, plan_id="weekly", effective_on=date(2026, 1, 8))).until(2, 5)

    assert room.net() == 400
    assert room.story() == [
        "01-01 calls[01-01,02-01) 40=4.00",
        "01-09 calls[01-01,01-08) -30=-3.00",
        "01-16 calls[01-08,01-15) 30=3.00",
    ]


def test_another_anchor_after_an_interim_charge_charges_nothing_twice():
    room = open_room(published(calls(), threshold="2.00 EUR"))
    room.hear(use("a", "01-20 12:00", "40"))

    room.hear(ContractChanged(**C1, billing_anchor_on=date(2026, 1, 15))).until(2, 20)

    assert room.net() == 400


def test_more_than_a_message_can_say_stops_nobody():
    alerts = [{"component_id": "calls", "quantity": "1"}]
    room = open_room(published(calls(unit_price="0.000000000001"), alerts=alerts))

    room.hear(
        use("a", "01-05 12:00", "999999999999999"), use("b", "01-05 13:00", "999999999999999")
    )

    assert room.until(2, 2).story() == ["02-02 calls[01-01,02-01) 999999999999999=2000.00"]


@pytest.mark.parametrize(
    ("counts_from", "alerts"),
    [(date(2026, 1, 8), 0), (date(2026, 1, 25), 1), (None, 0)],
)
def test_a_change_cuts_what_is_metered_when_it_counts_and_not_before(counts_from, alerts):
    """1.00 is used on the 5th and 2.00 on the 20th: 2.50 is reached unless the end counts."""
    room = open_room(published(calls(), alerts=[{"net": "2.50 EUR"}])).until(1, 4)
    room.hear(ContractChanged(**C1, effective_on=counts_from, ends_on=date(2026, 1, 10)))

    room.hear(use("a", "01-05 12:00", "10")).until(1, 20).hear(use("b", "01-20 12:00", "20"))

    assert len(room.all_of("UsageAlert")) == alerts
    assert room.until(1, 31).net() == 100


def test_what_counts_later_of_a_contract_that_has_ended_by_then_is_the_rest_of_it():
    """The end of 1 June may not come any more; the threshold of 2.00 is on from 20 January."""
    room = open_room(published(calls(), threshold="2.00 EUR"))
    room.hear(ContractChanged(**C1, switches={"threshold_billing": False})).until(1, 4)
    room.hear(use("a", "01-04 12:00", "30"))
    switches = {"threshold_billing": True}
    room.hear(ContractChanged(**C1, effective_on=date(2026, 1, 6), ends_on=date(2026, 6, 1),
                              switches=switches))  # fmt: skip
    room.hear(ContractEnded(**C1, ends_on=date(2026, 1, 5)))

    assert room.until(1, 5).story() == []
    assert room.until(1, 6).story() == ["01-06 calls[01-01,01-05) 30=3.00"]
    assert room.contract.agreed.ends.on == date(2026, 1, 5)
