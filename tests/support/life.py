"""Whatever may happen to a contract, in any order: for tests over random lives."""

from datetime import timedelta

from hypothesis import strategies as st

from schemas.chargebacks import ChargebackReversed, DisputeClosed, DisputeOpened
from schemas.contracts import ContractPaused, ContractResumed, InstrumentRegistered
from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.instructions import (
    AgreedInstalment,
    AssignCredit,
    AssignPayment,
    ClaimDamages,
    DeferReceivable,
    DispatchReminder,
    InstalmentsAgreed,
    InvoiceDisputed,
    InvoiceDisputeSettled,
    PromiseRecorded,
    ResetEscalation,
    ReverseWriteOff,
    SwitchEscalation,
    WriteOff,
)
from schemas.invoices import CreditNoteCancelled
from schemas.payment_reference import payment_reference
from schemas.payments import (
    Designation,
    PaymentFailed,
    PaymentPending,
    PaymentReassigned,
    PaymentReceived,
    RefundMade,
)
from tests.support.events import charged_back, credit_note, eur, invoice, paid


class Inbox:
    """Drops what says a fact again, as the engine does."""

    def __init__(self):
        self._known = set()

    def is_new(self, message):
        fact = (type(message), message.business_key())
        if not fact[1]:
            return True
        known, self._known = fact in self._known, self._known | {fact}
        return not known


C1 = {"contract_id": "C1"}
KINDS = (
    *("invoice", "invoice", "pay", "pay", "pay early", "pay early", "days", "days"),
    *("pay named", "credit", "credit named", "void", "charge back", "charge back", "reverse"),
    *("move away", "refund", "force", "pend", "fail", "assign", "assign credit", "claim", "defer"),
    *("write off", "demand again"),
    *("object", "object", "agree", "promise", "instalments", "instalments"),
    *("pay by reference", "intend", "leave"),
    *("send", "fail to send", "dispute", "settle", "card", "pause", "resume", "reset", "switch"),
)
ACTIONS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 9000), st.integers(0, 30)),
    min_size=8,
    max_size=40,
)


def message_for(account, day, number, action):  # noqa: C901 - one case an action
    """Return the message of *action*, about things that *account* knows; None where it has none."""
    kind, cents, pick = action
    money, name = eur(f"{cents // 100}.{cents % 100:02}"), f"{kind}-{number}"
    item = _one([i.receivable_id for i in account.items if i.kind == "invoice"], pick)
    payment = _one([r.receipt_id for r in account.receipts if r.kind == "payment"], pick)
    note = _one([r.receipt_id for r in account.receipts if r.kind == "credit"], pick)
    back = _one([b.chargeback_id for b in account.chargebacks], pick)
    pending = _one([p.payment_id for p in account.pending], pick)
    # One of a run that has ended may still leave, or come back.
    former = getattr(account, "former", None)
    runs = [run for run in (account.run, former) if run]
    reminders = [each for run in runs for each in run.reminders]
    reminder = _one([r.dunning_id for r in reminders], pick)
    match kind:
        case "invoice":
            # Of some of them who pays early may deduct something.
            early = ({"percent": "3", "days": 5},) if pick % 3 == 0 else ()
            due_on = day + timedelta(days=pick - 10)
            return invoice(name, money.amount, due_on, issued_on=day, early_payment=early)
        case "pay":
            return paid(name, money.amount, day)
        case "pay named":
            # One in three names an invoice that is not known, or not known yet.
            wish = item if item and pick % 3 else f"invoice-{number + pick}"
            most = eur("10.00") if pick % 2 else None
            wishes = (Designation(invoice_id=wish, amount=most),)
            said = {"payment_id": name, "money": money, "received_on": day}
            return PaymentReceived(**C1, **said, designated=wishes)
        case "pay by reference":
            # A printed number, the reference of a letter or of an invoice, or one of somebody else.
            numbers = (f"invoice {item}, R-{item}", payment_reference("C1", item or "other"))
            letter = payment_reference("C1", reminder or "other")
            said = {"payment_id": name, "money": money, "received_on": day}
            return PaymentReceived(**C1, **said, reference=(*numbers, letter, "R-4711")[pick % 4])
        case "pay early" if item:
            # Traffic does not know what is open of an item, and pays what it likes.
            known = next(each for each in account.items if each.receivable_id == item)
            left = getattr(known, "open", cents)
            least = max(1, left - left * 3 // 100)
            return paid(name, f"{least // 100}.{least % 100:02}", day, item)
        case "credit":
            return credit_note(name, money.amount, day)
        case "credit named" if item:
            return credit_note(name, money.amount, day, invoice_id=item)
        case "void" if note:
            return CreditNoteCancelled(**C1, credit_note_id=note, cancelled_on=day)
        case "charge back" if payment:
            fee = eur("3.00") if pick % 2 else None
            return charged_back(name, payment, money.amount, day, fee=fee, reason_code="MS03")
        case "move away" if payment:
            return PaymentReassigned(**C1, payment_id=payment, money=money, to="C2")
        case "reverse" if back:
            return ChargebackReversed(**C1, chargeback_id=back, booked_on=day)
        case "refund" | "force":
            said = {"refund_id": name, "money": money, "made_on": day}
            named = payment if pick % 2 else None
            return RefundMade(**C1, **said, payment_id=named, forced=kind == "force")
        case "pend":
            said = {"payment_id": name, "money": money, "initiated_on": day}
            return PaymentPending(**C1, **said, method="sepa")
        case "fail" if pending:
            return PaymentFailed(**C1, payment_id=pending, failed_on=day, reason_code="MS03")
        case "assign" if item and payment:
            wishes = (Designation(invoice_id=item, amount=money if pick % 2 else None),)
            return AssignPayment(**C1, payment_id=payment, designated=wishes)
        case "assign credit" if item:
            wishes = (Designation(invoice_id=item, amount=money if pick % 2 else None),)
            which = note if pick % 3 else None
            return AssignCredit(**C1, credit_note_id=which, designated=wishes)
        case "claim":
            return ClaimDamages(**C1, invoices=(item,) if item and pick % 2 else ())
        case "defer" if item:
            return DeferReceivable(**C1, invoice_id=item, until=day + timedelta(days=pick))
        case "object" if item:
            most = money if pick % 2 else None
            return InvoiceDisputed(**C1, invoice_id=item, money=most, reason_code="price")
        case "agree" if item:
            return InvoiceDisputeSettled(**C1, invoice_id=item)
        case "instalments" if account.balance > 1 and pick:
            # Half of what is owed soon, half later.
            halves = account.balance // 2, account.balance - account.balance // 2
            plan = tuple(
                AgreedInstalment(
                    on=day + timedelta(days=pick * n), money=eur(f"{half // 100}.{half % 100:02}")
                )
                for n, half in enumerate(halves, 1)
            )
            about = {"agreement_id": name, "lapses_after_days": pick % 5}
            return InstalmentsAgreed(**C1, **about, plan=plan)
        case "promise":
            said = {"promise_id": name, "money": money, "on": day + timedelta(days=pick)}
            named = {"receivables": (item,)} if item and pick % 2 else {"all": True}
            return PromiseRecorded(**C1, **said, **named)
        case "write off":
            return WriteOff(**C1, on=day + timedelta(days=1))
        case "demand again":
            return ReverseWriteOff(**C1, on=day)
        case "dispute" if back:
            return DisputeOpened(**C1, chargeback_id=back, on=day)
        case "settle" if back:
            return DisputeClosed(**C1, chargeback_id=back, on=day, outcome="lost")
        case "send" if reminder:
            return DispatchReminder(**C1, dunning_id=reminder, dispatched_on=day)
        case "intend" if reminder:
            said = {"delivery_id": name, "dunning_id": reminder, "channel": "email"}
            return DeliveryIntended(**C1, **said)
        case "leave" if reminder:
            said = {"delivery_id": name, "dunning_id": reminder, "channel": "email"}
            return Dispatched(**C1, **said, dispatched_on=day)
        case "fail to send" if reminder:
            said = {"delivery_id": name, "dunning_id": reminder, "channel": "email"}
            return DispatchFailed(**C1, **said, reason="unknown address")
        case "card":
            return InstrumentRegistered(**C1, instrument_id=name, kind="card")
        case "pause":
            return ContractPaused(**C1, paused_from=day, cause="operator")
        case "resume":
            return ContractResumed(**C1, resumed_on=day)
        case "reset":
            return ResetEscalation(**C1)
        case "switch":
            return SwitchEscalation(**C1, on=pick % 2 == 0)
    return None


def _one(names, pick):
    return names[pick % len(names)] if names else None
