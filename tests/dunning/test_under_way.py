"""A letter that may have left: no other is written until that is known (R-55, R-57)."""

from datetime import date, timedelta

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import ResetEscalation
from schemas.invoices import CreditNoteCancelled
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    end_contract,
    eur,
    invoice,
    paid,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)
from tests.support.properties import up_to

MARCH_1 = date(2026, 3, 1)


def desk(*steps, **more):
    """Return a desk that owes A of 1 March."""
    given = Desk(terms(policy(*steps, **more)))
    return given.hear(registered(), invoice("A", "50.00", MARCH_1))


def letter(given, number=-1):
    return given.all_of("ReminderCreated")[number].dunning_id


def intended(name):
    return DeliveryIntended(contract_id="C1", delivery_id="D", dunning_id=name, channel="email")


def left(name, on):
    about = {"delivery_id": "D", "dunning_id": name, "channel": "email"}
    return Dispatched(contract_id="C1", **about, dispatched_on=on)


def failed(name, **more):
    about = {"delivery_id": "D", "dunning_id": name, "channel": "email"}
    return DispatchFailed(contract_id="C1", **about, reason="unknown", **more)


def of_two_invoices():
    """The letter of 6 March lists A and B, and is under way when A is paid."""
    given = desk(reminder(5), reminder(20)).hear(invoice("B", "9.00", date(2026, 3, 2)))
    given.until(date(2026, 3, 6)).hear(intended(letter(given)))
    return given.hear(paid("p", "50.00", date(2026, 3, 6), "A"))


def test_r55_no_other_letter_is_written_while_one_may_have_left_and_it_keeps_its_distance():
    given = of_two_invoices().until(date(2026, 3, 8))
    assert given.days_of("ReminderCreated") == [date(2026, 3, 6)]  # not on 7 March, day 5 of B
    held = given.all_of("StepDecided")[-1]
    assert (held.outcome, held.rule) == ("held", "R-55")
    assert held.facts["held_by"] == "a letter that may have left"

    given.hear(left(letter(given), date(2026, 3, 8))).until(date(2026, 4, 30))

    # 8 March + 15 = 23 March; B reaches its second step on the 22nd, and both collapse.
    created = given.dated("ReminderCreated")
    assert [(day, each.level) for day, each in created] == [
        (date(2026, 3, 6), 1),
        (date(2026, 3, 23), 2),
    ]


def test_r55_the_other_letter_is_written_the_day_after_it_is_known_that_none_has_left():
    given = of_two_invoices().until(date(2026, 3, 8))

    given.hear(failed(letter(given))).until(date(2026, 3, 10))

    created = given.dated("ReminderCreated")
    assert [(day, each.level) for day, each in created] == [
        (date(2026, 3, 6), 1),
        (date(2026, 3, 9), 1),
    ]


def test_r55_what_was_cancelled_before_anybody_delivered_it_gives_no_notice():
    given = desk(reminder(5), end_contract(6)).until(date(2026, 3, 6))
    first = letter(given)
    given.hear(intended(first), paid("p", "20.00", date(2026, 3, 6)), failed(first))
    given.until(date(2026, 3, 7))  # the second one, in its place
    given.hear(intended(first), failed(first)).until(date(2026, 3, 8))  # and a third

    given.hear(intended(letter(given)), failed(letter(given))).until(date(2026, 5, 30))

    days = [date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 8)]
    assert given.days_of("ReminderCreated") == days
    # None reached anybody: day 6 and two days of standstill, not after a notice of 7 March.
    assert [day for day, _ in given.requests()] == [date(2026, 3, 9)]


def begun(*steps, contract=registered, **more):
    """The first letter of A is being delivered since 6 March."""
    given = Desk(terms(policy(*steps, **more))).hear(contract())
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 6))
    return given.hear(intended(letter(given)))


def agreed():
    """Default begins by itself, so that the first letter has a fee."""
    return registered(due_date_is_agreed=True)


def returned(on):
    return charged_back("b", "p", "50.00", on)


def entries(given):
    return [(entry.kind, entry.money.amount) for entry in given.all_of("EntryPosted")]


def levels(given):
    return [(day, each.level) for day, each in given.dated("ReminderCreated")]


def decided(given, since):
    dated = given.dated("StepDecided")
    return [(day, d.step.number, d.outcome, d.rule) for day, d in dated if day >= since]


RESET = ResetEscalation(contract_id="C1")


def test_r55_a_letter_that_leaves_after_its_run_is_a_letter_of_the_next_one():
    given = begun(reminder(5), reminder(20)).hear(paid("p", "50.00", date(2026, 3, 6)))
    assert given.names()[-2:] == ["ReminderCancelled", "PaymentEscalationReset"]
    given.until(date(2026, 3, 8)).hear(returned(date(2026, 3, 8))).until(date(2026, 3, 14))
    # Returned on 8 March: its first step is that of 13 March.
    assert decided(given, date(2026, 3, 8)) == [(date(2026, 3, 13), 0, "held", "R-55")]

    given.hear(left(letter(given), date(2026, 3, 14))).until(date(2026, 4, 30))

    # 14 March + 15 = 29 March; the second step is reached on the 28th, and both collapse.
    assert levels(given) == [(date(2026, 3, 6), 1), (date(2026, 3, 29), 2)]


def test_r55_one_that_has_not_left_after_its_run_holds_the_next_one_no_longer():
    given = begun(reminder(5), reminder(20)).hear(paid("p", "50.00", date(2026, 3, 6)))
    given.until(date(2026, 3, 8)).hear(returned(date(2026, 3, 8))).until(date(2026, 3, 14))

    given.hear(failed(letter(given))).until(date(2026, 4, 30))

    # The second step is reached on 28 March, too early by two days after the 15th.
    assert levels(given) == [(date(2026, 3, day), n) for day, n in ((6, 1), (15, 1), (30, 2))]


def test_r55_what_has_left_after_a_reset_by_hand_is_not_said_again():
    given = begun(reminder(5), webhook(8)).hear(RESET).until(date(2026, 3, 8))
    given.hear(left(letter(given), date(2026, 3, 8))).until(date(2026, 4, 30))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 6)]
    assert decided(given, date(2026, 3, 7)) == [
        (date(2026, 3, 7), 0, "held", "R-55"),
        (date(2026, 3, 9), 0, "superseded", "R-55"),
        (date(2026, 3, 11), 1, "fired", "R-01"),  # day 8, and two days of standstill
    ]


@pytest.mark.parametrize(
    ("comes_back", "written", "ends"),
    [
        # Day 20 and two days of standstill; 14 days from 8 March end on a Sunday, so on the 23rd.
        (False, [date(2026, 3, 6)], [date(2026, 3, 24)]),
        # Another letter is written: 14 days, past Easter until 7 April, and three by post.
        (True, [date(2026, 3, 6), date(2026, 3, 21)], [date(2026, 4, 11)]),
    ],
)
def test_r55_no_contract_is_ended_after_a_letter_that_has_come_back_after_a_reset(
    comes_back, written, ends
):
    given = begun(reminder(5), end_contract(20)).hear(RESET).until(date(2026, 3, 8))
    name = letter(given)
    given.hear(left(name, date(2026, 3, 8))).until(date(2026, 3, 20))
    assert decided(given, date(2026, 3, 9))[0] == (date(2026, 3, 9), 0, "superseded", "R-55")

    if comes_back:
        given.hear(failed(name))
    given.until(date(2026, 5, 30))

    assert given.days_of("ReminderCreated") == written
    assert [day for day, _ in given.requests()] == ends


def test_r55_what_was_too_low_beside_a_letter_that_comes_back_after_its_run_is_due_again():
    given = desk(reminder(5, level=2), webhook(30)).until(date(2026, 3, 6))
    name = letter(given)
    given.hear(intended(name)).publish(policy(reminder(5), webhook(30), version=2)).hear(RESET)
    given.until(date(2026, 3, 8)).hear(left(name, date(2026, 3, 8))).until(date(2026, 3, 12))
    assert decided(given, date(2026, 3, 9)) == [(date(2026, 3, 9), 0, "superseded", "R-57")]

    given.hear(failed(name)).until(date(2026, 3, 20))

    assert levels(given) == [(date(2026, 3, 6), 2), (date(2026, 3, 13), 1)]


def test_r55_after_a_reset_by_hand_what_has_not_left_is_made_anew():
    given = begun(reminder(5), webhook(8)).hear(RESET).until(date(2026, 3, 8))
    given.hear(failed(letter(given), fallback="letter")).until(date(2026, 4, 30))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 6), date(2026, 3, 9)]
    assert given.days_of("PaymentEscalated") == [date(2026, 3, 9)]


def test_r55_a_letter_intended_before_anybody_there_heard_of_the_reset_takes_the_others_place():
    given = desk(reminder(5)).until(date(2026, 3, 6)).hear(RESET).until(date(2026, 3, 7))
    first, second = (each.dunning_id for each in given.all_of("ReminderCreated"))

    given.hear(intended(first))
    [cancelled] = given.all_of("ReminderCancelled")
    assert (cancelled.dunning_id, cancelled.reason) == (second, "superseded")

    given.until(date(2026, 3, 8)).hear(left(first, date(2026, 3, 8))).until(date(2026, 4, 30))
    assert len(given.all_of("ReminderCreated")) == 2


def of_no_way(*steps, part=False, **more):
    """The first letter of A waits for another way, or its amount is not true any more, too."""
    given = begun(*steps, **more)
    given.hear(failed(letter(given), fallback="letter"))
    return given.hear(paid("p", "20.00", date(2026, 3, 6))) if part else given


@pytest.mark.parametrize("part", [False, True])
def test_r55_what_goes_another_way_when_its_run_is_reset_is_not_written_again(part):
    given = of_no_way(reminder(5), part=part).hear(RESET)
    given.hear(intended(letter(given)), left(letter(given), date(2026, 3, 6)))

    given.until(date(2026, 4, 30))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 6)]
    assert decided(given, date(2026, 3, 7)) == [(date(2026, 3, 7), 0, "superseded", "R-55")]


@pytest.mark.parametrize("part", [False, True])
def test_r55_what_goes_another_way_after_the_next_run_has_written_takes_the_others_place(part):
    given = of_no_way(reminder(5), part=part).hear(RESET).until(date(2026, 3, 7))
    first, second = (each.dunning_id for each in given.all_of("ReminderCreated"))

    given.hear(intended(first))

    cancelled = given.all_of("ReminderCancelled")[-1]
    assert (cancelled.dunning_id, cancelled.reason) == (second, "superseded")


def test_r55_a_run_does_not_wait_for_a_letter_of_which_nothing_is_heard_after_its_reset():
    given = of_no_way(reminder(5)).hear(RESET).until(date(2026, 3, 8))

    assert given.days_of("ReminderCreated") == [date(2026, 3, 6), date(2026, 3, 7)]


@pytest.mark.parametrize(("second_on", "last_on", "is_known"), [(34, 5, True), (35, 6, False)])
def test_r55_what_was_never_heard_of_is_known_for_30_days_before_the_last_letter(
    second_on, last_on, is_known
):
    given = of_no_way(reminder(5), reminder(second_on), part=True).until(date(2026, 3, 7))
    given.hear(left(letter(given), date(2026, 3, 7))).until(date(2026, 4, last_on))
    assert len(given.all_of("ReminderCreated")) == 3

    given.hear(RESET)

    first = letter(given, 0)
    assert (first in [each.dunning_id for each in given.account.former.reminders]) == is_known


def test_r93_the_fee_of_what_went_another_way_after_its_run_is_booked_again():
    more = {"contract": agreed, "fees_block_reset": True}
    given = of_no_way(reminder(5, fee=eur("2.00")), **more).hear(RESET)
    name = letter(given)
    given.hear(left(name, date(2026, 3, 6)), left(name, date(2026, 3, 6)))
    assert entries(given)[1:] == [("fee", "2.00"), ("credit", "-2.00"), ("fee", "2.00")]

    given.hear(failed(name), failed(name))
    assert entries(given)[4:] == [("credit", "-2.00")]


def test_r55_a_letter_of_two_runs_ago_keeps_no_third_one_back():
    given = begun(reminder(5), reminder(20)).hear(paid("p", "50.00", date(2026, 3, 6)))
    given.hear(left(letter(given), date(2026, 3, 7)), returned(date(2026, 3, 8)))
    given.until(date(2026, 3, 9)).hear(paid("q", "50.00", date(2026, 3, 9)))
    given.hear(charged_back("c", "q", "50.00", date(2026, 3, 9))).until(date(2026, 3, 14))

    assert levels(given) == [(date(2026, 3, 6), 1), (date(2026, 3, 14), 1)]


def test_r110_a_letter_that_left_after_its_run_says_what_is_paid():
    given = begun(reminder(5, fee=eur("2.50")), contract=agreed)
    given.hear(credit_note("G", "50.00", date(2026, 3, 6)))
    given.hear(left(letter(given), date(2026, 3, 7))).until(date(2026, 3, 9))

    given.hear(paid("p", "52.50", date(2026, 3, 9)))

    assert entries(given)[2:] == [("fee", "2.50"), ("payment", "-52.50")]
    assert given.account.balance == -5000


def test_r72_the_fee_of_a_letter_that_may_have_left_waits_for_the_answer_though_its_run_is_over():
    def given():
        told = begun(reminder(5, fee=eur("2.00")), contract=agreed, fees_block_reset=True)
        return told.hear(RESET)

    told = given()
    assert entries(told) == [("receivable", "50.00"), ("fee", "2.00")]
    assert entries(told.hear(left(letter(told), told.day))) == entries(given())
    told = given()
    assert entries(told.hear(failed(letter(told))))[2:] == [("credit", "-2.00")]


def test_r53_the_fee_of_a_letter_that_comes_back_after_its_run_is_credited():
    given = begun(reminder(5, fee=eur("2.00")), contract=agreed, fees_block_reset=True)
    given.hear(left(letter(given), date(2026, 3, 6)), paid("p", "52.00", date(2026, 3, 9)))
    assert given.account.run is None

    given.hear(failed(letter(given)), failed(letter(given)))

    assert entries(given)[3:] == [("credit", "-2.00")]
    assert given.account.balance == -200


def test_r93_a_fee_is_booked_again_where_the_letter_has_left_after_all():
    given = begun(reminder(5, fee=eur("2.00")), contract=agreed, fees_block_reset=True)
    name = letter(given)
    given.hear(failed(name)).until(date(2026, 3, 9))

    given.hear(left(name, date(2026, 3, 9)), left(name, date(2026, 3, 9)))
    assert entries(given)[1:] == [("fee", "2.00"), ("credit", "-2.00"), ("fee", "2.00")]
    assert given.all_of("EntryPosted")[-1].booked_on == date(2026, 3, 9)

    given.hear(failed(name), failed(name))
    assert entries(given)[4:] == [("credit", "-2.00")]
    assert given.account.balance == 5000


def test_r93_a_fee_that_was_credited_with_what_made_way_is_booked_again_where_both_have_left():
    steps = reminder(5, fee=eur("2.00")), webhook(60)
    given = begun(*steps, contract=agreed, fees_block_reset=True)
    first = letter(given)
    given.hear(paid("p", "20.00", date(2026, 3, 6)), failed(first)).until(date(2026, 3, 7))
    second = letter(given)

    given.hear(intended(first), intended(second))  # nobody there had heard that it makes way
    given.hear(left(first, date(2026, 3, 7)), left(second, date(2026, 3, 7)))

    fees = [entry.money.minor for entry in given.all_of("EntryPosted") if entry.about.dunning_id]
    assert fees == [200, -200, 200, -200, 200, 200]


@pytest.mark.parametrize(("day", "interest"), [(6, "0.04"), (7, None)])
def test_r92_a_letter_that_left_while_it_was_owed_begins_default_though_its_run_is_over(
    day, interest
):
    given = begun(reminder(5), interest=True).until(date(2026, 3, 7))
    given.hear(paid("p", "50.00", date(2026, 3, 7)))
    given.hear(left(letter(given), date(2026, 3, day)), returned(date(2026, 3, 10)))
    given.until(date(2026, 3, 15))

    # 6.27 % of 50.00 for the five days from 10 March on: 0.0429.
    [_, second] = given.all_of("ReminderCreated")
    assert (second.interest and second.interest.amount) == interest


def test_r92_a_letter_that_came_back_after_its_run_began_no_default():
    given = begun(reminder(5), interest=True).hear(left("none", MARCH_1))
    given.hear(left(letter(given), date(2026, 3, 6))).until(date(2026, 3, 7))
    given.hear(paid("p", "50.00", date(2026, 3, 7)), failed(letter(given)))

    given.hear(returned(date(2026, 3, 10))).until(date(2026, 3, 15))

    assert given.all_of("ReminderCreated")[-1].interest is None


class PostOffice:
    """Reads what is said, intends what it does not know to be cancelled, and delivers whenever."""

    def __init__(self, given):
        self.given, self.unread, self.under_way, self.left, self.later = given, 0, [], [], []
        self.drawer, self.stopped = [], set()

    def read(self):
        for _, said in self.given.said[self.unread :]:
            match type(said).__name__:
                case "ReminderCreated":
                    self.drawer.append((said.dunning_id, said.payment_escalation_process_id))
                case "ReminderCancelled":
                    self.stopped.add(said.dunning_id)
                case "PaymentEscalationReset":
                    self.stopped.add(said.payment_escalation_process_id)
        self.unread = len(self.given.said)

    def intend(self):
        """Intend all that it has read, whatever was said since."""
        drawer, self.drawer = self.drawer, []
        for name, process in drawer:
            if {name, process} & self.stopped:
                # Whoever drops a letter says so: until then it counts as sent.
                self.given.hear(failed(name))
            else:
                self.under_way.append((name, process))
                self.given.hear(intended(name))

    def hand_over(self):
        if self.under_way:
            self.left.append(self.under_way.pop(0))
            self.given.hear(left(self.left[-1][0], self.given.day))

    def fail(self, **more):
        if self.under_way:
            self.given.hear(failed(self.under_way.pop(0)[0], **more))

    def fall_back(self):
        """Fail on one way; what still stands goes another one on the next day."""
        stands = [each for each in self.under_way[:1] if not {*each} & self.stopped]
        self.later += stands
        self.fail(**({"fallback": "letter"} if stands else {}))

    def bounce(self):
        """One that has left comes back; it goes no other way."""
        if self.left:
            self.given.hear(failed(self.left.pop()[0]))

    def begin_day(self):
        self.drawer, self.later = [*self.later, *self.drawer], []


DOES = {
    "read": "read",
    "intend": "intend",
    "left": "hand_over",
    "failed": "fail",
    "other way": "fall_back",
    "bounced": "bounce",
}
ACTS = ("day", "day", *DOES)
MONEY = ("part", "all", "credit", "back", "void", "new debt", "reset")


def move(given, act, number):
    """Let money or a clerk do something to the debt."""
    day, owed, account = given.day, given.account.balance, given.account
    whole = f"{max(owed, 100) // 100}.{max(owed, 100) % 100:02}"
    match act:
        case "part":
            given.hear(paid(f"p{number}", "1.00", day))
        case "all":
            given.hear(paid(f"p{number}", whole, day))
        case "credit":
            given.hear(credit_note(f"g{number}", whole, day))
        case "back":
            payments = [r for r in account.receipts if r.kind == "payment" and r.left]
            for last in payments[-1:]:
                amount = f"{last.left // 100}.{last.left % 100:02}"
                given.hear(charged_back(f"b{number}", last.receipt_id, amount, day))
        case "void":
            notes = [r.receipt_id for r in account.receipts if r.receipt_id.startswith("g")]
            for note in [n for n in notes[-1:] if account.receipt(n, "credit").left]:
                void = CreditNoteCancelled(contract_id="C1", credit_note_id=note, cancelled_on=day)
                given.hear(void)
        case "new debt":
            given.hear(invoice(f"I{number}", "7.00", day - timedelta(5)))
        case _:
            given.hear(RESET)


@settings(max_examples=up_to(150), deadline=None)
@over(st.lists(st.sampled_from(ACTS + MONEY), max_size=50))
def test_r55_a_letter_leaves_once_counts_and_costs_once_whatever_happens_to_its_debt(acts):
    steps = (reminder(5, fee=eur("2.00")), reminder(8, fee=eur("2.00")), webhook(10))
    given = Desk(terms(policy(*steps, fees_block_reset=True))).hear(agreed())
    given.hear(invoice("A", "50.00", MARCH_1)).until(date(2026, 3, 6))
    post = PostOffice(given)
    for number, act in enumerate([*acts, "read", "next way", "intend", *["left"] * 50]):
        written = len(given.all_of("ReminderCreated"))
        match act:
            case "day":
                post.read()
                given.until(given.day + timedelta(1))
                post.begin_day()
                if post.under_way:
                    assert len(given.all_of("ReminderCreated")) == written, "one may have left"
            case "next way":
                post.begin_day()
            case _ if act in DOES:
                getattr(post, DOES[act])()
            case _:
                move(given, act, number)
    names = [name for name, _ in post.left]
    assert len(names) == len(set(names))
    costs = sum(e.money.minor for e in given.all_of("EntryPosted") if e.about.dunning_id)
    assert costs == 200 * len(names)
