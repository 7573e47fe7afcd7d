"""Every event has a fate that can be asked (U-60)."""

from datetime import date

import pytest

from schemas.contracts import ContractPaused, ContractResumed
from schemas.usage import UsageBackfillOpened
from services.usage import archive
from services.usage.fate import fate, pieces_for
from tests.support.metering import C1, MeterRoom, at, take_back, use
from tests.support.meters import metered, published

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


def asked(room, name):
    contract, known = room.contract, frozenset()
    while wanted := pieces_for(contract, "/meters", name) - known:
        found = {piece: room.filed[piece] for piece in wanted if piece in room.filed}
        contract, known = archive.recall(contract, found), known | wanted
    found = fate(contract, "/meters", name, terms=room.terms)
    period = "/".join(map(str, found.period)) if found.period else None
    return found.kind, period, found.components


@pytest.mark.parametrize(
    ("name", "told"),
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
def test_what_became_of_an_event(room, name, told):
    assert asked(room, name) == told


def test_what_is_late_is_so_until_the_difference_is_said(room):
    room.hear(use("late", "01-06 12:00", "1", kind="a", said_at=at("02-10 12:00")))
    assert asked(room, "late") == ("late", JANUARY, ("all", "calls"))

    room.until(2, 11)

    assert asked(room, "late") == ("counted", JANUARY, ("all", "calls"))
