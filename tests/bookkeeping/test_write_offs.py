"""What of a write-off is tax, and that corrections of corrections cancel (R-86)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bookkeeping.breakdown import PREPAID, Part, Supply, combined, gross_of, negated
from services.bookkeeping.facts import Disagrees
from services.bookkeeping.write_offs import Claim

FULL, REDUCED = Supply("S", "19"), Supply("S", "7")
# 226.00: 119.00 at 19 %, 107.00 at 7 %.
MIXED = Claim(billed=(Part(FULL, 10000, 1900), Part(REDUCED, 10000, 700)))


def told(parts):
    return [(each.supply.rate, each.net, each.tax) for each in parts]


def test_a_whole_invoice_given_up_corrects_all_of_its_tax():
    _, parts = MIXED.give_up(22600)

    assert told(parts) == [("19", 10000, 1900), ("7", 10000, 700)]


def test_a_part_is_divided_in_proportion_and_adds_up():
    # 50.00 of 226.00: 22.1239 and 4.2035 at 19 %, 22.1239 and 1.5487 at 7 %.
    _, parts = MIXED.give_up(5000)

    assert told(parts) == [("19", 2213, 420), ("7", 2212, 155)]


def test_the_last_part_takes_what_is_left():
    claim, _ = MIXED.give_up(5000)
    claim, parts = claim.give_up(17600)

    assert told(parts) == [("19", 7787, 1480), ("7", 7788, 545)]
    assert told(claim.given_up) == [("19", 10000, 1900), ("7", 10000, 700)]


def test_a_credit_note_for_one_rate_leaves_the_other_to_be_corrected():
    claim = MIXED.credit((Part(FULL, 10000, 1900),))
    _, parts = claim.give_up(10700)

    assert told(parts) == [("19", 0, 0), ("7", 10000, 700)]


def test_a_credit_note_that_is_void_counts_no_more():
    note = (Part(FULL, 10000, 1900),)
    _, parts = MIXED.credit(note).credit(negated(note)).give_up(22600)

    assert told(parts) == [("19", 10000, 1900), ("7", 10000, 700)]


def test_where_the_credit_paid_something_else_what_was_billed_says_the_rates():
    claim = MIXED.credit((Part(FULL, 10000, 1900), Part(REDUCED, 10000, 700)))
    _, parts = claim.give_up(22600)

    assert told(parts) == [("19", 10000, 1900), ("7", 10000, 700)]


def test_a_payment_after_all_corrects_its_share_back():
    claim, _ = MIXED.give_up(22600)
    claim, parts = claim.revive(11300)

    assert told(parts) == [("19", 5000, 950), ("7", 5000, 350)]
    assert told(claim.given_up) == [("19", 5000, 950), ("7", 5000, 350)]


def test_no_more_comes_back_than_was_given_up():
    claim, _ = MIXED.give_up(5000)

    with pytest.raises(Disagrees, match="demanded again"):
        claim.revive(5001)


AMOUNTS = st.lists(st.integers(1, 22600), min_size=1, max_size=8)


@given(AMOUNTS, st.lists(st.integers(1, 100), max_size=8), AMOUNTS)
def test_corrections_and_what_undoes_them_cancel_whatever_the_pieces(given_up, shares, more):
    claim, said = MIXED, []
    for amount, share in zip(given_up, shares, strict=False):
        open_ = gross_of(claim.billed) - gross_of(claim.given_up)
        if part := min(amount, open_):
            claim, parts = claim.give_up(part)
            assert gross_of(parts) == part
            said.append(parts)
        if part := gross_of(claim.given_up) * share // 100:
            claim, parts = claim.revive(part)
            assert gross_of(parts) == part
            said.append(negated(parts))
    for amount in (*more, 22600):
        if part := min(amount, gross_of(claim.given_up)):
            claim, parts = claim.revive(part)
            said.append(negated(parts))

    assert all((each.net, each.tax) == (0, 0) for each in combined(*said))


@given(AMOUNTS)
def test_pieces_that_make_the_invoice_make_its_tax(pieces):
    claim = MIXED
    for amount in (*pieces, 22600):
        if part := min(amount, 22600 - gross_of(claim.given_up)):
            claim, parts = claim.give_up(part)
            assert all(each.net >= 0 and each.tax >= 0 for each in parts)

    assert told(claim.given_up) == [("19", 10000, 1900), ("7", 10000, 700)]


def test_a_discount_of_an_invoice_that_says_no_rate_is_divided_as_a_loss_and_cancels():
    # 4.52 of 226.00: 2.00 and 0.38 at 19 %, 2.00 and 0.14 at 7 %.
    claim, parts = MIXED.deduct(452, ())
    assert told(parts) == [("19", 200, 38), ("7", 200, 14)]

    claim, back = claim.deduct(-226, ())
    assert told(back) == [("19", -100, -19), ("7", -100, -7)]
    claim, back = claim.deduct(-226, ())
    assert gross_of(claim.deducted) == 0


def test_what_was_deducted_is_not_given_up_once_more():
    claim, _ = MIXED.deduct(238, (Part(FULL, 200, 38),))
    _, parts = claim.give_up(22362)

    assert told(parts) == [("19", 9800, 1862), ("7", 10000, 700)]


@pytest.mark.parametrize(("amount", "net", "tax"), [(6900, 5798, 1102), (3450, 2899, 551)])
def test_u61_what_a_balance_paid_of_an_invoice_keeps_its_tax_when_the_rest_is_given_up(
    amount, net, tax
):
    """Of 119.00 a balance paid 50.00, with 7.98 of tax; of 69.00 are 11.02 tax."""
    sold = Part(FULL, 10000, 1900)
    claim = Claim(billed=(sold, Part(PREPAID, -5000, 0)))

    _, parts = claim.give_up(amount)

    assert parts == (Part(FULL, net, tax),)
