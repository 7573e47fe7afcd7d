"""R-84a: who pays early may deduct something, with its VAT; who pays late or less pays a part."""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.credited import CreditedInvoice
from schemas.instructions import AssignPayment
from schemas.invoices import CreditNoteCancelled
from schemas.payments import Designation, PaymentReassigned
from services.dunning.audit import faults
from tests.support.bookkeeper import taxed
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reversed_,
    terms,
    webhook,
)

MARCH_2, MARCH_9, MARCH_12, MARCH_13 = (date(2026, 3, day) for day in (2, 9, 12, 13))
APRIL_1 = date(2026, 4, 1)
TWO_PERCENT = ({"percent": "2", "days": 10},)


def bill(name="A", *, offers=TWO_PERCENT, net="100.00", tax="19.00", **more):
    """Two percent are deductible through 12 March 2026, a Thursday."""
    said = invoice(name, "1.00", APRIL_1, issued_on=MARCH_2, early_payment=offers, **more)
    return taxed(said, ("S", "19", net, tax))


def note(name, net, tax, on=MARCH_9, **more):
    return taxed(credit_note(name, "1.00", on, **more), ("S", "19", net, tax))


def desk(*bills):
    given = Desk(terms(policy(webhook(5))), day=date(2026, 3, 20))
    return given.hear(registered(), *(bills or (bill(),)))


def discounts(given):
    """Each entry of a discount: the day, its money, and of that the tax."""
    return [
        (e.booked_on, e.money.amount, sum(each.tax.minor for each in e.vat))
        for e in given.all_of("EntryPosted")
        if e.kind == "discount"
    ]


def open_of(given):
    return {item.receivable_id: item.open for item in given.account.items}


def test_r84a_the_discount_is_an_entry_of_its_own_with_its_vat_once():
    given = desk().hear(paid("p", "116.62", MARCH_9))

    assert discounts(given) == [(MARCH_9, "-2.38", -38)]
    entry = given.all_of("EntryPosted")[-1]
    assert (entry.about.invoice_id, entry.balance.amount) == ("A", "0.00")
    assert [(each.receivable_id, each.amount.amount) for each in entry.assigned] == [("A", "2.38")]
    [vat] = entry.vat
    assert (vat.category, vat.rate, vat.net.amount, vat.tax.amount) == ("S", "19", "-2.00", "-0.38")
    [settled] = given.all_of("ReceivableSettled")
    assert settled.by == "discount"


@pytest.mark.parametrize(
    ("amount", "on", "is_open", "discount"),
    [
        ("116.61", MARCH_12, 239, []),
        ("116.62", MARCH_12, 0, [(MARCH_12, "-2.38", -38)]),
        ("116.62", MARCH_13, 238, []),
        ("117.00", MARCH_12, 0, [(MARCH_12, "-2.00", -32)]),
        ("119.00", MARCH_12, 0, []),
        ("120.00", MARCH_12, 0, []),
    ],
)
def test_in_time_and_enough_it_settles_late_or_less_it_is_a_part(amount, on, is_open, discount):
    given = desk().hear(paid("p", amount, on))

    assert (open_of(given)["A"], discounts(given)) == (is_open, discount)


@pytest.mark.parametrize(
    ("issued_on", "on", "is_open"),
    # Ten days after 4 March 2026 is a Saturday.
    [(date(2026, 3, 4), date(2026, 3, 16), 0), (date(2026, 3, 4), date(2026, 3, 17), 238)],
)
def test_a_last_day_on_a_weekend_moves_to_the_next_working_day(issued_on, on, is_open):
    said = bill().model_copy(update={"issued_on": issued_on})

    assert open_of(desk(said).hear(paid("p", "116.62", on)))["A"] == is_open


@pytest.mark.parametrize("order", list(permutations([("p", "60.00"), ("q", "56.62")])), ids=str)
def test_two_payments_make_the_discounted_amount_in_whatever_order(order):
    given = desk().hear(*(paid(name, amount, MARCH_9) for name, amount in order))

    assert discounts(given) == [(MARCH_9, "-2.38", -38)]
    assert given.account.balance == 0


@pytest.mark.parametrize("late", ["p", "q"])
def test_of_two_payments_one_may_not_be_late(late):
    days = {"p": MARCH_9, "q": MARCH_9, late: MARCH_13}
    given = desk().hear(paid("p", "60.00", days["p"]), paid("q", "56.62", days["q"]))

    assert (given.account.balance, discounts(given)) == (238, [])


def test_the_day_on_which_it_came_decides_also_where_it_is_known_later():
    given = desk().until(date(2026, 4, 20)).hear(paid("p", "116.62", MARCH_12))

    assert discounts(given) == [(MARCH_12, "-2.38", -38)]


def test_who_has_paid_all_of_it_has_deducted_nothing():
    given = desk().hear(paid("late", "2.38", MARCH_13), paid("p", "116.62", MARCH_12))

    assert (given.account.balance, discounts(given)) == (0, [])


def test_what_comes_after_the_discount_is_credit():
    given = desk().hear(paid("p", "116.62", MARCH_9), paid("q", "2.38", MARCH_9, "A"))

    assert (given.account.balance, open_of(given)) == (-238, {"A": 0})


def test_the_best_offer_of_a_day_counts():
    offers = ({"percent": "3", "days": 3}, {"percent": "2", "days": 10})
    early, later = desk(bill(offers=offers)), desk(bill(offers=offers))
    early.hear(paid("p", "115.43", date(2026, 3, 5)))
    later.hear(paid("p", "115.43", date(2026, 3, 6)), paid("q", "1.19", MARCH_12))

    assert discounts(early) == [(date(2026, 3, 5), "-3.57", -57)]
    assert discounts(later) == [(MARCH_12, "-2.38", -38)]


def test_a_return_takes_the_discount_with_it_and_its_reversal_brings_it_back():
    given = desk().hear(paid("p", "116.62", MARCH_9))
    given.hear(charged_back("c", "p", "50.00", MARCH_13))

    assert open_of(given)["A"] == 5238
    assert discounts(given)[1:] == [(MARCH_13, "2.38", 38)]
    assert given.account.items[0].reopening == 1

    given.hear(reversed_("c", date(2026, 3, 16)))

    assert given.account.balance == 0
    assert discounts(given)[2:] == [(date(2026, 3, 16), "-2.38", -38)]


def test_money_that_comes_again_after_a_return_is_late():
    given = desk().hear(paid("p", "116.62", MARCH_9), charged_back("c", "p", "116.62", MARCH_13))
    given.hear(paid("q", "116.62", date(2026, 3, 16)))

    assert open_of(given)["A"] == 238


def test_r118_what_was_meant_for_another_contract_has_earned_nothing_here():
    given = desk().hear(paid("p", "116.62", MARCH_9))
    given.hear(PaymentReassigned(contract_id="C1", payment_id="p", money=eur("0.01")))

    assert open_of(given)["A"] == 239
    assert given.account.items[0].anchor_on == APRIL_1


def test_a_payment_that_a_clerk_lets_pay_it_counts_from_the_day_on_which_it_came():
    first = invoice("B", "116.62", date(2026, 3, 3), issued_on=MARCH_2)
    given = desk(bill(), first).hear(paid("p", "116.62", MARCH_9, "B"))
    wish = (Designation(invoice_id="A"),)
    given.hear(AssignPayment(contract_id="C1", payment_id="p", designated=wish))

    assert open_of(given) == {"A": 0, "B": 11662}
    assert [each[1:] for each in discounts(given)] == [("-2.38", -38)]


@pytest.mark.parametrize(
    ("amount", "is_open", "discount"),
    # 100.00 are left of it, and two percent of that are 2.00.
    [("98.00", 0, [("-2.00", -32)]), ("97.99", 201, [])],
)
def test_after_a_credit_note_on_the_invoice_it_is_of_what_that_leaves(amount, is_open, discount):
    given = desk().hear(note("g", "15.97", "3.03", invoice_id="A"), paid("p", amount, MARCH_12))

    assert open_of(given)["A"] == is_open
    assert [each[1:] for each in discounts(given)] == discount


def test_a_credit_note_that_makes_the_money_enough_earns_the_discount_then():
    given = desk().hear(paid("p", "98.00", MARCH_9), note("g", "15.97", "3.03", invoice_id="A"))

    assert (given.account.balance, len(discounts(given))) == (0, 1)


def test_a_credit_note_on_what_was_paid_early_makes_the_discount_less():
    given = desk().hear(paid("p", "116.62", MARCH_9))
    given.hear(note("g", "50.00", "9.50", date(2026, 3, 16), invoice_id="A"))

    # Half of it costs 58.31 in time: 116.62 less that is credit.
    assert given.account.balance == -5831
    assert discounts(given)[1:] == [(date(2026, 3, 16), "1.19", 19)]


def test_a_credit_note_on_all_of_it_leaves_what_was_paid():
    given = desk().hear(paid("p", "116.62", MARCH_9))
    given.hear(note("g", "100.00", "19.00", date(2026, 3, 16), invoice_id="A"))

    assert given.account.balance == -11662
    assert sum(eur(money).minor for _, money, _ in discounts(given)) == 0


def test_a_cancelled_credit_note_restores_what_it_took_off():
    given = desk().hear(paid("p", "116.62", MARCH_9))
    given.hear(note("g", "50.00", "9.50", date(2026, 3, 16), invoice_id="A"))
    given.hear(
        CreditNoteCancelled(contract_id="C1", credit_note_id="g", cancelled_on=date(2026, 3, 17))
    )

    assert (given.account.balance, open_of(given)["A"]) == (0, 0)
    assert sum(eur(money).minor for _, money, _ in discounts(given)) == -238


def test_a_note_of_several_invoices_counts_for_each_what_is_of_it():
    parts = tuple(
        CreditedInvoice(invoice_id=name, net=eur(net), tax=eur(tax), gross=eur(gross))
        for name, net, tax, gross in (
            ("A", "15.97", "3.03", "19.00"),
            ("B", "10.00", "1.90", "11.90"),
        )
    )
    given = desk(bill(), bill("B")).hear(note("g", "25.97", "4.93", credited=parts))
    given.hear(paid("p", "98.00", MARCH_9, "A"), paid("q", "104.96", MARCH_9, "B"))

    assert given.account.balance == 0
    assert [each[1:] for each in discounts(given)] == [("-2.00", -32), ("-2.14", -34)]


def test_a_note_that_came_before_its_invoice_counts_too():
    given = Desk(terms(policy(webhook(5))), day=date(2026, 3, 20)).hear(registered())
    given.hear(note("g", "15.97", "3.03", invoice_id="A"), bill(), paid("p", "98.00", MARCH_9))

    assert given.account.balance == 0


def test_exactly_the_discounted_amount_means_that_invoice_and_no_older_one():
    older = invoice("B", "5.00", date(2026, 3, 3), issued_on=MARCH_2)

    in_time = desk(bill(), older).hear(paid("p", "116.62", MARCH_12))
    late = desk(bill(), older).hear(paid("p", "116.62", MARCH_13))

    assert open_of(in_time) == {"A": 0, "B": 500}
    assert open_of(late) == {"A": 738, "B": 0}


@pytest.mark.parametrize("named", [(), ("A", "B")], ids=["by amount", "by name"])
def test_the_sum_of_several_less_their_discounts_settles_all_of_them(named):
    given = desk(bill(), bill("B")).hear(paid("p", "233.24", MARCH_12, *named))

    assert open_of(given) == {"A": 0, "B": 0}
    assert [each[1:] for each in discounts(given)] == [("-2.38", -38), ("-2.38", -38)]


def test_of_several_that_are_named_the_first_is_settled_before_the_next_is_begun():
    given = desk(bill(), bill("B")).hear(paid("p", "150.00", MARCH_12, "A", "B"))

    assert open_of(given) == {"A": 0, "B": 11900 - 3338}


def test_credit_that_was_here_before_is_in_time():
    given = Desk(terms(policy(webhook(5))), day=date(2026, 3, 20)).hear(registered())
    given.hear(paid("p", "116.62", date(2026, 2, 20)), bill())

    assert given.account.balance == 0


def test_each_rate_of_the_invoice_has_its_part_of_the_discount():
    both = taxed(bill(), ("S", "19", "100.00", "19.00"), ("S", "7", "100.00", "7.00"))
    given = desk(both).hear(paid("p", "221.48", MARCH_12))

    [entry] = [e for e in given.all_of("EntryPosted") if e.kind == "discount"]
    assert entry.money.amount == "-4.52"
    assert [(v.rate, v.net.amount, v.tax.amount) for v in entry.vat] == [
        ("19", "-2.00", "-0.38"),
        ("7", "-2.00", "-0.14"),
    ]


def test_a_credit_note_on_one_rate_leaves_the_discount_to_the_other():
    both = taxed(bill(), ("S", "19", "100.00", "19.00"), ("S", "7", "100.00", "7.00"))
    given = desk(both).hear(note("g", "100.00", "19.00", invoice_id="A"))
    given.hear(paid("p", "104.86", MARCH_12))

    [entry] = [e for e in given.all_of("EntryPosted") if e.kind == "discount"]
    assert [(v.rate, v.net.amount, v.tax.amount) for v in entry.vat] == [("7", "-2.00", "-0.14")]


def test_an_invoice_that_says_no_rate_has_a_discount_without_one():
    plain = invoice("A", "119.00", APRIL_1, issued_on=MARCH_2, early_payment=TWO_PERCENT)
    given = desk(plain).hear(paid("p", "116.62", MARCH_12))

    assert (given.account.balance, discounts(given)) == (0, [(MARCH_12, "-2.38", 0)])


MOVES = st.lists(
    st.tuples(st.integers(1, 12_500), st.sampled_from([MARCH_9, MARCH_12, MARCH_13])),
    min_size=1,
    max_size=4,
)


def text(cents):
    return f"{cents // 100}.{cents % 100:02}"


@settings(max_examples=80, deadline=None)
@given(MOVES, st.integers(0, 3))
def test_a_discount_stands_only_while_what_came_in_time_is_enough(moves, back):
    given = desk()
    for number, (cents, on) in enumerate(moves):
        given.hear(paid(f"p{number}", text(cents), on))
    if back < len(moves):
        cents, _ = moves[back]
        given.hear(charged_back("c", f"p{back}", text(cents), date(2026, 3, 17)))
        moves = [each for at, each in enumerate(moves) if at != back]

    came = sum(cents for cents, on in moves if on <= MARCH_12)
    [item] = given.account.items
    assert item.discounted == 0 or came >= 11662
    assert item.discounted <= 238
    assert came < 11662 or item.open == 0
    assert list(faults(message for _, message in given.said)) == []
    posted = [e for e in given.all_of("EntryPosted") if e.kind == "discount"]
    assert -sum(e.money.minor for e in posted) == item.discounted
    for entry in posted:
        assert sum(v.net.minor + v.tax.minor for v in entry.vat) == entry.money.minor


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 12_500), min_size=2, max_size=3))
def test_in_time_the_order_of_payments_changes_no_balance(amounts):
    found = set()
    for order in permutations(enumerate(amounts)):
        given = desk()
        given.hear(*(paid(f"p{number}", text(cents), MARCH_9) for number, cents in order))
        found.add(max(0, given.account.balance))

    assert len(found) == 1
