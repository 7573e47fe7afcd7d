"""The sums of documents by EN 16931, written out, and as a receiver checks them."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.invoices import CreditNoteIssued, InvoiceIssued, Line, Surcharge, Vat
from schemas.values import Money, exponent
from services.invoicing.rules.en16931 import REASONED, faults
from services.invoicing.rules.totals import Subtotal, Taxed, credited_tax, tax_of, totals
from services.tariffs.pricing import price
from services.tariffs.rounding import minor_units, rounded


def sums(*lines, **more):
    found = totals([Taxed(net, "S", "19") for net in lines], **more)
    return found.net, found.tax, found.gross


def test_r104_three_lines_of_10_004_are_30_00():
    lines = [rounded(price("1", "10.004", currency="EUR")) for _ in range(3)]

    assert lines == [1000, 1000, 1000]
    assert sums(*lines) == (3000, 570, 3570)


def test_u41_the_tax_is_that_of_the_sum_and_not_of_the_lines():
    # 0.03 at 19 percent is 0.0057 a line, 0.01; of three lines 0.0171, 0.02 and not 0.03.
    assert sums(3, 3, 3) == (9, 2, 11)


@pytest.mark.parametrize(
    ("net", "rate", "tax"),
    [
        (250, "19", 48),  # 0.475
        (249, "19", 47),  # 0.4731
        (-250, "19", -48),
        (3000, "7", 210),
        (1050, "5", 53),  # 0.525
        (1050, "5.5", 58),  # 0.5775
        (0, "19", 0),
        (10_000, "0", 0),
    ],
)
def test_br_co_17_the_tax_of_a_sum_is_rounded_once_half_away_from_zero(net, rate, tax):
    assert tax_of(net, rate) == tax


def test_br_co_14_each_category_and_rate_is_taxed_by_itself():
    found = totals(
        [Taxed(1003, "S", "19"), Taxed(1003, "S", "7"), Taxed(500, "Z", "0"), Taxed(1, "S", "19")]
    )

    assert found.vat == (
        Subtotal("S", "7", 1003, 70),
        Subtotal("S", "19", 1004, 191),
        Subtotal("Z", "0", 500, 0),
    )
    assert (found.net, found.tax, found.gross) == (2507, 261, 2768)


def test_br_co_11_to_13_allowances_and_charges_of_the_document_count_where_they_are_taxed():
    found = totals(
        [Taxed(10_000, "S", "19"), Taxed(2_000, "S", "7")],
        allowances=[Taxed(1_000, "S", "19"), Taxed(200, "S", "7")],
        charges=[Taxed(490, "S", "19")],
    )

    assert (found.lines, found.allowances, found.charges) == (12_000, 1_200, 490)
    assert found.vat == (Subtotal("S", "7", 1_800, 126), Subtotal("S", "19", 9_490, 1_803))
    assert (found.net, found.tax, found.gross) == (11_290, 1_929, 13_219)


@pytest.mark.parametrize(
    ("net", "rate", "step", "tax"), [(999, "10", 1, 100), (1_230_00, "27", 100, 332_00)]
)
def test_u40_yen_have_no_decimals_and_forint_may_be_invoiced_whole(net, rate, step, tax):
    assert tax_of(net, rate, step=step) == tax


def test_u23_partial_credits_take_back_the_original_tax_to_the_cent():
    original = Subtotal("S", "19", 1000, 190)
    first = credited_tax(original, net=323)  # 0.6137
    second = credited_tax(original, net=323, before=Subtotal("S", "19", 323, first))
    last = credited_tax(original, net=354, before=Subtotal("S", "19", 646, first + second))

    assert (first, second, last) == (61, 61, 68)  # 0.6726 would be 67


def test_u23_a_full_credit_has_the_original_tax():
    assert credited_tax(Subtotal("S", "19", 250, 48), net=250) == 48


def test_u23_no_credit_takes_back_more_tax_than_there_is():
    # 0.10 at 19 percent is 0.02; three credits of 0.03 would be 0.01 each.
    original, taken = Subtotal("S", "19", 10, 2), []
    for net in (3, 3, 3, 1):
        before = Subtotal("S", "19", 3 * len(taken), sum(taken))
        taken.append(credited_tax(original, net=net, before=before))

    assert taken == [1, 1, 0, 0]


def test_u23_a_line_may_come_back_before_the_discount_that_lowered_it():
    # 100.00 less 10.00 bore 17.10; the line gives 19.00 back, then the discount takes 1.90.
    original = Subtotal("S", "19", 9_000, 1_710)
    line = credited_tax(original, net=10_000)
    discount = credited_tax(original, net=-1_000, before=Subtotal("S", "19", 10_000, line))

    assert (line, discount) == (1_900, -190)


CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])
GROUPS = st.sampled_from(
    [("S", "19"), ("S", "7"), ("S", "5.5"), ("Z", "0"), ("E", "0"), ("AE", "0"), ("K", "0")]
)
NETS = st.integers(-(10**9), 10**9)


def taxeds(nets, **size):
    return st.lists(st.builds(lambda net, group: Taxed(net, *group), nets, GROUPS), **size)


def money(minor, currency):
    return Money.of(minor, currency)


def said(found, lines, currency, *, kind=InvoiceIssued, allowances=(), charges=()):
    """The document as a message, so that it is checked by what a receiver sees."""
    ids = {"invoice_id": "I"} if kind is InvoiceIssued else {"credit_note_id": "G", "cause": "x"}
    more = {"customer_id": "K", "due_on": date(2026, 1, 15)} if kind is InvoiceIssued else {}
    return kind(
        **ids,
        **more,
        contract_id="C",
        number="1",
        issued_on=date(2026, 1, 1),
        net=money(found.net, currency),
        tax=money(found.tax, currency),
        gross=money(found.gross, currency),
        lines=tuple(
            Line(
                line_id=str(number),
                name="Line",
                net=money(line.net, currency),
                vat_rate=line.rate,
                vat_category=line.category,
            )
            for number, line in enumerate(lines)
        ),
        vat=tuple(breakdown(each, currency) for each in found.vat),
        allowances=tuple(surcharge(each, currency) for each in allowances),
        charges=tuple(surcharge(each, currency) for each in charges),
    )


def breakdown(each, currency):
    return Vat(
        rate=each.rate,
        category=each.category,
        net=money(each.net, currency),
        tax=money(each.tax, currency),
        exemption="because" if each.category in REASONED else None,
    )


def surcharge(each, currency):
    return Surcharge(
        name="Surcharge",
        net=money(each.net, currency),
        vat_rate=each.rate,
        vat_category=each.category,
    )


UNSIGNED = st.integers(0, 10**6)


@given(
    taxeds(NETS, min_size=1, max_size=12),
    taxeds(UNSIGNED, max_size=3),
    taxeds(UNSIGNED, max_size=3),
    CURRENCIES,
)
def test_totals_satisfy_br_co_10_to_17_for_any_lines(lines, allowances, charges, currency):
    found = totals(lines, allowances=allowances, charges=charges)
    assume(found.gross >= 0)

    document = said(found, lines, currency, allowances=allowances, charges=charges)

    assert faults(document) == []


@given(taxeds(NETS, min_size=1, max_size=6), CURRENCIES, st.sampled_from([1, 10, 100]))
def test_totals_of_whole_units_are_whole_units(lines, currency, step):
    whole = [each._replace(net=each.net * step) for each in lines]
    found = totals(whole, step=step)

    assert (found.net % step, found.tax % step, found.gross % step) == (0, 0, 0)


@given(
    st.lists(st.integers(-(10**6), 10**7), min_size=1, max_size=8),
    st.sampled_from(["19", "7", "5.5", "27", "0"]),
    st.randoms(),
)
def test_u23_the_tax_of_credits_in_any_order_adds_up_to_the_originals(nets, rate, chance):
    original = Subtotal("S", rate, sum(nets), tax_of(sum(nets), rate))
    chance.shuffle(nets)
    before = Subtotal("S", rate, 0, 0)
    for net in nets:
        tax = credited_tax(original, net=net, before=before)
        before = Subtotal("S", rate, before.net + net, before.tax + tax)

    assert before == original


@given(
    st.lists(st.integers(1, 10**7), min_size=1, max_size=8),
    st.sampled_from(["19", "7", "5.5", "27", "0"]),
)
def test_u23_no_part_of_a_credit_has_negative_tax_or_is_units_off_its_rate(nets, rate):
    original = Subtotal("S", rate, sum(nets), tax_of(sum(nets), rate))
    before = Subtotal("S", rate, 0, 0)
    for net in nets:
        tax = credited_tax(original, net=net, before=before)
        assert tax >= 0
        # Each of the credits before left at most half a unit.
        assert abs(tax - tax_of(net, rate)) <= len(nets) // 2 + 1
        before = Subtotal("S", rate, before.net + net, before.tax + tax)


def right(**changes):
    lines = [Taxed(1000, "S", "19"), Taxed(1000, "S", "7")]
    document = said(totals(lines), lines, "EUR", kind=changes.pop("kind", InvoiceIssued))
    return document.model_copy(update=changes)


def vat(category, rate, net, tax, **more):
    return Vat(rate=rate, category=category, net=money(net, "EUR"), tax=money(tax, "EUR"), **more)


SEVEN, NINETEEN = vat("S", "7", 1000, 70), vat("S", "19", 1000, 190)
YEN = NINETEEN.model_copy(update={"net": Money.of(1000, "JPY")})


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"kind": CreditNoteIssued}, []),
        (
            {"net": money(2001, "EUR"), "gross": money(2261, "EUR")},
            ["BR-CO-10 to 13"],
        ),
        ({"tax": money(261, "EUR"), "gross": money(2261, "EUR")}, ["BR-CO-14"]),
        ({"gross": money(2261, "EUR")}, ["BR-CO-15"]),
        ({"payable_rounding": money(-2260, "EUR")}, []),
        ({"payable_rounding": money(-2261, "EUR")}, ["BR-CO-16"]),
        ({"vat": (NINETEEN,), "tax": money(190, "EUR"), "gross": money(2190, "EUR")}, ["BR-CO-18"]),
        ({"vat": (SEVEN, NINETEEN, vat("Z", "0", 0, 0))}, ["BR-CO-18"]),
        ({"vat": (vat("S", "7", 1001, 70), NINETEEN)}, ["BR-S-08"]),
        ({"vat": (vat("S", "7", 1000, 71), vat("S", "19", 1000, 189))}, ["BR-CO-17"] * 2),
        ({"vat": (vat("S", "7", 1000, 70, exemption="why"), NINETEEN)}, ["BR-S-10"]),
        (
            {
                "vat": (
                    SEVEN,
                    YEN,
                )
            },
            ["BR-CL-04"],
        ),
        # A last credit takes the remainder: a unit of the currency is BR-CO-17's tolerance.
        (
            {
                "kind": CreditNoteIssued,
                "vat": (vat("S", "7", 1000, 169), vat("S", "19", 1000, 91)),
            },
            [],
        ),
        (
            {
                "kind": CreditNoteIssued,
                "vat": (vat("S", "7", 1000, 170), vat("S", "19", 1000, 90)),
            },
            ["BR-CO-17"] * 2,
        ),
    ],
)
def test_a_document_that_breaks_a_business_rule_is_told_which(changes, rules):
    assert [fault.partition(":")[0] for fault in faults(right(**changes))] == rules


@pytest.mark.parametrize(
    ("groups", "rules"),
    [
        ([("AE", "0")], []),
        ([("O", "0")], []),
        ([("O", "0"), ("S", "19")], ["BR-O-11"]),
    ],
)
def test_what_is_not_subject_to_vat_stands_alone(groups, rules):
    lines = [Taxed(1000, *group) for group in groups]

    found = faults(said(totals(lines), lines, "EUR"))

    assert [fault.partition(":")[0] for fault in found] == rules


def test_who_pays_no_vat_is_told_why_and_pays_none():
    lines = [Taxed(1000, "AE", "0")]
    document = said(totals(lines), lines, "EUR")
    silent = document.model_copy(update={"vat": (vat("AE", "0", 1000, 0),)})

    assert faults(silent) == ["BR-AE-10: a reason is missing"]


def test_minor_units_follow_iso_4217():
    assert [minor_units(each) for each in ("JPY", "EUR", "KWD")] == [1, 100, 1000]
    assert [exponent(each) for each in ("JPY", "EUR", "KWD")] == [0, 2, 3]
