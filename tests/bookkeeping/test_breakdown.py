"""What of a document is net and what is tax, by category and rate."""

from datetime import date

import pytest

from schemas.prepaid import Drawn
from schemas.shares import shares
from services.bookkeeping.breakdown import breakdown, tax_in, tax_of
from tests.support.bookkeeper import taxed
from tests.support.events import eur, invoice


def bill(net, tax, **more):
    gross = eur(net).minor + eur(tax).minor
    said = {"net": eur(net), "tax": eur(tax), "gross": eur(f"{gross // 100}.{gross % 100:02}")}
    return invoice("A", "1.00", date(2026, 2, 2)).model_copy(update=said | more)


def line(net, rate, category="S"):
    return {
        "line_id": net,
        "name": "x",
        "net": eur(net),
        "vat_rate": rate,
        "vat_category": category,
    }


def with_lines(document, *lines):
    return type(document).model_validate(document.model_dump() | {"lines": lines})


def parts(document, *rates):
    found = breakdown(document, default_rates=rates or ("19",))
    return [(*each.supply[:2], each.net, each.tax) for each in found]


def test_a_document_that_says_its_tax_is_taken_at_its_word():
    document = taxed(
        bill("1.00", "0.00"), ("S", "19", "100.00", "19.00"), ("S", "7.0", "50.00", "3.50")
    )

    assert parts(document) == [("S", "19", 10000, 1900), ("S", "7", 5000, 350)]


@pytest.mark.parametrize(("rounding", "net"), [("0.01", 1), ("-0.02", -2)])
def test_what_is_rounded_of_the_payment_stands_beside_the_supplies(rounding, net):
    document = taxed(bill("1.00", "0.00"), ("S", "19", "100.00", "19.00"))
    document = document.model_copy(update={"payable_rounding": eur(rounding)})

    assert parts(document) == [("S", "19", 10000, 1900), ("rounding", "0", net, 0)]


def test_u61_what_a_balance_paid_stands_beside_the_supplies_with_no_tax():
    document = taxed(bill("1.00", "0.00"), ("S", "24", "14.29", "3.43"))
    paid = Drawn(grant_id="g", money=eur("17.72"))
    document = document.model_copy(update={"prepaid": (paid,)})

    assert parts(document) == [("S", "24", 1429, 343), ("prepaid", "0", -1772, 0)]


def test_what_its_tax_leaves_out_of_its_sums_is_of_no_rate_that_is_said():
    document = taxed(bill("1.00", "0.00"), ("S", "19", "100.00", "19.00"))
    document = document.model_copy(update={"net": eur("100.02"), "gross": eur("119.02")})

    assert parts(document) == [("S", "19", 10000, 1900), ("", "", 2, 0)]


def test_without_its_tax_the_lines_say_the_rates_and_the_tax_adds_up():
    document = with_lines(bill("30.00", "4.50"), line("10.00", "7"), line("20.00", "19"))

    assert parts(document) == [("S", "7", 1000, 70), ("S", "19", 2000, 380)]


def test_tax_that_the_rates_would_not_make_is_divided_in_their_proportion():
    # 0.70 and 3.80 would be 4.50; of 4.51 the odd cent goes to the larger remainder.
    document = with_lines(bill("30.00", "4.51"), line("10.00", "7"), line("20.00", "19"))

    assert parts(document) == [("S", "7", 1000, 70), ("S", "19", 2000, 381)]


def test_lines_that_are_not_taxed_say_why():
    document = with_lines(bill("30.00", "0.00"), line("10.00", "0", "E"), line("20.00", "0", "AE"))

    assert parts(document) == [("E", "0", 1000, 0), ("AE", "0", 2000, 0)]


def test_lines_that_do_not_make_the_net_say_nothing():
    document = with_lines(bill("30.00", "0.00"), line("10.00", "0", "Z"))

    assert parts(document) == [("", "", 3000, 0)]


@pytest.mark.parametrize(
    ("net", "tax", "found"),
    [
        ("100.00", "19.00", [("S", "19", 10000, 1900)]),
        # A cent more is neither the tax on the net nor that in the gross.
        ("100.00", "19.01", [("", "", 10000, 1901)]),
        # On 8.39 it would be 1.59, but 9.99 hold 1.60: whoever sells at gross prices says so.
        ("8.39", "1.60", [("S", "19", 839, 160)]),
        ("100.00", "16.00", [("S", "16", 10000, 1600)]),
        # Both rates make a cent of it.
        ("0.05", "0.01", [("S", "19", 5, 1)]),
        ("100.00", "0.00", [("", "", 10000, 0)]),
    ],
)
def test_a_document_without_any_is_taxed_as_its_entity_is_where_that_fits(net, tax, found):
    assert parts(bill(net, tax), "19", "16") == found


@pytest.mark.parametrize(("net", "tax"), [(50, 10), (-50, -10), (53, 10), (47, 9), (0, 0)])
def test_tax_is_rounded_half_away_from_zero(net, tax):
    assert tax_of(net, "19") == tax


@pytest.mark.parametrize(("gross", "tax"), [(11900, 1900), (999, 160), (-999, -160), (100, 16)])
def test_the_tax_in_a_gross_amount_is_rounded_the_same_way(gross, tax):
    assert tax_in(gross, "19") == tax


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (5000, [10000, 1900, 10000, 700], [2213, 420, 2212, 155]),
        (100, [200, -100], [200, -100]),
        (0, [3, 4], [0, 0]),
        (7, [0, 7], [0, 7]),
    ],
)
def test_parts_add_up_and_the_largest_remainder_takes_what_is_left(amount, weights, parts):
    assert shares(amount, weights) == parts
    assert sum(parts) == amount
