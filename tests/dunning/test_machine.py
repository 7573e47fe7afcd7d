"""All of dunning under random orders of events: the invariants of rules.md 2.0, and an oracle."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.chargebacks import ChargebackReversed, DisputeClosed, DisputeOpened
from schemas.contracts import ContractPaused, ContractResumed
from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import (
    DeferReceivable,
    DispatchReminder,
    HoldEscalation,
    ReleaseEscalation,
    ResetEscalation,
    SwitchEscalation,
    WriteOff,
)
from schemas.message import Refused
from schemas.payments import PaymentFailed, PaymentPending, RefundMade
from schemas.values import derived_id
from services.dunning.escalation import rules
from tests.support.desk import Desk
from tests.support.events import (
    charged_back,
    credit_note,
    end_contract,
    ended,
    eur,
    invoice,
    paid,
    pause_contract,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)
from tests.support.oracle import Oracle

C1 = {"contract_id": "C1"}
POLICIES = (
    policy(webhook(2), reminder(4), reminder(7, send="manual"), end_contract(9), webhook(12)),
    policy(reminder(3, fee=eur("2.00")), pause_contract(5), webhook(5), resume_on_reset=True),
    policy(reminder(1), reminder(5), interest=True, thresholds={"EUR": "40.00"}),
    policy(
        reminder(1, fee=eur("2.00")),
        reminder(3, fee=eur("2.00"), send="manual"),
        reminder(6, fee=eur("1.00")),
        fees_block_reset=True,
    ),
)
AMOUNT = st.integers(1, 9000)
PICK = st.integers(0, 99)


def text(cents):
    return f"{cents // 100}.{cents % 100:02}"


class Dunning(RuleBasedStateMachine):
    """One contract: every rule tells dunning and the oracle the same."""

    @initialize(first=st.sampled_from(POLICIES))
    def begin(self, first):
        self.desk = Desk(terms(first)).hear(registered(due_date_is_agreed=True))
        self.oracle, self.number, self.pending, self.versions = Oracle(), 0, [], 1
        self.hashes, self.seen, self.followed, self.ended = {}, 0, 0, set()

    def name(self, kind):
        self.number += 1
        return f"{kind}{self.number}"

    @property
    def day(self):
        return self.desk.day

    def pick(self, names, number):
        return names[number % len(names)]

    def tell(self, *messages):
        self.desk.hear(*messages)

    @rule(cents=AMOUNT, days=st.integers(-9, 15))
    def issue(self, cents, days):
        # Every invoice has a day of issue of its own: no two are of equal age.
        name = self.name("I")
        issued, due = date(2025, 1, 1) + timedelta(days=self.number), self.day + timedelta(days)
        self.tell(invoice(name, text(cents), due, issued_on=issued))
        self.oracle.owe(name, cents, due, issued)

    @rule(cents=AMOUNT)
    def pay_anything(self, cents):
        name = self.name("P")
        self.tell(paid(name, text(cents), self.day))
        self.oracle.receive(name, cents, self.day)

    @precondition(lambda self: self.oracle.open_items())
    @rule(number=PICK, cents=st.integers(-3000, 3000))
    def pay_one(self, number, cents):
        """In full, in part (less) or too much (more), naming the invoice."""
        item, name = self.pick(self.oracle.open_items(), number), self.name("P")
        amount = max(1, item["open"] + cents)
        self.tell(paid(name, text(amount), self.day, item["name"]))
        self.oracle.receive(name, amount, self.day, [item["name"]])

    @precondition(lambda self: self.oracle.balance > 0)
    @rule()
    def pay_all(self):
        name, amount = self.name("P"), self.oracle.balance
        self.tell(paid(name, text(amount), self.day))
        self.oracle.receive(name, amount, self.day)

    @rule(method=st.sampled_from(["card", "transfer"]))
    def pend(self, method):
        name = self.name("P")
        self.pending.append(name)
        about = {"payment_id": name, "money": eur("1.00"), "method": method}
        self.tell(PaymentPending(**C1, **about, initiated_on=self.day))

    @precondition(lambda self: self.pending)
    @rule(number=PICK)
    def fail(self, number):
        name = self.pick(self.pending, number)
        self.pending.remove(name)
        self.tell(PaymentFailed(**C1, payment_id=name, failed_on=self.day))

    def payments(self):
        return [m for m in self.oracle.money if m["name"].startswith("P") and m["amount"]]

    @precondition(lambda self: self.payments())
    @rule(number=PICK, cents=AMOUNT, fee=st.booleans(), kind=st.booleans())
    def charge_back(self, number, cents, fee, kind):
        money, name = self.pick(self.payments(), number), self.name("B")
        amount = min(cents, money["amount"])
        kinds = {"kind": "card_chargeback" if kind else "sepa_return"}
        more = {"fee": eur("3.00")} if fee else {}
        back = charged_back(name, money["name"], text(amount), self.day, **more)
        self.tell(back.model_copy(update=kinds))
        self.oracle.charge_back(name, money["name"], amount, self.day)

    @precondition(lambda self: self.oracle.backs)
    @rule(number=PICK)
    def reverse(self, number):
        name = self.pick(list(self.oracle.backs), number)
        self.tell(ChargebackReversed(**C1, chargeback_id=name, booked_on=self.day))
        self.oracle.reverse(name, self.day)

    @precondition(lambda self: self.oracle.backs)
    @rule(number=PICK, is_open=st.booleans())
    def dispute(self, number, is_open):
        name = self.pick(list(self.oracle.backs), number)
        about = {**C1, "chargeback_id": name, "on": self.day}
        self.tell(DisputeOpened(**about) if is_open else DisputeClosed(**about, outcome="lost"))

    @rule(cents=AMOUNT)
    def credit(self, cents):
        name = self.name("G")
        self.tell(credit_note(name, text(cents), self.day))
        self.oracle.receive(name, cents, self.day)

    @precondition(lambda self: self.oracle.credit() > 0)
    @rule(number=PICK)
    def refund(self, number):
        amount, name = max(1, self.oracle.credit() * number // 99), self.name("R")
        self.tell(RefundMade(**C1, refund_id=name, money=eur(text(amount)), made_on=self.day))
        self.oracle.refund(amount)

    @precondition(lambda self: self.oracle.open_items() and self.desk.account.ends_on)
    @rule()
    def write_off(self):
        self.tell(WriteOff(**C1, on=self.day))
        self.oracle.give_up()

    @precondition(lambda self: self.oracle.open_items())
    @rule(number=PICK, days=st.integers(1, 20))
    def defer(self, number, days):
        invoices = [item for item in self.oracle.open_items() if not item["fee"]]
        if invoices:
            item = self.pick(invoices, number)
            until = max(self.day, item["due"]) + timedelta(days)
            self.tell(DeferReceivable(**C1, invoice_id=item["name"], until=until))
            self.oracle.defer(item["name"], until)

    @rule(days=st.none() | st.integers(0, 5))
    def hold(self, days):
        until = None if days is None else self.day + timedelta(days)
        self.tell(HoldEscalation(**C1, until=until))

    @rule(on=st.booleans())
    def switch(self, on):
        self.tell(SwitchEscalation(**C1, on=on), ReleaseEscalation(**C1))

    @rule()
    def reset(self):
        self.tell(ResetEscalation(**C1))

    @rule(number=PICK)
    def change_policy(self, number):
        self.versions += 1
        update = {"version": self.versions}
        self.desk.publish(self.pick(POLICIES, number).model_copy(update=update))

    @rule(days=st.integers(0, 9), is_end=st.booleans())
    def end_or_pause(self, days, is_end):
        on = self.day + timedelta(days)
        ends_on = self.desk.account.ends_on
        if is_end and ends_on is not None and ends_on <= self.day:
            on = min(on, ends_on)  # what has ended ends no later (R-63a)
        self.tell(ended(on) if is_end else ContractPaused(**C1, paused_from=on))

    @rule(days=st.integers(0, 3))
    def resume(self, days):
        pause, on = self.desk.account.pause, self.day + timedelta(days)
        if pause is not None:
            on = max(on, pause.rests_since or pause.since)  # none ends before it begins
        self.tell(ContractResumed(**C1, resumed_on=on))

    @precondition(lambda self: self.desk.account.run and self.desk.account.run.reminders)
    @rule(number=PICK, what=st.sampled_from(["by hand", "by us", "intend", "send", "fail"]))
    def dispatch(self, number, what):
        reminders = self.desk.account.run.reminders
        one = self.pick(reminders, number)
        about = {**C1, "delivery_id": "D", "dunning_id": one.dunning_id, "channel": "letter"}
        named = {**C1, "dunning_id": one.dunning_id, "dispatched_on": self.day}
        could = one.is_draft and one.intended_on is None
        try:
            match what:
                case "by hand" | "by us":
                    self.tell(DispatchReminder(**named, by_us=what == "by us"))
                    assert could, "only a draft is sent by hand"
                case "intend":
                    self.tell(DeliveryIntended(**about))
                case "send":
                    self.tell(Dispatched(**about, dispatched_on=self.day))
                case _:
                    self.tell(DispatchFailed(**about, reason="unknown"))
        except Refused as why:
            assert not could, why

    @rule(days=st.integers(1, 8))
    def live(self, days):
        for _ in range(days):
            before = len(self.desk.said)
            self.desk.until(self.day + timedelta(days=1))
            for _, message in self.desk.said[before:]:
                self.compare(message)
            self.follow()

    def follow(self):
        """Tell the oracle of the fees that dunning booked by itself, and took back."""
        for entry in self.desk.all_of("EntryPosted")[self.followed :]:
            self.followed += 1
            about, cents, on = entry.about, entry.money.minor, entry.booked_on
            if entry.kind == "fee":
                # The bank's come with a chargeback, the others with a reminder.
                number = sum(item["fee"] for item in self.oracle.items)
                fees = [item for item in self.desk.account.items if item.kind == "fee"]
                self.oracle.owe(fees[number].receivable_id, cents, on, on, fee=True)
            elif entry.kind == "credit" and about.credit_note_id is None:
                fee = self.fee_of(entry)
                named = [fee] if self.oracle.item(fee)["open"] else []
                self.oracle.receive(self.name("F"), -cents, on, named)

    def fee_of(self, entry):
        """Return which fee an entry credits: both have their names from the reminder."""
        for created in self.desk.all_of("ReminderCreated"):
            about = ("C1", created.dunning_id)
            if entry.entry_id == derived_id("entry", "C1", "credit", "reminder", about[1]):
                return derived_id("fee", *about)
        raise AssertionError("a credit that no reminder explains")

    def compare(self, message):
        """An evaluation knows the age and the debt that the oracle knows."""
        match type(message).__name__:
            case "StepDecided":
                assert message.age_days == (self.day - self.oracle.oldest()).days
            case "ReminderCreated":
                listed = {item.receivable_id: item.open.minor for item in message.items}
                assert listed == self.oracle.overdue(self.day)
                beside = (message.fees, message.interest, message.lump_sum)
                extra = sum(money.minor for money in beside if money)
                assert message.demanded.minor == sum(listed.values()) + extra
            case "EntryPosted":
                assert message.kind == "fee", "I8: a day books no money but fees of reminders"

    @invariant()
    def the_ledger_is_the_oracles(self):
        self.follow()
        account = self.desk.account
        posted = self.desk.all_of("EntryPosted")
        assert sum(m.money.minor for m in posted) == account.balance == self.oracle.balance, "I1"
        for item in account.items:
            assert 0 <= item.open <= item.amount, "I2"
            assert item.open == self.oracle.item(item.receivable_id)["open"]
            assert item.anchor_on == self.oracle.item(item.receivable_id)["anchor"] or not item.open
        anchor = rules.anchor_of(account)
        assert (anchor and anchor.anchor_on) == self.oracle.oldest()

    @invariant()
    def what_is_said_keeps_the_invariants(self):
        new = [message for _, message in self.desk.said[self.seen :]]
        self.seen = len(self.desk.said)
        for message in new:
            process = getattr(message, "payment_escalation_process_id", None)
            name = type(message).__name__
            if name in ("EscalationStarted", "StepDecided") and process:
                assert self.hashes.setdefault(process, message.policy.hash) == message.policy.hash
                assert process not in self.ended, "I6: nothing is decided in a run that has ended"
            if name == "StepDecided" and message.outcome == "fired":
                assert message.age_days - message.delay_days >= message.step.days_overdue, "I5"
            if name == "PaymentEscalationReset":
                self.ended.add(process)
        run = self.desk.account.run
        # I6: whatever run has started is still running, or a reset has ended it.
        running = {run.process_id} if run else set()
        assert set(self.hashes) == self.ended | running, "I6"
        assert run is None or self.oracle.balance > 0, "R-10, R-11: a cleared balance ends the run"

    def teardown(self):
        if not hasattr(self, "desk"):
            return
        ids = Counter((type(m).__name__, m.derived_id()) for _, m in self.desk.said)
        twice = {each: times for each, times in ids.items() if times > 1}
        # A draft may be released again; nothing else is ever said twice (I3, I8).
        assert {name for name, _ in twice} <= {"ReminderReleased"}, twice


TestDunning = Dunning.TestCase
TestDunning.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
