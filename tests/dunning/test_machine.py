"""All of dunning under random orders of events: the invariants of rules.md 2.0, and an oracle."""

from collections import Counter, defaultdict
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
    InvoiceDisputed,
    InvoiceDisputeSettled,
    ReleaseEscalation,
    ResetEscalation,
    SwitchEscalation,
    WriteOff,
)
from schemas.message import Refused
from schemas.payments import PaymentFailed, PaymentPending, PaymentReassigned, RefundMade
from schemas.values import derived_id
from services.dunning.escalation import rules
from services.dunning.ledger import paid_damages
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
from tests.support.properties import up_to

C1 = {"contract_id": "C1"}
POLICIES = (
    policy(webhook(2), reminder(4), reminder(7, send="manual"), end_contract(9), webhook(12)),
    policy(reminder(3, fee=eur("2.00")), pause_contract(5), webhook(5), resume_on_reset=True),
    policy(reminder(1), reminder(5), interest=True, thresholds={"EUR": "40.00"}),
    policy(reminder(1), reminder(3, fee=eur("2.00")), interest=True, damages_first=True),
    policy(
        reminder(1, fee=eur("2.00")),
        reminder(3, fee=eur("2.00"), send="manual"),
        reminder(6, fee=eur("1.00")),
        fees_block_reset=True,
    ),
)
DAMAGES = (
    policy(reminder(1, fee=eur("2.00")), reminder(70, fee=eur("2.00")), interest=True),
    policy(reminder(1, fee=eur("1.00")), webhook(70), interest=True, damages_first=True),
    policy(reminder(1, fee=eur("2.00")), interest=True, fees_block_reset=True),
)
AGAINST_A_DEBTOR = (
    "EscalationStarted",
    "PaymentEscalated",
    "ReminderCreated",
    "ContractPauseRequested",
    "ContractEndRequested",
)
MOVES = ("payment", "chargeback", "chargeback_reversal")
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
        self.gone = defaultdict(list)

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
        self.pay(cents)

    @precondition(lambda self: self.oracle.open_items())
    @rule(number=PICK, cents=st.integers(-3000, 3000))
    def pay_one(self, number, cents):
        """In full, in part (less) or too much (more), naming the invoice."""
        item = self.pick(self.oracle.open_items(), number)
        self.pay(max(1, item["open"] + cents), item["name"])

    @rule(cents=AMOUNT, ahead=st.integers(1, 9), printed=st.booleans())
    def pay_what_is_not_known_yet(self, cents, ahead, printed):
        """A mistyped number, or that of an invoice to come (R-16)."""
        self.pay(cents, f"{'R-' if printed else ''}I{self.number + ahead}")

    @precondition(lambda self: self.oracle.open_items())
    @rule(number=PICK, other=st.booleans())
    def pay_all_of_one_under_a_number(self, number, other):
        """All of it, under its printed number or under a mistyped one."""
        item = self.pick(self.oracle.open_items(), number)
        self.pay(item["open"], "mistyped" if other or item["fee"] else item["number"])

    @precondition(lambda self: self.oracle.balance > 0)
    @rule()
    def pay_all(self):
        self.pay(self.oracle.balance)

    @precondition(lambda self: paid_damages.letter(self.desk.account))
    @rule(cents=st.sampled_from([-500, -1, 0, 0, 0, 1]))
    def pay_as_demanded(self, cents):
        """What the last letter demanded, exactly or nearly (R-110)."""
        self.pay(max(1, paid_damages.letter(self.desk.account).demanded + cents))

    def pay(self, cents, *named):
        """Tell both of a payment; dunning books the damages that it pays just before it."""
        name, run = self.name("P"), self.desk.account.run
        letter = paid_damages.letter(self.desk.account)
        listed = None if named or letter is None else self.listed(letter, cents)
        first = run and rules.snapshot(run.policy, self.desk.terms).damages_first
        meant = named or (self.oracle.exactly(cents) if listed is None else listed)
        booked = self.hear(paid(name, text(cents), self.day, *named))
        order = [*booked, *meant] if listed is not None and first else [*meant, *booked]
        self.oracle.receive(name, cents, self.day, order)

    def hear(self, message):
        """Tell dunning; return the damages that it booked before what *message* is about."""
        said = len(self.desk.all_of("EntryPosted"))
        self.tell(message)
        self.follow(until=MOVES)
        posted = self.desk.all_of("EntryPosted")[said : self.followed]
        return [owed.receivable_id for entry in posted for owed in entry.owed]

    def listed(self, letter, cents):
        """Return what is open of what a letter listed, where *cents* are exactly its demand."""
        names = [*(name for name, _ in letter.items), derived_id("fee", "C1", letter.dunning_id)]
        items = [item for item in self.oracle.open_items() if item["name"] in names]
        left = sum(each.amount for each in letter.damages)
        still = left and sum(item["open"] for item in items) + left
        return [item["name"] for item in items] if cents in (letter.demanded, still) else None

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
        self.hear(back.model_copy(update=kinds))
        self.oracle.charge_back(name, money["name"], amount, self.day)

    @precondition(lambda self: self.payments())
    @rule(number=PICK, cents=AMOUNT)
    def move_away(self, number, cents):
        """It was meant for another contract (R-118)."""
        money = self.pick(self.payments(), number)
        amount = min(cents, money["amount"])
        said = {"payment_id": money["name"], "money": eur(text(amount)), "to": "C2"}
        self.hear(PaymentReassigned(**C1, **said))
        self.oracle.move_away(money["name"], amount, self.day)

    @precondition(lambda self: self.oracle.backs)
    @rule(number=PICK)
    def reverse(self, number):
        name = self.pick(list(self.oracle.backs), number)
        booked = self.hear(ChargebackReversed(**C1, chargeback_id=name, booked_on=self.day))
        self.oracle.reverse(name, self.day, booked)

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

    @precondition(lambda self: self.oracle.owed() and self.desk.account.ends_on)
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

    @precondition(lambda self: any(not item["fee"] for item in self.oracle.items))
    @rule(number=PICK, percent=st.sampled_from([None, 0, 30, 100]))
    def dispute_an_invoice(self, number, percent):
        """All of an invoice, open or not, or a part, or nothing any more (R-116)."""
        item = self.pick([item for item in self.oracle.items if not item["fee"]], number)
        cents = max(1, item["amount"] * (percent or 0) // 100)
        about = {**C1, "invoice_id": item["name"]}
        if percent == 0:
            if item["disputed"]:
                self.tell(InvoiceDisputeSettled(**about))
            item["disputed"] = 0
            return
        amount = None if percent is None else eur(text(cents))
        self.tell(InvoiceDisputed(**about, money=amount, reason_code="price"))
        item["disputed"] = item["amount"] if percent is None else cents

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
            self.oracle.begin(self.day + timedelta(days=1))
            self.desk.until(self.day + timedelta(days=1))
            for _, message in self.desk.said[before:]:
                self.compare(message)
            self.follow()

    def follow(self, until=()):
        """Tell the oracle of the fees that dunning booked by itself, and took back."""
        for entry in self.desk.all_of("EntryPosted")[self.followed :]:
            if entry.kind in until:
                return
            self.followed += 1
            about, cents, on = entry.about, entry.money.minor, entry.booked_on
            if entry.kind in ("fee", "interest", "lump_sum"):
                # The bank's come with a chargeback, others with a reminder or when they are paid.
                for owed in entry.owed:
                    self.oracle.owe(owed.receivable_id, cents, on, on, fee=True)
                if cents < 0:
                    self.forgive()
            elif entry.kind == "credit" and about.credit_note_id is None:
                fee = self.fee_of(entry)
                named = [fee] if self.oracle.item(fee)["open"] else []
                self.oracle.receive(self.name("F"), -cents, on, named)

    def forgive(self):
        """Damages that dunning took back pay nothing any more: its receipts say which."""
        receipts = self.desk.account.receipts
        pays = Counter()
        for each in (each for receipt in receipts for each in receipt.assigned):
            pays[each.receivable_id] += each.amount
        for item in (each for each in self.desk.account.items if each.demanded_by):
            known = self.oracle.item(item.receivable_id)["amount"] - pays[item.receivable_id]
            gone = known - sum(self.gone[item.receivable_id])
            if gone > 0:
                self.gone[item.receivable_id].append(gone)
                self.oracle.forgive(item.receivable_id, gone)

    def fee_of(self, entry):
        """Return which fee an entry credits: both have their names from the reminder."""
        for created in self.desk.all_of("ReminderCreated"):
            for again in ((), *((str(n),) for n in range(1, 40))):
                about = (created.dunning_id, *again)
                if entry.entry_id == derived_id("entry", "C1", "credit", "reminder", *about):
                    return derived_id("fee", "C1", *about)
        raise AssertionError("a credit that no reminder explains")

    def compare(self, message):
        """An evaluation knows the age and the debt that the oracle knows."""
        name = type(message).__name__
        if name in AGAINST_A_DEBTOR:
            assert self.oracle.overdue(self.day), f"R-16: {name} to somebody who owes nothing"
        match name:
            case "StepDecided":
                assert message.age_days == (self.day - self.oracle.oldest()).days
            case "ReminderCreated":
                listed = {item.receivable_id: item.open.minor for item in message.items}
                assert listed == self.oracle.overdue(self.day)
                beside = (message.fees, message.interest, message.lump_sum)
                extra = sum(money.minor for money in beside if money)
                assert message.demanded.minor == sum(listed.values()) + extra
            case "EntryPosted":
                # Else credit that was kept in vain pays what is open, or was given up.
                assert message.kind in ("fee", "write_off_reversal") or not message.money.minor, (
                    "I8: a day books no money but fees of reminders"
                )

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


class Damages(Dunning):
    """The same, of a contract that has had a letter with a fee and interest (R-110)."""

    @initialize(first=st.sampled_from(DAMAGES), days=st.integers(3, 8))
    def begin(self, first, days):
        Dunning.begin(self, first)
        self.issue_and_wait(days)

    def issue_and_wait(self, days):
        due = self.day - timedelta(days=60)
        self.tell(invoice("I0", "90.00", due, issued_on=date(2025, 1, 1)))
        self.oracle.owe("I0", 9000, due, date(2025, 1, 1))
        self.live(days)
        assert self.desk.all_of("ReminderCreated")[0].interest.minor > 0


TestDunning = Dunning.TestCase
TestDunning.settings = settings(max_examples=up_to(60), stateful_step_count=40, deadline=None)
TestDamages = Damages.TestCase
TestDamages.settings = settings(max_examples=up_to(60), stateful_step_count=15, deadline=None)
