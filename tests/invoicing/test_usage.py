"""Rated usage on invoices: with its period, at a threshold, in between, and late."""

from datetime import date

import pytest

from schemas.charges import PeriodClosed, UsageCharged, UsageCorrected, WholeCharge
from schemas.contracts import ContractChanged, ContractEnded
from schemas.message import Refused
from schemas.orders import AddItem, BillInterim, IssueCreditNote
from tests.support.events import eur
from tests.support.office import Office
from tests.support.tariffs import flat, plan

C1 = {"contract_id": "C1"}
CALLS = flat("calls", "1.00", meter="calls")
METERED = plan(metered=(CALLS,), threshold=eur("50.00"))


def on(month, day):
    return date(2026, month, day)


JANUARY = {"from_": on(1, 1), "until": on(2, 1)}


def charged(name, net, **more):
    said = {"component_id": "calls", "period": JANUARY, "quantity": "3"}
    return UsageCharged(**C1, charge_id=name, net=eur(net), **said | more)


def test_usage_stands_on_the_invoice_that_ends_its_period():
    office = Office(METERED).register().until(on(2, 1)).hear(charged("1", "3.00")).until(on(2, 3))

    assert office.story() == [
        "01-01 R-1 35.70 base[01-01,02-01)=30.00",
        "02-02 R-2 39.27 base[02-01,03-01)=30.00 calls[01-01,02-01)=3.00",
    ]
    line = office.invoices()[1].lines[1]
    assert (line.name, line.kind, line.quantity) == ("Calls", "usage", "3")


def test_u30_a_closed_period_is_invoiced_at_once():
    office = Office(METERED).register().until(on(2, 1)).hear(charged("1", "3.00"))
    assert len(office.invoices()) == 1

    office.hear(PeriodClosed(**C1, period=JANUARY))

    assert office.story()[1:] == ["02-01 R-2 39.27 base[02-01,03-01)=30.00 calls[01-01,02-01)=3.00"]


def test_usage_that_is_rated_after_the_close_of_its_period_is_billed_with_it():
    office = Office(METERED).register().until(on(2, 1))

    office.hear(PeriodClosed(**C1, period=JANUARY), charged("1", "3.00"))

    assert office.story()[1:] == [
        "02-01 R-2 35.70 base[02-01,03-01)=30.00",
        "02-01 R-3 3.57 calls[01-01,02-01)=3.00",
    ]


@pytest.mark.parametrize(("second", "documents"), [("0.99", 1), ("1.00", 2)])
def test_u17_usage_at_the_threshold_is_billed_at_once(second, documents):
    office = Office(METERED).register().until(on(1, 20))

    office.hear(charged("1", "49.00"), charged("2", second))

    assert len(office.invoices()) == documents


def test_u17_the_next_crossing_counts_anew():
    office = Office(METERED).register().until(on(1, 20))

    office.hear(charged("1", "60.00"), charged("2", "49.99")).until(on(2, 2))

    assert office.story()[1:] == [
        "01-20 R-2 71.40 calls[01-01,02-01)=60.00",
        "02-02 R-3 95.19 base[02-01,03-01)=30.00 calls[01-01,02-01)=49.99",
    ]


def test_u17_where_it_is_switched_off_usage_waits_for_the_period():
    office = Office(METERED).register(switches={"threshold_billing": False}).until(on(1, 20))
    office.hear(charged("1", "60.00"))
    assert len(office.invoices()) == 1

    office.hear(ContractChanged(**C1, switches={"threshold_billing": True}))

    assert office.story()[1:] == ["01-20 R-2 71.40 calls[01-01,02-01)=60.00"]


def test_u17_a_crossing_on_a_late_day_is_billed_on_the_next_that_is_not():
    office = Office(METERED).register().until(on(1, 20), late=True).hear(charged("1", "60.00"))
    assert len(office.invoices()) == 1

    office.until(on(1, 21))

    assert office.story()[1:] == ["01-21 R-2 71.40 calls[01-01,02-01)=60.00"]


def test_u31_late_usage_and_corrections_stand_on_the_next_invoice_with_their_own_period():
    office = Office(METERED).register().until(on(2, 10))
    correction = {"correction_id": "k", "charge_id": "1", "component_id": "calls"}

    office.hear(charged("2", "60.00", late=True))
    office.hear(UsageCorrected(**C1, **correction, period=JANUARY, net=eur("-2.50")))
    assert len(office.invoices()) == 2
    office.until(on(3, 2))

    assert office.story()[2:] == [
        "03-02 R-3 104.13 base[03-01,04-01)=30.00 calls[01-01,02-01)=60.00 calls[01-01,02-01)=-2.50"
    ]


def test_usage_up_to_the_end_stands_on_a_last_invoice():
    office = (
        Office(METERED).register().until(on(1, 20)).hear(ContractEnded(**C1, ends_on=on(1, 20)))
    )

    office.hear(charged("1", "3.00", period={"from_": on(1, 1), "until": on(1, 20)}))
    office.until(on(1, 25))

    assert office.story()[1:] == [
        "01-20 G-1 13.82 base[01-20,02-01)=11.61",
        "01-21 R-2 3.57 calls[01-01,01-20)=3.00",
    ]


def test_an_interim_invoice_bills_usage_only():
    office = Office(METERED).register().until(on(1, 20))
    office.hear(charged("1", "3.00"), AddItem(**C1, name="Book", net=eur("5.00")))

    office.hear(BillInterim(**C1, what="usage"), BillInterim(**C1, what="usage"))

    assert office.story()[1:] == ["01-20 R-2 3.57 calls[01-01,02-01)=3.00"]


def test_an_interim_invoice_bills_all_that_was_served():
    arrears = plan(flat("base", "30.00"), bill="in_arrears")
    office = Office(arrears).register().until(on(1, 11))
    office.hear(AddItem(**C1, name="Book", net=eur("5.00")))

    office.hear(BillInterim(**C1, what="all")).until(on(2, 1))

    assert office.story() == [
        "01-11 R-1 17.47 base[01-01,01-11)=9.68 None=5.00",
        "02-01 R-2 24.18 base[01-11,02-01)=20.32",
    ]


def test_u30_usage_that_is_rated_in_parts_waits_for_the_end_of_the_billing_period():
    office = Office(METERED).register().until(on(1, 8))
    first = {"from_": on(1, 1), "until": on(1, 8)}
    rest = {"from_": on(1, 8), "until": on(2, 1)}

    office.hear(charged("1", "20.00", period=first), PeriodClosed(**C1, period=first))
    office.until(on(2, 1)).hear(charged("2", "5.00", period=rest)).until(on(2, 2))

    assert office.story()[1:] == [
        "02-02 R-2 65.45 base[02-01,03-01)=30.00 calls[01-01,01-08)=20.00 calls[01-08,02-01)=5.00"
    ]


@pytest.mark.parametrize(("third", "documents"), [("9.99", 1), ("10.00", 2)])
def test_u17_parts_reach_the_threshold_together(third, documents):
    office = Office(METERED).register().until(on(1, 22))

    for name, net, from_, until in (
        ("1", "20.00", on(1, 1), on(1, 8)),
        ("2", "20.00", on(1, 8), on(1, 15)),
        ("3", third, on(1, 15), on(1, 22)),
    ):
        office.hear(charged(name, net, period={"from_": from_, "until": until}))

    assert len(office.invoices()) == documents


def test_usage_in_another_currency_is_refused():
    franc = {"amount": "1.00", "currency": "CHF"}
    usage = UsageCharged(
        **C1, charge_id="1", component_id="calls", period=JANUARY, quantity="1", net=franc
    )
    with pytest.raises(Refused, match="currency"):
        Office(METERED).register().hear(usage)


def test_u15_a_period_costs_no_less_than_its_minimum_with_what_was_used():
    office = Office(plan(metered=(CALLS,), minimum=eur("50.00"))).register().until(on(2, 1))

    office.hear(charged("1", "3.00")).until(on(2, 2))

    assert office.story()[1:] == [
        "02-02 R-2 59.50 base[02-01,03-01)=30.00 calls[01-01,02-01)=3.00 minimum[01-01,02-01)=17.00"
    ]


@pytest.mark.parametrize(
    ("bounds", "lines"),
    [
        ({"minimum": eur("30.00")}, "base[01-01,02-01)=30.00"),
        ({"minimum": eur("30.01")}, "base[01-01,02-01)=30.00 minimum[01-01,02-01)=0.01"),
        ({"maximum": eur("30.00")}, "base[01-01,02-01)=30.00"),
        ({"maximum": eur("29.99")}, "base[01-01,02-01)=30.00 maximum[01-01,02-01)=-0.01"),
    ],
)
def test_u15_minimum_and_maximum_on_both_sides_of_the_edge(bounds, lines):
    office = Office(plan(bill="in_arrears", **bounds)).register().until(on(2, 1))

    assert office.story()[0].split(" ", 3)[3] == lines


def test_u15_a_component_may_be_called_as_the_bound_is():
    bounded = plan(flat("minimum", "30.00"), bill="in_arrears", minimum=eur("50.00"))
    office = Office(bounded).register().until(on(2, 1))

    assert office.story() == [
        "02-01 R-1 59.50 minimum[01-01,02-01)=30.00 minimum[01-01,02-01)=20.00"
    ]


def test_u15_a_part_of_a_period_has_its_part_of_the_minimum():
    office = Office(plan(bill="in_arrears", minimum=eur("50.00"))).register()

    office.until(on(1, 16)).hear(ContractEnded(**C1, ends_on=on(1, 16)))

    assert office.story() == ["01-16 R-1 28.79 base[01-01,01-16)=14.52 minimum[01-01,01-16)=9.67"]


def test_u15_an_interim_invoice_leaves_the_minimum_to_the_last():
    office = Office(plan(bill="in_arrears", minimum=eur("50.00"))).register().until(on(1, 11))

    office.hear(BillInterim(**C1, what="all")).until(on(2, 1))

    assert office.story() == [
        "01-11 R-1 11.52 base[01-01,01-11)=9.68",
        "02-01 R-2 47.98 base[01-11,02-01)=20.32 minimum[01-01,02-01)=20.00",
    ]


def test_a_correction_joins_the_usage_of_the_period_that_is_closed_first():
    usage_only = plan().model_copy(update={"recurring": (), "metered": (CALLS,)})
    office = Office(usage_only).register().until(on(2, 10))
    correction = {"correction_id": "k", "charge_id": "1", "component_id": "calls"}
    february = {"from_": on(2, 1), "until": on(3, 1)}

    office.hear(UsageCorrected(**C1, **correction, period=JANUARY, net=eur("-2.50")))
    office.until(on(3, 1)).hear(charged("2", "6.00", period=february))
    office.hear(PeriodClosed(**C1, period=february)).until(on(3, 5))

    assert office.story() == ["03-01 R-1 4.17 calls[01-01,02-01)=-2.50 calls[02-01,03-01)=6.00"]


def test_a_correction_waits_for_the_end_of_the_period_where_nothing_else_is_billed():
    usage_only = plan().model_copy(update={"recurring": (), "metered": (CALLS,)})
    office = Office(usage_only).register().until(on(2, 10))
    correction = {"correction_id": "k", "charge_id": "1", "component_id": "calls"}

    office.hear(UsageCorrected(**C1, **correction, period=JANUARY, net=eur("2.50")))
    office.until(on(3, 5))

    assert office.story() == ["03-02 R-1 2.98 calls[01-01,02-01)=2.50"]


TIERED = flat(
    "calls",
    "1.00",
    meter="calls",
    model="graduated",
    unit_price=None,
    tiers=(
        {"up_to": "100", "unit_price": "0.10"},
        {"up_to": "500", "unit_price": "0.08"},
        {"unit_price": "0.05"},
    ),
    unit="min",
)
# 501 minutes: 100 at 0.10, 400 at 0.08 and one at 0.05.
TIERS = (
    {"up_to": "100", "quantity": "100", "unit_price": "0.1", "net_unrounded": "10"}
    | {"net": eur("10.00")},
    {"up_to": "500", "quantity": "400", "unit_price": "0.08", "net_unrounded": "32"}
    | {"net": eur("32.00")},
    {"quantity": "1", "unit_price": "0.05", "net_unrounded": "0.05", "net": eur("0.05")},
)


def printed(invoice):
    """Return each line of usage as it is printed."""
    return [
        f"{line.name}: {line.quantity} {line.unit} at {line.unit_price} = {line.net.amount}"
        for line in invoice.lines
        if line.kind != "recurring"
    ]


def test_u62_tiers_are_lines_of_their_own():
    office = Office(plan(metered=(TIERED,))).register().until(on(2, 1))

    office.hear(charged("1", "42.05", quantity="501", tiers=TIERS)).until(on(2, 2))

    assert printed(office.invoices()[1]) == [
        "Calls, bis 100: 100 min at 0.10 = 10.00",
        "Calls, bis 500: 400 min at 0.08 = 32.00",
        "Calls, über 500: 1 min at 0.05 = 0.05",
    ]


def test_u62_tiers_that_do_not_make_up_their_charge_are_one_line():
    office = Office(plan(metered=(TIERED,))).register().until(on(2, 1))

    office.hear(charged("1", "42.06", quantity="501", tiers=TIERS)).until(on(2, 2))

    assert printed(office.invoices()[1]) == ["Calls: 501 min at 42.06 = 42.06"]


def test_u54_what_is_counted_apart_is_named_apart():
    office = Office(METERED).register().until(on(2, 1))

    office.hear(charged("1", "3.00", group={"sim": "A", "kind": "mobile"}))
    office.hear(charged("2", "2.00", group={"sim": "B"}), charged("3", "1.00", group={}))
    office.until(on(2, 2))

    assert [each.name for each in office.invoices()[1].lines[1:]] == [
        "Calls, A, mobile",
        "Calls, B",
        "Calls",
    ]


@pytest.mark.parametrize(
    ("net", "bounds", "lines"),
    [
        ("50.00", "7.95", [("Calls, über 500", "0.05"), ("Calls, Mindestbetrag", "7.95")]),
        ("40.00", "-2.05", [("Calls, über 500", "0.05"), ("Calls, Höchstbetrag", "-2.05")]),
    ],
)
def test_u53_what_a_bound_of_the_component_makes_is_a_line_beside(net, bounds, lines):
    office = Office(plan(metered=(TIERED,))).register().until(on(2, 1))

    said = charged("1", net, quantity="501", tiers=TIERS, bounds=eur(bounds))
    office.hear(said).until(on(2, 2))

    assert [(e.name, e.net.amount) for e in office.invoices()[1].lines[3:]] == lines


def test_u53_a_bound_of_several_groups_is_a_line_without_usage():
    office = Office(METERED).register().until(on(2, 1))

    office.hear(charged("1", "4.00", quantity="0", bounds=eur("4.00"))).until(on(2, 2))

    assert [(e.name, e.net.amount) for e in office.invoices()[1].lines[1:]] == [
        ("Calls, Mindestbetrag", "4.00")
    ]


def paid(grant_id, amount):
    return {"grant_id": grant_id, "money": eur(amount)}


def test_u16_what_a_balance_paid_comes_off_its_usage():
    office = Office(METERED).register().until(on(2, 1))

    office.hear(charged("1", "2.50", quantity="3", prepaid=(paid("g", "0.50"),))).until(on(2, 2))

    # 30.00 and 3.00, less 0.50: 32.50 net, 38.68 with 19 %.
    assert office.story()[1:] == [
        "02-02 R-2 38.68 base[02-01,03-01)=30.00 calls[01-01,02-01)=3.00 calls[01-01,02-01)=-0.50"
    ]
    line = office.invoices()[1].lines[2]
    assert (line.name, line.kind) == ("Calls, aus Guthaben g", "prepaid")


@pytest.mark.parametrize(
    ("bounds", "lines"),
    [
        # Used were 50.00, so that the base of 30.00 and they are no less than 80.00.
        ({"minimum": eur("80.00")}, ["50.00", "-50.00"]),
        ({"minimum": eur("80.01")}, ["50.00", "-50.00", "0.01"]),
        ({"maximum": eur("80.00")}, ["50.00", "-50.00"]),
        ({"maximum": eur("79.99")}, ["50.00", "-50.00", "-0.01"]),
    ],
)
def test_u53_minimum_and_maximum_count_what_was_used_and_not_who_paid_it(bounds, lines):
    arrears = plan(flat("base", "30.00"), bill="in_arrears", metered=(CALLS,), **bounds)
    office = Office(arrears).register().until(on(2, 1))

    office.hear(charged("1", "0.00", quantity="50", prepaid=(paid("g", "50.00"),)))
    office.until(on(2, 2))

    assert [each.net.amount for each in office.invoices()[0].lines[1:]] == lines


@pytest.mark.parametrize(("second", "documents"), [("0.99", 1), ("1.00", 2)])
def test_u17_what_a_balance_paid_reaches_no_threshold(second, documents):
    office = Office(METERED).register().until(on(1, 20))

    office.hear(charged("1", "49.00", prepaid=(paid("g", "30.00"),)), charged("2", second))

    assert len(office.invoices()) == documents


def test_u62_a_price_of_many_units_and_what_has_no_room_are_said():
    seconds = flat("calls", "0.09", meter="calls", model="per_unit", price_base_quantity="60")
    office = Office(plan(metered=(seconds,))).register().until(on(2, 1))

    office.hear(charged("1", "0.19", quantity="125"), charged("2", "0.50", quantity="1.23456"))
    office.until(on(2, 2))

    first, second = office.invoices()[1].lines[1:]
    assert (first.quantity, first.unit_price, first.price_base_quantity) == ("125", "0.09", "60")
    assert (second.quantity, second.unit_price, second.note) == ("1", "0.50", "Menge: 1.23456")


def corrected(less, more, *, charge_id="1", **whole):
    """Return what asks to bill a charge anew: the difference, and all of it as it is now."""
    said = {"correction_id": f"k {less}", "charge_id": charge_id, "component_id": "calls"}
    all_of_it = WholeCharge(**whole) if whole else None
    return UsageCorrected(
        **C1, **said, period=JANUARY, net=eur(less), quantity=more, rebill=True, whole=all_of_it
    )


def test_u31_credit_rebill_cancels_the_invoice_and_makes_it_anew():
    office = Office(METERED).register().until(on(2, 1)).hear(charged("1", "3.00")).until(on(2, 10))

    office.hear(corrected("-1.00", "-1", quantity="2", net=eur("2.00"))).until(on(3, 1))

    # 30.00 and 2.00: 32.00, and 6.08 of tax.
    assert office.story()[1:4] == [
        "02-02 R-2 39.27 base[02-01,03-01)=30.00 calls[01-01,02-01)=3.00",
        "02-11 G-1 39.27 base[02-01,03-01)=30.00 calls=3.00",
        "02-11 R-3 38.08 base[02-01,03-01)=30.00 calls[01-01,02-01)=2.00",
    ]
    (said,) = office.all_of("InvoiceCorrected")
    assert said.invoice_id == office.invoices()[1].invoice_id
    assert said.credit_note_id == office.credits()[0].credit_note_id
    assert said.replaced_by == office.invoices()[2].invoice_id
    assert office.invoices()[2].lines[1].quantity == "2"


def test_u31_all_that_a_day_corrects_is_one_new_invoice():
    office = Office(METERED).register().until(on(2, 1))
    office.hear(charged("1", "3.00"), charged("2", "5.00")).until(on(2, 10))

    office.hear(corrected("-1.00", "-1", quantity="2", net=eur("2.00")))
    office.hear(corrected("1.50", "1", charge_id="2", quantity="4", net=eur("6.50")))
    office.hear(charged("3", "0.50", late=True, rebill=True)).until(on(2, 20))

    # 30.00, 2.00, 6.50 and 0.50: 39.00, and 7.41 of tax.
    assert office.story()[2:] == [
        "02-11 G-1 45.22 base[02-01,03-01)=30.00 calls=3.00 calls=5.00",
        "02-11 R-3 46.41 base[02-01,03-01)=30.00 calls[01-01,02-01)=2.00 calls[01-01,02-01)=6.50"
        " calls[01-01,02-01)=0.50",
    ]


def test_u31_an_invoice_may_be_made_anew_more_than_once():
    office = Office(METERED).register().until(on(2, 1)).hear(charged("1", "3.00")).until(on(2, 10))

    office.hear(corrected("-1.00", "-1", quantity="2", net=eur("2.00"))).until(on(2, 15))
    office.hear(corrected("-2.00", "-2", quantity="0", net=eur("0.00"))).until(on(2, 20))

    assert office.story()[4:] == [
        "02-16 G-2 38.08 base[02-01,03-01)=30.00 calls=2.00",
        "02-16 R-4 35.70 base[02-01,03-01)=30.00 calls[01-01,02-01)=0.00",
    ]


def test_u31_the_minimum_of_a_new_invoice_is_found_anew():
    office = Office(plan(metered=(CALLS,), minimum=eur("50.00"))).register().until(on(2, 1))
    office.hear(charged("1", "3.00")).until(on(2, 10))

    office.hear(corrected("2.00", "2", quantity="5", net=eur("5.00"))).until(on(2, 11))

    assert office.story()[2:] == [
        "02-11 G-1 59.50 base[02-01,03-01)=30.00 calls=3.00 minimum[01-01,02-01)=17.00",
        "02-11 R-3 59.50 base[02-01,03-01)=30.00 calls[01-01,02-01)=5.00 "
        "minimum[01-01,02-01)=15.00",
    ]


def test_u31_a_charge_that_is_on_no_invoice_yet_is_corrected_on_the_next():
    office = Office(METERED).register().until(on(2, 1)).hear(charged("1", "3.00"))

    office.hear(corrected("-1.00", "-1", quantity="2", net=eur("2.00"))).until(on(2, 5))

    assert office.story()[1:] == [
        "02-02 R-2 38.08 base[02-01,03-01)=30.00 calls[01-01,02-01)=3.00 calls[01-01,02-01)=-1.00"
    ]


def test_u31_a_charge_that_was_billed_in_parts_is_corrected_by_a_line():
    office = Office(METERED).register().until(on(1, 20)).hear(charged("1", "60.00"))
    office.until(on(2, 1)).hear(charged("2", "4.00")).until(on(2, 10))

    office.hear(corrected("-10.00", "-10", quantity="54", net=eur("54.00"))).until(on(2, 11))

    assert office.story()[3:] == [
        "02-11 G-1 71.40 calls=60.00",
        "02-11 R-4 59.50 calls[01-01,02-01)=60.00 calls[01-01,02-01)=-10.00",
    ]


def test_u31_a_new_invoice_has_the_tiers_as_they_are_now():
    office = Office(plan(metered=(TIERED,))).register().until(on(2, 1))
    office.hear(charged("1", "42.05", quantity="501", tiers=TIERS)).until(on(2, 10))

    now = (TIERS[0], TIERS[1] | {"quantity": "300", "net": eur("24.00"), "net_unrounded": "24"})
    office.hear(corrected("-8.05", "-101", quantity="400", net=eur("34.00"), tiers=now))
    office.until(on(2, 11))

    assert printed(office.invoices()[2]) == [
        "Calls, bis 100: 100 min at 0.10 = 10.00",
        "Calls, bis 500: 300 min at 0.08 = 24.00",
    ]


def test_u31_a_late_day_makes_no_invoice_anew():
    office = Office(METERED).register().until(on(2, 1)).hear(charged("1", "3.00")).until(on(2, 10))

    office.hear(corrected("-1.00", "-1", quantity="2", net=eur("2.00")))
    office.until(on(2, 12), late=True)
    assert len(office.invoices()) == 2
    office.until(on(2, 13))

    assert [line.split(" ")[0] for line in office.story()[2:]] == ["02-13", "02-13"]


@pytest.mark.parametrize(("net", "lines"), [("10.00", [10]), ("10.01", [10, 0.01])])
def test_a_credit_of_a_component_is_off_all_its_lines(net, lines):
    office = Office(plan(metered=(TIERED,))).register().until(on(2, 1))
    office.hear(charged("1", "42.05", quantity="501", tiers=TIERS)).until(on(2, 2))
    of = office.invoices()[1].invoice_id
    item = {"name": "Goodwill", "component_id": "calls", "net": eur(net)}

    office.hear(IssueCreditNote(**C1, invoice_id=of, items=(item,)))

    found = [each.net.minor / 100 for each in office.credits()[0].lines]
    assert found == lines


def test_a_credit_of_a_component_is_no_more_than_is_left_of_it():
    office = Office(plan(metered=(TIERED,))).register().until(on(2, 1))
    office.hear(charged("1", "42.05", quantity="501", tiers=TIERS)).until(on(2, 2))
    of = office.invoices()[1].invoice_id
    item = {"name": "Goodwill", "component_id": "calls", "net": eur("42.06")}

    with pytest.raises(Refused, match="no more is credited"):
        office.hear(IssueCreditNote(**C1, invoice_id=of, items=(item,)))


def test_u34_a_threshold_and_what_a_clerk_orders_bill_one_after_the_other():
    office = Office(METERED).register().until(on(1, 20))

    office.hear(charged("1", "60.00"), charged("2", "5.00", interim=True))

    assert office.story()[1:] == [
        "01-20 R-2 71.40 calls[01-01,02-01)=60.00",
        "01-20 R-3 5.95 calls[01-01,02-01)=5.00",
    ]


def test_u25_an_invoice_that_is_made_anew_makes_no_good_for_a_gift():
    office = Office(plan(metered=(CALLS,), minimum=eur("50.00"))).register().until(on(2, 1))
    office.hear(charged("1", "30.00")).until(on(2, 10))
    item = {"name": "Goodwill", "component_id": "calls", "net": eur("5.00")}
    office.hear(IssueCreditNote(**C1, invoice_id=office.invoices()[1].invoice_id, items=(item,)))

    office.hear(corrected("-2.00", "-2", quantity="28", net=eur("28.00"))).until(on(2, 11))

    # January's 30.00 and 28.00 are more than 50.00; of those 5.00 stay a gift, and of 30.00 are 25.
    assert office.story()[-1] == (
        "02-11 R-3 63.07 base[02-01,03-01)=30.00 calls[01-01,02-01)=25.00 calls[01-01,02-01)=-2.00"
    )
    office.hear(corrected("-10.00", "-10", quantity="18", net=eur("18.00"))).until(on(2, 12))

    # 48.00: two are missing, and not the five that were given.
    assert office.story()[-1].endswith("=-10.00 minimum[01-01,02-01)=2.00")
