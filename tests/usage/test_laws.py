"""What must hold for any usage, however it comes: orders, cuts, corrections, parts, times."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.context import Context
from schemas.contracts import ContractChanged, ContractPaused, ContractResumed
from schemas.message import NotYet
from schemas.orders import GrantPrepaid
from services.tariffs.cumulative import Segment, base, is_additive, of_sums, walk
from services.tariffs.events import Use, measure
from services.usage import absorbing, archive
from services.usage.absorbing import Pending
from services.usage.messages import closing
from services.usage.processor import process
from tests.support.events import eur
from tests.support.metering import BERLIN, C1, MeterRoom, take_back, use
from tests.support.meters import TIERS, metered, published
from tests.support.properties import up_to

BANDS = [
    {"weekdays": [1, 2, 3, 4, 5], "from": "08:00", "until": "20:00", "unit_price": "0.20"},
    {"weekdays": [1, 2, 3, 4, 5], "from": "20:00", "until": "08:00", "unit_price": "0.10"},
    {"weekdays": [6, 7], "from": "08:00", "until": "08:00", "unit_price": "0.07"},
]
FLAT = [{"up_to": "40", "unit_price": "0.30", "flat": "2.00"}, {"unit_price": "0.13", "flat": "1"}]
INTERVALS = [{"up_to": "30", "flat": "3.00"}, {"up_to": "90", "flat": "5.00"}, {"flat": "9.00"}]
NO_PRICE = {"unit_price": None}
CHARGES = {
    "plain": {},
    "fee": {"connect_fee": "0.05", "step": {"first": "60", "next": "7"}},
    "free": {"free_units": "35.5"},
    "graduated": NO_PRICE | {"model": "graduated", "tiers": TIERS},
    "entered": NO_PRICE | {"model": "graduated", "tiers": FLAT, "flat_at_zero": True},
    "volume": NO_PRICE | {"model": "volume", "tiers": TIERS, "free_units": "3"},
    "bucket": NO_PRICE | {"model": "bucket", "tiers": INTERVALS, "flat_at_zero": False},
    "package": {"model": "package", "unit_price": "5.00", "package_size": "30"},
    "count": {"aggregation": "count"},
    "groups": {"group_by": ["sim"], "minimum": "4.00 EUR", "maximum": "9.00 EUR"},
    "mobile": {"filters": {"kind": ["mobile"]}},
    "bands": NO_PRICE | {"bands": BANDS, "minimum_per_event": "0.50"},
    "bands-free": NO_PRICE | {"bands": BANDS, "split": True, "free_units": "50"},
    "bounds": NO_PRICE | {"model": "graduated", "tiers": FLAT, "maximum_per_event": "3"}
    | {"flat_at_zero": True},
    "share": NO_PRICE | {"model": "percentage", "percentage": {"rate": "3", "free_events": 2}},
    "peak": NO_PRICE | {"model": "capacity", "tiers": INTERVALS, "aggregation": "max"}
    | {"flat_at_zero": False},
    "last": {"aggregation": "last", "persistent": True},
    "level": {"aggregation": "weighted_sum"},
    "seats": {"persistent": True},
    "names": {"aggregation": "unique_count", "value": "sim"},
}  # fmt: skip


def plan(plan_id="basic", **more):
    factor = "0.10" if plan_id == "basic" else "0.23"
    charges = [metered(n, meter="m", **{"unit_price": factor} | c) for n, c in CHARGES.items()]
    if plan_id == "other":
        # It counts other things, too: sums that were kept under the first do not do.
        charges = [c | {"step": "11"} if c["component_id"] == "plain" else c for c in charges]
        charges += [metered("new", meter="m", unit_price="1", group_by=["kind"])]
    return published(*charges, plan_id=plan_id, **more)


events = st.lists(
    st.tuples(
        st.integers(0, 31 * 24 * 60 - 1),
        st.integers(0, 200_000),
        st.sampled_from(["one", "two", "three"]),
        st.sampled_from(["mobile", "fixed"]),
    ),
    max_size=9,
)
FIRST = datetime(2026, 1, 1, tzinfo=BERLIN)


def recorded(some):
    return [
        use(f"e{n}", FIRST + timedelta(minutes=minute), f"{thousandths / 1000}", "m",
            sim=sim, kind=kind, said_at=datetime(2026, 2, 20, tzinfo=BERLIN))
        for n, (minute, thousandths, sim, kind) in enumerate(some)
    ]  # fmt: skip


def totals(room):
    """Return what was charged in all, by component and group, also what was paid before."""
    found = {}
    for each in (*room.all_of("UsageCharged"), *room.all_of("UsageCorrected")):
        key = each.component_id, str(each.group), str(each.period)
        paid = sum(part.money.minor for part in each.prepaid)
        found[key] = found.get(key, 0) + each.net.minor + paid
    return {key: net for key, net in found.items() if net}


def known_before(some, *facts):
    """Return a room that knew everything in time."""
    room = MeterRoom(plan(), plan("other")).register().hear(*facts)
    return room.hear(*recorded(some)).until(2, 25)


@settings(max_examples=up_to(25), deadline=None)
@given(some=events, order=st.randoms(use_true_random=False))
def test_the_order_in_which_usage_comes_changes_nothing(some, order):
    shuffled = recorded(some)
    order.shuffle(shuffled)

    room = MeterRoom(plan()).register().hear(*shuffled).until(2, 25)

    other = MeterRoom(plan()).register().hear(*recorded(some)).until(2, 25)
    assert totals(room) == totals(other)
    assert [*map(str, room.story())] == [*map(str, other.story())]


@settings(max_examples=up_to(25), deadline=None)
@given(some=events, order=st.randoms(use_true_random=False))
def test_what_comes_late_ends_as_if_it_had_come_in_time(some, order):
    room = MeterRoom(plan(), plan("other")).register()
    late = recorded(some)
    order.shuffle(late)
    for each in late:
        room.hear(each)
        if order.random() < 0.4 and room.day < date(2026, 2, 20):
            room.until(2, max(2, room.day.day + 1) if room.day.month == 2 else 2)

    assert totals(room.until(2, 25)) == totals(known_before(some))


@settings(max_examples=up_to(25), deadline=None)
@given(some=events, wrong=events, order=st.randoms(use_true_random=False))
def test_what_was_taken_back_leaves_no_trace(some, wrong, order):
    room = MeterRoom(plan(), plan("other")).register()
    kept, gone = recorded(some), recorded(wrong)
    for n, each in enumerate(gone):
        each._origin = each.origin._replace(id=f"w{n}")
    facts = [*kept, *gone]
    order.shuffle(facts)
    for each in facts:
        room.hear(each)
        if order.random() < 0.2 and room.day < date(2026, 2, 2):
            room.until(2, 2)
    for n in range(len(gone)):
        room.hear(take_back(f"w{n}"), take_back(f"w{n}"))
        if order.random() < 0.2 and room.day < date(2026, 2, 20):
            room.until(2, 20)

    assert totals(room.until(2, 25)) == totals(known_before(some))


@settings(max_examples=up_to(25), deadline=None)
@given(some=events, day=st.integers(1, 31), order=st.randoms(use_true_random=False))
def test_u57_a_change_counts_from_its_day_whenever_it_is_said(some, day, order):
    changes = [
        ContractChanged(**C1, plan_id="other", effective_on=date(2026, 1, day)),
        ContractPaused(**C1, paused_from=date(2026, 1, 14), cause="operator"),
        ContractResumed(**C1, resumed_on=date(2026, 1, 16), cause="operator"),
    ]
    room = MeterRoom(plan(), plan("other")).register()
    late = [*recorded(some), changes[0]]
    order.shuffle(late)
    # A pause reopens what is closed, too: where it comes first it hides nothing.
    late = [*changes[1:], *late] if order.random() < 0.5 else [*late, *changes[1:]]
    for each in late:
        room.hear(each)
        if order.random() < 0.3 and room.day < date(2026, 2, 20):
            room.until(2, max(2, room.day.day + 1) if room.day.month == 2 else 2)

    assert totals(room.until(2, 25)) == totals(known_before(some, *changes))


@settings(max_examples=up_to(25), deadline=None)
@given(some=events, day=st.integers(1, 31), order=st.randoms(use_true_random=False))
def test_after_each_message_it_is_known_when_to_wake_and_whether_to_speak(some, day, order):
    alerts = [{"component_id": "count", "quantity": "3"}]
    marked = published(metered("count", meter="m", unit_price="1"), plan_id="marked", alerts=alerts)
    low = GrantPrepaid(**C1, grant_id="G1", money=eur("3.00"), low_at=eur("2.00"))
    plan_id = order.choice(["other", "marked"])
    facts = [
        *recorded(some),
        ContractChanged(**C1, plan_id=plan_id, effective_on=date(2026, 1, day)),
        ContractPaused(**C1, paused_from=date(2026, 1, 14), cause="operator"),
        *([low] if order.random() < 0.3 else []),
        *(take_back(f"e{n}") for n in range(0, len(some), 3)),
    ]
    order.shuffle(facts)
    room = MeterRoom(plan(), plan("other"), marked).register()
    for each in facts:
        with suppress(NotYet):  # what is taken back before it came waits
            room.hear(each)
        assert room.contract.wake_on == closing.wakes_on(room.contract, room.terms)
        # What was just told need not be told again, which the next message finds.
        assert room.contract.speaks or not closing.speaks(room.contract, room.terms)
        if order.random() < 0.3 and room.day < date(2026, 2, 20):
            room.until(2, max(2, room.day.day + 1) if room.day.month == 2 else 2)


@settings(max_examples=up_to(25), deadline=None)
@given(some=events, cuts=st.lists(st.integers(0, 9), max_size=4))
def test_absorbing_any_cut_is_processing_one_by_one(some, cuts):
    room, other = (MeterRoom(plan()).register() for _ in range(2))
    usage = recorded(some)
    edges = sorted({0, len(usage), *(c for c in cuts if c < len(usage))})
    for begin, end in pairwise(edges):
        pending = Pending()
        assert absorbing.takes(room.contract)
        for each in usage[begin:end]:
            more = absorbing.gather(room.contract, each, pending, terms=room.terms)
            assert more is not None
            room.filed |= absorbing.pieces_of(room.contract, each, pending, terms=room.terms)
            pending = more
        room.contract = absorbing.absorb(room.contract, pending)

    other.hear(*usage)

    assert (room.contract, room.filed) == (other.contract, other.filed)
    assert other.said == []
    assert room.until(2, 25).story() == other.until(2, 25).story()


@settings(max_examples=up_to(40), deadline=None)
@given(some=events, share=st.floats(0, 1))
def test_sums_say_what_events_say_one_by_one(some, share):
    terms, room = MeterRoom(plan()).terms, MeterRoom(plan()).register()
    place = room.contract.agreement.place
    for charge in (each for each in plan().metered if is_additive(each)):
        uses = sorted(
            (Use(u.occurred_at, u.origin.id, u.quantity, u.properties) for u in recorded(some)),
            key=lambda each: each.order,
        )
        found = [measure(charge, u, terms, place=place, day=u.occurred_at.date()) for u in uses]
        steps = walk([(charge, each) for each in found])
        cut = int(share * len(found))
        halves = [_segment(charge, found[:cut], 10), _segment(charge, found[cut:], 21)]
        total = sum((each.units for each in found), Fraction(0))

        one_by_one = sum((each.amount for each in steps), base(charge, total))

        assert of_sums(halves) == of_sums([_segment(charge, found, 31)]) == one_by_one


def _segment(charge, found, days):
    from services.tariffs.cumulative import alone

    units = sum((each.units for each in found), Fraction(0))
    return Segment(charge, days, units, sum((alone(charge, e) for e in found), Fraction(0)))


@settings(max_examples=up_to(25), deadline=None)
@given(some=events, order=st.randoms(use_true_random=False))
def test_u63_interim_threshold_and_final_charges_add_up_to_the_whole(some, order):
    room = MeterRoom(plan(threshold="7.00 EUR")).register()
    room.hear(GrantPrepaid(**C1, grant_id="g", money=eur("20.00"), low_at=eur("5.00")))
    usage = recorded(some)
    order.shuffle(usage)
    for each in usage:
        room.hear(each)
        if order.random() < 0.2:
            room.bill_now()
        if order.random() < 0.1 and room.day < date(2026, 2, 2):
            room.until(2, 2)
        if order.random() < 0.2:
            room.hear(take_back(each.origin.id))

    taken = {piece.name for piece in room.filed.values() if getattr(piece, "retracted", False)}
    left = [u for u in usage if absorbing.event_of(room.contract, u, number=1).name not in taken]
    whole = MeterRoom(plan()).register().hear(*left).until(2, 25)
    assert totals(room.until(2, 25)) == totals(whole)


def test_nothing_is_at_hand_between_messages():
    room = MeterRoom(plan()).register().hear(*recorded([(5, 1000, "one", "mobile")]))

    assert (room.contract.events, room.contract.pointers, room.contract.periods) == ({}, {}, {})
    state, pieces = archive.file_away(room.contract)
    assert (state, pieces) == (room.contract, {})
    used = use("b", "01-02 12:00", "1", "m", sim="1")
    assert process(room.contract, used, Context(room.terms))[1] == ()
