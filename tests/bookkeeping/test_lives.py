"""The books of random lives: open as dunning has it on every day, balanced, the same when known."""

from collections import defaultdict
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.chargebacks import ChargebackReceived, ChargebackReversed
from schemas.instructions import ReverseWriteOff
from schemas.invoices import CreditNoteIssued, InvoiceIssued
from schemas.message import NotYet, Refused
from schemas.payments import PaymentReassigned, PaymentReceived, RefundMade
from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from services.bookkeeping.closing import hand_over
from services.bookkeeping.tables import tables
from tests.dunning.test_invariants import begin
from tests.support.bookkeeper import SKR03, Bookkeeper, by_cash, taxed
from tests.support.events import paid
from tests.support.life import KINDS, message_for
from tests.support.properties import up_to

FOR_EVER = date(2999, 12, 31)
# What is booked on the day on which it is said; a fee that is taken back is not.
PROMPT = tuple(each for each in KINDS if each not in ("fail to send", "send"))


def actions(kinds):
    one = st.tuples(st.sampled_from(kinds), st.integers(1, 9000), st.integers(0, 30))
    return st.lists(one, min_size=8, max_size=40)


def live(desk, acts):
    """Let *acts* happen; yield each day that is over, with the account as it was then."""
    for number, act in enumerate(acts):
        kind, cents, pick = act
        if kind == "days" and pick:
            yield desk.day, desk.account
            desk.until(desk.day + timedelta(days=pick))
            continue
        message = message_for(desk.account, desk.day, number, act)
        if kind == "write off":
            message = message.model_copy(update={"on": desk.day})
        if isinstance(message, InvoiceIssued | CreditNoteIssued):
            message = with_tax(message, cents, pick)
        if message is not None and desk.inbox.is_new(message):
            with suppress(Refused, NotYet):
                desk.hear(message)
    yield desk.day, desk.account


def with_tax(document, cents, pick):
    """Divide the gross between two rates; the tax is whatever it is, not what a rate would make."""
    full, reduced = cents * pick // 30, cents - cents * pick // 30
    parts = [
        ("S", rate, text(gross - gross // part), text(gross // part))
        for rate, gross, part in (("19", full, 6), ("7", reduced, 15))
    ]
    return taxed(document, *parts)


def text(cents):
    return f"{cents // 100}.{cents % 100:02}"


def open_in(account):
    return {each.receivable_id: each.open for each in account.items if each.open}


def given_up_in(account):
    return {each.receivable_id: each.written_off for each in account.items if each.written_off}


def open_of(found):
    return {i.receivable_id: i.open for i in found.open_items if i.kind != "credit" and i.open}


def given_up_of(found):
    return {i.receivable_id: i.written_off for i in found.open_items if i.written_off}


def balance_of(found):
    return sum(each.open for each in found.open_items)


def assert_are_the_same(found, account):
    assert open_of(found) == open_in(account)
    assert given_up_of(found) == given_up_in(account)
    assert balance_of(found) == account.balance
    credit = sum(each.credit for each in account.receipts)
    assert -sum(i.open for i in found.open_items if i.kind == "credit") == credit


@settings(max_examples=up_to(60), deadline=None)
@given(actions(KINDS))
def test_what_was_known_on_a_day_is_what_dunning_had_then(acts):
    desk = begin(Bookkeeper)
    days = list(live(desk, acts))

    for day, account in days:
        found = books(desk.facts, SKR03, as_of=FOR_EVER, known_on=day)
        check(found)
        assert_are_the_same(found, account)


@settings(max_examples=up_to(60), deadline=None)
@given(actions(PROMPT))
def test_where_all_is_booked_at_once_the_books_of_a_day_are_the_ledger_of_that_day(acts):
    desk = begin(Bookkeeper)
    days = list(live(desk, acts))

    for day, account in days:
        found = books(desk.facts, SKR03, as_of=day)
        check(found)
        assert_are_the_same(found, account)


@settings(max_examples=up_to(40), deadline=None)
@given(actions(KINDS), st.integers(0, 400))
def test_the_books_of_any_day_are_balanced_and_add_up(acts, days):
    desk = begin(Bookkeeper)
    list(live(desk, acts))
    found = books(desk.facts, SKR03, as_of=date(2026, 1, 1) + timedelta(days))
    check(found)

    *_, postings = tables(found, SKR03)
    columns = map(postings.header.index, ("debit", "credit"))
    debit, credit = (
        sum(int(row[at].replace(".", "") or 0) for row in postings.rows) for at in columns
    )
    assert debit == credit
    net = sum(row.net for row in found.revenue.values())
    assert net == -sum(
        line.amount for each in found.postings for line in each.lines() if line.account in REVENUE
    )


class Teller(Bookkeeper):
    """Counts what the bank and we moved, by what was said and taken, and not by the ledger."""

    def __init__(self, terms, **more):
        super().__init__(terms, **more)
        self.left, self.backs, self.moved = {}, {}, 0

    def hear(self, *messages):
        for message in messages:
            super().hear(message)
            self.moved += self._moved(message)
        return self

    def _moved(self, message):
        match message:
            case PaymentReceived():
                self.left[message.payment_id] = message.money.minor
                return message.money.minor
            case RefundMade():
                return -message.money.minor
            case PaymentReassigned():
                self.left[message.payment_id] -= message.money.minor
                return -message.money.minor
            case ChargebackReceived():
                # The bank takes no more back than it gave (R-74a); the rest is dead-lettered.
                found = min(message.money.minor, self.left[message.payment_id])
                self.left[message.payment_id] -= found
                self.backs[message.chargeback_id] = message.payment_id, found
                return -found
            case ChargebackReversed():
                payment_id, found = self.backs[message.chargeback_id]
                self.left[payment_id] += found
                return found
        return 0


@settings(max_examples=up_to(100), deadline=None)
@given(actions(KINDS))
def test_r74a_the_money_in_the_books_is_what_the_bank_moved(acts):
    desk = begin(Teller)
    list(live(desk, acts))
    found = books(desk.facts, SKR03, as_of=FOR_EVER)

    lines = [line for each in found.postings for line in each.lines()]
    assert sum(line.amount for line in lines if line.account == SKR03.money) == desk.moved
    # What was issued and demanded, less all that was moved and given up, is the balance.
    assert sum(line.amount for line in lines if line.account == SKR03.receivables) == (
        desk.account.balance
    )


# What is deducted for early payment is less revenue.
REVENUE = {"8400", "8300", "8200", "8736", "8731", "8730"}


@settings(max_examples=up_to(60), deadline=None)
@given(actions(KINDS))
def test_r106_by_cash_is_taxed_what_pays_invoices_less_all_that_was_credited(acts):
    desk = begin(Bookkeeper)
    list(live(desk, acts))
    found = books(by_cash(desk.facts), SKR03, as_of=FOR_EVER)
    check(found)

    invoices = [each for each in desk.account.items if each.kind == "invoice"]
    covered = sum(each.amount - each.open - each.written_off for each in invoices)
    credited = sum(row.credited_net + row.credited_tax for row in found.revenue.values())
    assert sum(row.net + row.tax for row in found.tax.values()) == covered - credited


@settings(max_examples=up_to(100), deadline=None)
@given(actions(KINDS))
def test_r106_by_cash_is_taxed_of_what_is_paid_in_full_what_was_earned_rate_by_rate(acts):
    desk = begin(Bookkeeper)
    list(live(desk, acts))
    with suppress(Refused):
        desk.hear(ReverseWriteOff(contract_id="C1", on=desk.day))
    for number in range(2):
        # Damages that a letter demands may take some of it.
        left = sum(each.open for each in desk.account.items)
        if left:
            desk.hear(paid(f"all-{number}", text(left), desk.day))
    found = books(by_cash(desk.facts), SKR03, as_of=FOR_EVER)

    assume(not any(each.open or each.written_off for each in desk.account.items))
    assert sums(found.tax) == sums(found.revenue)


def sums(rows):
    found = defaultdict(lambda: (0, 0))
    for key, row in rows.items():
        net, tax = found[key.supply]
        found[key.supply] = net + row.net, tax + row.tax
    return {supply: each for supply, each in found.items() if any(each)}


@settings(max_examples=up_to(40), deadline=None)
@given(actions(KINDS))
def test_r107_hand_overs_hold_every_posting_once_and_touch_no_closed_day(acts):
    desk = begin(Bookkeeper)
    then = {day: list(desk.facts) for day, _ in live(desk, acts)} | {FOR_EVER: desk.facts}
    before = []
    for day, facts in then.items():
        found, _ = hand_over(books(facts, SKR03, as_of=day), before, entity=None)
        assert all(each.posted_on > before[-1].until for each in found.sent if before)
        before.append(found)

    sent = [each for one in before for each in one.sent]
    posted = books(desk.facts, SKR03, as_of=FOR_EVER).postings
    assert sorted(each.entry_id for each in sent) == sorted(
        each.booked.entry.posted.entry_id for each in posted
    )
    assert sum(each.amount for each in sent) == desk.account.balance


@settings(max_examples=up_to(40), deadline=None)
@given(actions(KINDS))
def test_what_is_said_later_changes_nothing_of_what_was_known(acts):
    desk = begin(Bookkeeper)
    then = [(day, list(desk.facts)) for day, _ in live(desk, acts)]
    before = ()
    for day, facts in then:
        now = books(desk.facts, SKR03, as_of=FOR_EVER, known_on=day)
        at_that_time = books(facts, SKR03, as_of=FOR_EVER)
        assert tables(now, SKR03) == tables(at_that_time, SKR03)
        known = tuple(each.entry.posted.entry_id for each in now.entries)
        assert known[: len(before)] == before, "nothing that was known is unknown again"
        before = known
