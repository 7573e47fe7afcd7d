"""Every event has a fate that can be asked (U-60)."""

from datetime import date

import pytest

from schemas.contracts import ContractEnded, ContractPaused, ContractResumed
from schemas.usage import UsageBackfillClosed, UsageBackfillOpened, UsageBackfillReverted
from services.usage import archive
from services.usage.fate import fate, pieces_for
from services.usage.metering.reach import name_of
from tests.support.metering import C1, MeterRoom, at, take_back, use
from tests.support.meters import TIERS, metered, published

JANUARY, FEBRUARY = "2026-01-01/2026-02-01", "2026-02-01/2026-03-01"


@pytest.fixture(scope="module")
def room():
    calls = metered("calls", meter="seconds", unit_price="0.10", filters={"kind": ["a"]})
    both = metered("all", meter="seconds", unit_price="0.01", filters={"kind": ["a", "b"]})
    room = MeterRoom(published(calls, both)).register()
    room.hear(
        use("both", "01-05 12:00", "1", kind="a"),
        use("one", "01-05 12:00", "1", kind="b"),
        use("none", "01-05 12:00", "1", kind="c"),
        use("gone", "01-05 12:00", "1", kind="a"),
        take_back("gone"),
        ContractPaused(**C1, paused_from=date(2026, 1, 10), cause="operator"),
        ContractResumed(**C1, resumed_on=date(2026, 1, 12), cause="operator"),
        use("resting", "01-11 12:00", "1", kind="a"),
    ).until(2, 10)
    opened = {"backfill_id": "b", "meter": "seconds", "from_": date(2026, 1, 20)}
    room.hear(
        UsageBackfillOpened(**C1, **opened, until=date(2026, 1, 30)),
        use("set", "01-25 12:00", "1", backfill_id="b", said_at=at("02-10 12:00")),
        use("new", "02-09 12:00", "1", kind="b"),
    )
    return room


def told(room, name):
    contract, known = room.contract, frozenset()
    named = [name_of("/meters", name)]
    while wanted := pieces_for(contract, named, terms=room.terms) - known:
        found = {piece: room.filed[piece] for piece in wanted if piece in room.filed}
        contract, known = archive.recall(contract, found), known | wanted
    return fate(contract, "/meters", name, terms=room.terms)


def asked(room, name):
    found = told(room, name)
    period = "/".join(map(str, found.period)) if found.period else None
    return found.kind, period, found.components


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("both", ("counted", JANUARY, ("all", "calls"))),
        ("one", ("counted", JANUARY, ("all",))),
        ("none", ("unpriced", JANUARY, ())),
        ("gone", ("retracted", None, ())),
        ("resting", ("unrated", JANUARY, ())),
        ("set", ("in_backfill", None, ())),
        ("new", ("counted", FEBRUARY, ("all",))),
        ("never said", ("unknown", None, ())),
    ],
)
def test_what_became_of_an_event(room, name, expected):
    assert asked(room, name) == expected


def test_what_is_late_is_so_until_the_difference_is_said(room):
    room.hear(use("late", "01-06 12:00", "1", kind="a", said_at=at("02-10 12:00")))
    assert asked(room, "late") == ("late", JANUARY, ("all", "calls"))

    room.until(2, 11)

    assert asked(room, "late") == ("counted", JANUARY, ("all", "calls"))


def simple():
    return MeterRoom(published(metered("calls", meter="seconds", unit_price="0.10"))).register()


@pytest.mark.parametrize(
    ("when", "expected"),
    [("01-09 23:59", ("counted", ("calls",))), ("01-10 00:00", ("unrated", ()))],
)
def test_u60_what_is_used_after_the_end_is_kept_and_not_rated(when, expected):
    room = simple().hear(ContractEnded(**C1, ends_on=date(2026, 1, 10)))

    room.hear(use("a", when, "1"))

    kind, _, components = asked(room, "a")
    assert (kind, components) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [("01-09 23:59", ("counted", ("calls",))), ("01-10 00:00", ("unrated", ()))],
)
def test_u60_what_is_used_while_the_contract_rests_is_kept_and_not_rated(when, expected):
    room = simple().hear(ContractPaused(**C1, paused_from=date(2026, 1, 10), cause="operator"))

    room.hear(use("a", when, "1"))

    kind, _, components = asked(room, "a")
    assert (kind, components) == expected


@pytest.mark.parametrize(
    ("then", "fates"),
    [
        (None, ["counted", "in_backfill"]),
        (UsageBackfillClosed, ["retracted", "counted"]),
        (UsageBackfillReverted, ["counted", "retracted"]),
    ],
)
def test_u60_a_set_counts_when_it_is_closed_and_takes_the_place_of_what_it_replaces(then, fates):
    stretch = {"from_": date(2026, 1, 1), "until": date(2026, 1, 10)}
    room = simple().hear(
        use("old", "01-05 12:00", "1"),
        UsageBackfillOpened(**C1, backfill_id="b", meter="seconds", **stretch, replaces=True),
        use("new", "01-05 12:00", "2", backfill_id="b"),
    )

    room.hear(*([then(**C1, backfill_id="b")] if then else []))

    assert [asked(room, name)[0] for name in ("old", "new")] == fates


def tiers(room, name):
    (counted,) = told(room, name).counted
    return [("free" if each.free else each.up_to) for each in counted.tiers]


def test_the_tier_of_an_event_goes_by_what_was_used_before_it_and_not_by_when_it_came():
    data = metered("data", meter="megabytes", model="graduated", tiers=TIERS, free_units="10")
    room = MeterRoom(published(data)).register()
    room.hear(
        use("third", "01-07 12:00", "95", "megabytes"),
        use("first", "01-05 12:00", "10", "megabytes"),
        use("second", "01-06 12:00", "100", "megabytes"),
    )

    # Ten are free; 1 to 100 of what is paid are the second's; the third's are 101 to 195.
    assert [tiers(room, each) for each in ("first", "second", "third")] == [["free"], [100], [500]]

    room.hear(use("late", "01-05 11:00", "10", "megabytes", said_at=at("02-10 12:00"))).until(2, 11)

    # Ten more came before them all: now the first is paid for, and the second has ten of the next.
    assert [tiers(room, each) for each in ("late", "first", "second")] == [
        ["free"],
        [100],
        [100, 500],
    ]


def test_all_units_of_a_volume_have_the_tier_that_the_period_reaches():
    data = metered("data", meter="megabytes", model="volume", tiers=TIERS)
    room = MeterRoom(published(data)).register()
    room.hear(
        use("a", "01-05 12:00", "1", "megabytes"), use("b", "01-06 12:00", "100", "megabytes")
    ).until(2, 2)

    assert [tiers(room, each) for each in ("a", "b")] == [[500], [500]]


def test_a_rounded_quantity_is_told_and_nothing_of_tiers_where_there_are_none():
    calls = metered("calls", meter="seconds", unit_price="0.01", step={"first": "60", "next": "10"})
    room = MeterRoom(published(calls)).register().hear(use("a", "01-05 12:00", "61"))

    (counted,) = told(room, "a").counted
    assert (counted.component_id, counted.units, counted.tiers) == ("calls", 70, ())


def test_an_allowance_is_told_where_an_event_has_a_part_of_it():
    texts = metered("texts", meter="texts", unit_price="0.09", free_units="10")
    room = MeterRoom(published(texts)).register()
    for name, day in (("a", "05"), ("b", "06"), ("c", "07")):
        room.hear(use(name, f"01-{day} 12:00", "6", "texts"))

    assert [tiers(room, each) for each in "abc"] == [["free"], ["free", None], [None]]
