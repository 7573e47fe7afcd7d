"""Minimum, maximum and discounts of usage: they follow the lines of their period (U-25)."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.charges import PeriodClosed, UsageCharged, UsageCorrected
from schemas.contracts import ContractChanged, ContractEnded, ContractPaused, ContractResumed
from schemas.message import Refused
from schemas.orders import (
    BillInterim,
    CancelCreditNote,
    CorrectInvoice,
    GrantDiscount,
    IssueCreditNote,
    VoidInvoice,
)
from services.invoicing import audit
from services.invoicing.billed import Invoice
from services.tariffs.periods import Period
from services.tariffs.rounding import rounded
from tests.support.events import eur
from tests.support.office import Office
from tests.support.properties import up_to
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}
CALLS = flat("calls", "1.00", meter="calls")
DATA = flat("data", "1.00", meter="data", vat_rate="7")


def on(month, day):
    return date(2026, month, day)


JANUARY = on(1, 1), on(2, 1)


def used(name, net, *, of=JANUARY, **more):
    said = {"component_id": "calls", "quantity": "3"}
    period = {"from_": of[0], "until": of[1]}
    return UsageCharged(**C1, charge_id=name, net=eur(net), period=period, **said | more)


def closed(from_on, until):
    return PeriodClosed(**C1, period={"from_": from_on, "until": until})


def metered(base, **bounds):
    """A monthly plan that is billed afterwards, with its usage."""
    return plan(flat("base", base), bill="in_arrears", metered=(CALLS,), **bounds)


def lines(office, first=0):
    """Return each document in its lines, and how much it came to without tax."""
    return [
        " ".join([story.split(" ")[1], *story.split(" ")[3:]]) for story in office.story()[first:]
    ]


def test_u25_what_comes_late_takes_the_place_of_what_was_missing():
    """20.00 and 10.00 of 80.00: 50.00 are missing; 50.00 late: 80.00 in all."""
    office = Office(metered("20.00", minimum=eur("80.00"))).register().until(on(2, 1))
    office.hear(used("1", "10.00")).until(on(2, 2))
    assert lines(office) == [
        "R-1 base[01-01,02-01)=20.00 calls[01-01,02-01)=10.00 minimum[01-01,02-01)=50.00"
    ]

    office.hear(used("2", "50.00", late=True)).until(on(3, 2))

    assert lines(office, 1) == [
        "R-2 base[02-01,03-01)=20.00 calls[01-01,02-01)=50.00 "
        "minimum[01-01,02-01)=-50.00 minimum[02-01,03-01)=60.00"
    ]


def test_u25_what_is_late_and_more_than_was_missing_costs_what_is_more():
    office = Office(metered("20.00", minimum=eur("80.00"))).register().until(on(2, 2))
    assert lines(office) == ["R-1 base[01-01,02-01)=20.00 minimum[01-01,02-01)=60.00"]

    office.hear(used("1", "75.00", late=True)).until(on(3, 2))

    # 95.00 for January: 15.00 more than was billed.
    assert lines(office, 1) == [
        "R-2 base[02-01,03-01)=20.00 calls[01-01,02-01)=75.00 "
        "minimum[01-01,02-01)=-60.00 minimum[02-01,03-01)=60.00"
    ]


def test_u25_late_usage_beside_other_usage_costs_no_more_than_the_minimum():
    """Seen: 175.00 for 115.00. 40.00, and 75.00 late, are more than the minimum of 100.00."""
    office = Office(metered("40.00", minimum=eur("100.00"))).register().until(on(2, 2))
    office.hear(ContractEnded(**C1, ends_on=on(2, 1)))

    office.hear(used("1", "75.00", late=True)).until(on(2, 10))

    assert net_of(office) == 11500


def test_u25_a_minimum_waits_for_the_usage_where_the_contract_ends():
    """Seen: 110.00 for 100.00, at every end: the usage of the last days came a day later."""
    office = Office(metered("90.00", minimum=eur("100.00"))).register().until(on(1, 20))
    office.hear(ContractEnded(**C1, ends_on=on(2, 1))).until(on(2, 1))
    assert lines(office) == ["R-1 base[01-01,02-01)=90.00"]

    office.hear(used("1", "10.00")).until(on(2, 5))

    assert lines(office, 1) == ["R-2 calls[01-01,02-01)=10.00"]


def test_u25_a_closed_period_is_settled_at_once_also_at_an_end():
    office = Office(metered("62.00", minimum=eur("155.00"))).register().until(on(1, 21))

    office.hear(ContractEnded(**C1, ends_on=on(1, 21)))
    assert lines(office) == ["R-1 base[01-01,01-21)=40.00"]
    office.hear(used("1", "10.00", of=(on(1, 1), on(1, 21))), closed(on(1, 1), on(1, 21)))

    # 20 of 31 days: 100.00.
    assert lines(office, 1) == ["R-2 calls[01-01,01-21)=10.00 minimum[01-01,01-21)=50.00"]


def test_u25_two_plans_in_a_period_cost_the_parts_of_both_minimums_once():
    """Seen: 105.00, and 150.00, for 120.00: half of June at 90.00, half at 150.00."""
    small = plan(flat("base", "20.00"), bill="in_arrears", minimum=eur("90.00"))
    large = plan(flat("large", "60.00"), bill="in_arrears", minimum=eur("150.00"), plan_id="large")
    office = Office(small, large, day=on(6, 1)).register(starts_on=on(6, 1)).until(on(6, 10))

    office.hear(ContractChanged(**C1, plan_id="large", effective_on=on(6, 16))).until(on(7, 1))

    assert lines(office) == [
        "R-1 base[06-01,06-16)=10.00 large[06-16,07-01)=30.00 minimum[06-01,07-01)=80.00"
    ]


def test_u25_a_plan_without_a_maximum_leaves_the_period_without_one():
    capped = plan(flat("base", "90.00"), bill="in_arrears", maximum=eur("30.00"))
    free = plan(flat("free", "60.00"), bill="in_arrears", plan_id="free")
    office = Office(capped, free, day=on(6, 1)).register(starts_on=on(6, 1)).until(on(6, 10))

    office.hear(ContractChanged(**C1, plan_id="free", effective_on=on(6, 16))).until(on(7, 1))

    assert lines(office) == ["R-1 base[06-01,06-16)=45.00 free[06-16,07-01)=30.00"]


@pytest.mark.parametrize(
    ("late", "line"),
    [
        ("9.99", "R-2 base[02-01,03-01)=20.00 calls[01-01,02-01)=9.99"),
        ("10.00", "R-2 base[02-01,03-01)=20.00 calls[01-01,02-01)=10.00"),
        (
            "10.01",
            "R-2 base[02-01,03-01)=20.00 calls[01-01,02-01)=10.01 maximum[01-01,02-01)=-0.01",
        ),
    ],
)
def test_u25_a_maximum_holds_for_what_is_late(late, line):
    office = Office(metered("20.00", maximum=eur("30.00"))).register().until(on(2, 2))

    office.hear(used("1", late, late=True)).until(on(3, 2))

    assert lines(office, 1) == [line]


def test_u25_what_is_corrected_gives_back_of_a_maximum_first():
    office = Office(metered("20.00", maximum=eur("30.00"))).register().until(on(2, 1))
    office.hear(used("1", "15.00")).until(on(2, 2))
    assert lines(office) == [
        "R-1 base[01-01,02-01)=20.00 calls[01-01,02-01)=15.00 maximum[01-01,02-01)=-5.00"
    ]
    said = {"correction_id": "k", "charge_id": "1", "component_id": "calls", "net": eur("-7.00")}

    office.hear(UsageCorrected(**C1, **said, period={"from_": on(1, 1), "until": on(2, 1)}))
    office.until(on(3, 2))

    assert lines(office, 1) == [
        "R-2 base[02-01,03-01)=20.00 calls[01-01,02-01)=-7.00 maximum[01-01,02-01)=5.00"
    ]


def test_u25_an_end_in_the_past_takes_its_part_of_the_minimum_back_in_the_same_note():
    office = Office(plan(flat("base", "31.00"), minimum=eur("62.00"))).register().until(on(2, 1))
    assert lines(office)[1] == "R-2 base[02-01,03-01)=31.00 minimum[01-01,02-01)=31.00"

    office.hear(ContractEnded(**C1, ends_on=on(1, 11)))

    # Ten days: 10.00, and 10.00 of the minimum stay.
    assert lines(office, 2) == [
        "G-1 base[01-11,02-01)=21.00 base[02-01,03-01)=31.00 minimum[01-01,02-01)=21.00"
    ]


def test_u25_a_pause_that_is_said_later_takes_its_part_of_the_minimum_back():
    office = Office(plan(flat("base", "31.00"), bill="in_arrears", minimum=eur("62.00")))
    office.register().until(on(2, 1))

    office.hear(ContractPaused(**C1, paused_from=on(1, 22), cause="customer"))

    # What was billed of a pause stays, and what was to be added to it is for 21 days.
    assert lines(office, 1) == ["G-1 minimum[01-01,02-01)=20.00"]
    assert net_of(office) == 4200


def test_u25_a_gift_is_not_made_good_for_by_the_minimum():
    office = Office(metered("20.00", minimum=eur("80.00"))).register().until(on(2, 2))
    items = ({"name": "Sorry", "net": eur("5.00"), "component_id": "base"},)

    office.hear(IssueCreditNote(**C1, invoice_id=office.invoices()[0].invoice_id, items=items))
    office.hear(used("1", "0.50", late=True)).until(on(3, 2))

    assert lines(office, 1)[1] == (
        "R-2 base[02-01,03-01)=20.00 calls[01-01,02-01)=0.50 "
        "minimum[01-01,02-01)=-0.50 minimum[02-01,03-01)=60.00"
    )


def test_a_gift_is_not_made_good_for_by_the_next_part_of_its_period():
    office = Office(plan(flat("base", "31.00"), bill="in_arrears")).register().until(on(1, 11))
    office.hear(BillInterim(**C1, what="all"))
    items = ({"name": "Sorry", "net": eur("4.00"), "component_id": "base"},)

    office.hear(IssueCreditNote(**C1, invoice_id=office.invoices()[0].invoice_id, items=items))
    office.until(on(2, 1))

    assert lines(office) == [
        "R-1 base[01-01,01-11)=10.00",
        "G-1 base=4.00",
        "R-2 base[01-11,02-01)=21.00",
    ]


def test_u25_a_correction_by_a_clerk_is_counted_and_the_minimum_follows_it():
    office = Office(metered("20.00", minimum=eur("80.00"))).register().until(on(2, 2))
    first = office.invoices()[0].invoice_id
    items = (
        {"name": "Base", "net": eur("30.00"), "component_id": "base"},
        {"name": "Minimum", "net": eur("50.00"), "component_id": "minimum"},
    )

    office.hear(CorrectInvoice(**C1, invoice_id=first, items=items)).until(on(2, 20))

    assert lines(office, 1) == [
        "G-1 base[01-01,02-01)=20.00 minimum[01-01,02-01)=60.00",
        "R-2 base[01-01,02-01)=30.00 minimum[01-01,02-01)=50.00",
        "G-2 minimum[01-01,02-01)=10.00",
    ]


def test_u53_a_discount_comes_after_the_minimum_and_waits_for_the_usage():
    """20.00 and 10.00, lifted to 80.00, less a tenth: 72.00."""
    office = Office(metered("20.00", minimum=eur("80.00"))).register()
    office.hear(GrantDiscount(**C1, percent="10")).until(on(2, 1))
    office.hear(used("1", "10.00")).until(on(2, 2))

    assert net_of(office) == 7200
    office.hear(used("2", "50.00", late=True)).until(on(2, 20))
    office.hear(ContractEnded(**C1, ends_on=on(2, 1))).until(on(2, 25))
    assert net_of(office) == 7200


def net_of(office):
    billed = sum(each.net.minor for each in office.invoices())
    return billed - sum(each.net.minor for each in office.credits())


# What a month costs is at least 80.00 and at most 120.00, whatever is said of it in which order.
BOUNDS = plan(
    *(flat("base", "31.00"), flat("after", "9.95", bill="in_arrears")),
    metered=(CALLS, DATA),
    minimum=eur("80.00"),
    maximum=eur("120.00"),
)
OTHER = plan(
    flat("base", "50.00"),
    plan_id="other",
    bill="in_arrears",
    metered=(CALLS, DATA),
    minimum=eur("60.00"),
    maximum=eur("90.00"),
)
KINDS = (
    *("use", "use", "use", "correct", "end", "plan", "pause", "resume"),
    *("interim", "gift", "close", "days", "days", "days", "late"),
    *("discount", "discount", "void", "cancel"),
)


def said(office, kind, days, count):
    """Return what is said of the contract; days are around the day that has begun."""
    day = max(office.day + timedelta(days=days), on(1, 1))
    month = Period(day.replace(day=1), (day.replace(day=1) + timedelta(days=32)).replace(day=1))
    until = min(max(day + timedelta(days=1), month.from_on + timedelta(days=1)), month.until)
    of = (month.from_on, until)
    name = f"{len(office.said)}-{office.contract.revision}"
    match kind:
        case "use":
            which = "data" if count % 2 else "calls"
            return used(name, f"{count * 9}.33", of=of, component_id=which, late=count > 4)
        case "correct":
            told = {"correction_id": name, "charge_id": "x", "component_id": "calls"}
            period = {"from_": of[0], "until": of[1]}
            return UsageCorrected(**C1, **told, net=eur(f"{days}.10"), period=period)
        case "end":
            return ContractEnded(**C1, ends_on=day)
        case "plan":
            name = "other" if count % 2 else "basic"
            return ContractChanged(**C1, effective_on=day, plan_id=name)
        case "pause":
            return ContractPaused(**C1, paused_from=day, cause="customer")
        case "resume":
            return ContractResumed(**C1, resumed_on=day)
        case "interim":
            return BillInterim(**C1, what="all" if count % 2 else "usage")
        case "close":
            return closed(month.from_on, month.until)
        case "gift" if office.invoices():
            about = office.invoices()[count % len(office.invoices())]
            items = ({"name": "Sorry", "net": eur(f"{count + 1}.00"), "component_id": "base"},)
            return IssueCreditNote(**C1, invoice_id=about.invoice_id, items=items)
        case _:
            return ordered(office, kind, day, count)


def ordered(office, kind, day, count):
    """Return what a clerk orders: something off, or a document undone."""
    match kind:
        case "discount":
            about = {"component_id": (None, "base", "calls")[count % 3], "from_on": day}
            if count % 2:
                return GrantDiscount(**C1, **about, percent=f"{count * 11}")
            return GrantDiscount(
                **C1, **about, amount=eur(f"{count + 1}.17"), periods=count or None
            )
        case "void" if office.invoices():
            about = office.invoices()[count % len(office.invoices())]
            return VoidInvoice(**C1, invoice_id=about.invoice_id)
        case "cancel" if office.credits():
            about = office.credits()[count % len(office.credits())]
            return CancelCreditNote(**C1, credit_note_id=about.credit_note_id)
    return None


ACTIONS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(-45, 30), st.integers(0, 9)), max_size=16
)


# An invoice with a discount that is void, and days of which are not served after all.
@example([("discount", 0, 0), ("days", 1, 0), ("end", 0, 0), ("void", 0, 1), ("end", -1, 0)])
@settings(max_examples=up_to(200), deadline=None)
@given(ACTIONS)
def test_u25_a_minimum_and_a_maximum_hold_for_every_period_whatever_happens(actions):
    office = Office(BOUNDS, OTHER).register()
    for kind, days, count in actions:
        if kind in ("days", "late"):
            office.until(office.day + timedelta(days=abs(days)), late=kind == "late")
            continue
        message = said(office, kind, days, count)
        try:
            office.hear(*([message] if message else []))
        except Refused:
            continue
    office.hear(BillInterim(**C1, what="usage")).until(office.day + timedelta(days=40))
    office.hear(BillInterim(**C1, what="usage"))

    assert wrong_periods(office) == []
    assert list(audit.faults([message for _, message in office.said])) == []


def wrong_periods(office):
    """Return the months that are over and do not cost what their bounds and sales say."""
    held = {each.invoice_id: each for each in office.contract.invoices}
    kept = [each for each in (office.filed | held).values() if isinstance(each, Invoice)]
    all_lines = [line for invoice in kept for line in invoice.lines]
    # Discounts come after both bounds (U-53).
    bounded = [each for each in all_lines if each.settles and each.kind != "discount"]
    wrong, month = [], on(1, 1)
    while (until := (month + timedelta(days=32)).replace(day=1)) <= office.day - timedelta(days=3):
        least, most = bounds_of(office, Period(month, until))
        sold = sum(line.sold for line in all_lines if counts(line, office, Period(month, until)))
        # The maximum first, then the minimum.
        should = sold if most is None else min(sold, most)
        should = max(should, least) if least else should
        booked = sum(e.sold for e in bounded if e.settles.whole.from_on == month)
        if should != sold + booked:
            wrong.append((month, sold, booked, should))
        month = until
    return wrong


def counts(line, office, month):
    life = office.contract.agreed.life
    if line.kind == "usage":
        last = min(line.period.until, life.until) - timedelta(days=1)
        return max(last, life.from_on) in month and life.days > 0
    return line.kind == "recurring" and line.time.whole == month


def bounds_of(office, month):
    """Return the sums of the parts of all plans, day by day, rounded once."""
    contract, bounds = office.contract, {"basic": (8000, 12000), "other": (6000, 9000)}
    days = (month.until - month.from_on).days
    least, most = Fraction(0), Fraction(0)
    life, charged = contract.agreed.life, False
    for day in (month.from_on + timedelta(days=n) for n in range(days)):
        rests = any(day in each.stretch for each in contract.pauses)
        if day not in life or rests:
            continue
        changes = [c for c in contract.changes if c.from_on <= day and c.plan]
        plan_id = sorted(changes, key=lambda each: each.from_on)[-1].plan[0]
        least, most = least + bounds[plan_id][0], most + bounds[plan_id][1]
        charged = True
    return rounded(least / days), rounded(most / days) if charged else None
