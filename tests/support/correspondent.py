"""One contract whose customer is told things: what notifications say, and the open acts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from schemas.context import Context
from schemas.contracts import CustomerChanged, InstrumentRegistered
from schemas.days import DayBegan
from schemas.deliveries import DeliveryIntended, DeliveryReturned
from schemas.drafts import (
    DocumentDrafted,
    DocumentMade,
    DocumentNotMade,
    HandedOver,
    NotHandedOver,
)
from schemas.escalations import PaymentEscalationReset
from schemas.instructions import ResendDocument, SendStatement
from schemas.message import NotYet, Refused
from schemas.receivables import EntryPosted
from schemas.reminders import (
    NoticeCancelled,
    NoticeCreated,
    ReminderCancelled,
    ReminderCreated,
    ReminderReleased,
)
from services.notifications import archive
from services.notifications.archive import Piece
from services.notifications.model import Correspondence
from services.notifications.processor import process
from tests.support.events import Source, credit_note, customer, eur, invoice, registered, terms

C1 = {"contract_id": "C1"}
MAIL = "erika@example.org"
_STATE, _PIECE = TypeAdapter(Correspondence), TypeAdapter[Any](Piece)
OURS = Source("/duestream/invoicing")


def ours(message: Any) -> Any:
    """Return *message* as invoicing said it."""
    return message.said_by(OURS)


def our_invoice(name: str, gross: str = "100.00", **more: Any) -> Any:
    return ours(invoice(name, gross, date(2026, 1, 16), **more))


def our_credit_note(name: str, gross: str, **more: Any) -> Any:
    return ours(credit_note(name, gross, date(2026, 1, 20), **more))


def reminded(name: str, *invoices: str, **more: Any) -> ReminderCreated:
    """Return a reminder of level 1 over *invoices*, of 100.00 each."""
    said = {
        "payment_escalation_process_id": "run-1",
        "receivable_id": invoices[0],
        "reopening": 0,
        "step": 1,
        "level": 1,
        "created_on": date(2026, 2, 1),
        "dispatch": "default",
        "send": "automatic",
        "items": tuple(_item(each) for each in invoices),
        "further_open": (),
        "demanded": eur(f"{100 * len(invoices)}.00"),
        "as_of": 1,
    }
    return ReminderCreated(**C1, dunning_id=name, **said | more)


def _item(name: str) -> dict[str, Any]:
    return {
        "receivable_id": name,
        "kind": "invoice",
        "invoice_id": name,
        "number": f"R-{name}",
        "issued_on": date(2026, 1, 2),
        "due_on": date(2026, 1, 16),
        "original": eur("100.00"),
        "open": eur("100.00"),
        "days_overdue": 16,
    }


def noticed(name: str, kind: str = "before_due", **more: Any) -> NoticeCreated:
    """Return word that an invoice R1 of 100.00 will be due, or thanks for it."""
    item = _item("R1") | {"days_overdue": 0, "due_on": date(2026, 2, 4)}
    said = {"kind": kind, "created_on": date(2026, 2, 1), "items": (item,), "money": eur("100.00")}
    return NoticeCreated(**C1, notice_id=name, **said | more)


def notice_cancelled(name: str) -> NoticeCancelled:
    return NoticeCancelled(**C1, notice_id=name, reason="paid")


def released(name: str) -> ReminderReleased:
    return ReminderReleased(**C1, dunning_id=name)


def cancelled(name: str) -> ReminderCancelled:
    return ReminderCancelled(**C1, dunning_id=name, reason="amount")


def reset(run: str = "run-1") -> PaymentEscalationReset:
    return PaymentEscalationReset(**C1, payment_escalation_process_id=run, reason="balance_cleared")


def moved(**more: Any) -> CustomerChanged:
    return CustomerChanged(**C1, customer=customer(**more))


def returned(delivery_id: str, reason: str = "5.1.1") -> DeliveryReturned:
    return DeliveryReturned(
        **C1, delivery_id=delivery_id, returned_on=date(2026, 2, 1), reason=reason
    )


def resend(name: str, **more: Any) -> ResendDocument:
    return ResendDocument(**C1, document_id=name, **more)


def entry(number: int, kind: str, on: date, amount: str, balance: str, **more: Any) -> EntryPosted:
    return EntryPosted(
        **C1,
        entry_id=f"E{number}",
        number=number,
        about={},
        kind=kind,
        money=eur(amount),
        booked_on=on,
        balance=eur(balance),
        **more,
    )


def asked_for(as_of: date, **more: Any) -> SendStatement:
    return SendStatement(**C1, as_of=as_of, **more)


def card(name: str, expires: str) -> InstrumentRegistered:
    return InstrumentRegistered(**C1, instrument_id=name, kind="card", expires=expires)


def mandate(name: str, last_used_on: date | None = None) -> InstrumentRegistered:
    return InstrumentRegistered(
        **C1, instrument_id=name, kind="sepa_mandate", last_used_on=last_used_on
    )


class PostRoom:
    """Keeps what was said, with its day; states and pieces go through JSON, as in the store.

    What cannot be applied yet waits, as in the fold. Acts stay open until somebody says what became
    of them: ``make``, ``hand_over`` and their opposites do the first that is open.
    """

    def __init__(self, *, day: date = date(2026, 2, 1), **registration: Any) -> None:
        self.contract, self.filed = Correspondence(contract_id="C1"), {}
        self.said, self.waiting, self.day = [], [], day
        self.terms = terms().including(DayBegan(legal_entity_id="acme", day=day))
        who = {"customer": customer(email=MAIL)} | registration
        self.registration = registered(**who)

    def open(self) -> "PostRoom":
        return self.hear(self.registration)

    def hear(self, *messages: Any) -> "PostRoom":
        for message in messages:
            if self._apply(message):
                self._try_again()
            else:
                self.waiting.append(message)
        return self

    def until(self, month: int, day: int, *, late: bool = False) -> "PostRoom":
        """Begin every day through that of 2026; only a woken contract hears of it."""
        while self.day < date(2026, month, day):
            self.day += timedelta(days=1)
            began = DayBegan(legal_entity_id="acme", day=self.day, late=late)
            self.terms = self.terms.including(began)
            if self.contract.wake_on is not None and self.contract.wake_on <= self.day:
                self.hear(began)
        return self

    def make(self, hash_: str = "a") -> "PostRoom":
        """Let the oldest document that is drafted be made."""
        drafted = self.drafts[0]
        return self.hear(DocumentMade(**C1, effect_id=drafted.derived_id(), hash=hash_ * 64))

    def fail_to_make(self, reason: str = "address_does_not_fit") -> "PostRoom":
        drafted = self.drafts[0]
        return self.hear(DocumentNotMade(**C1, effect_id=drafted.derived_id(), reason=reason))

    def hand_over(self) -> "PostRoom":
        """Let the oldest delivery that is intended leave, at nine on its day."""
        at = datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC)
        intended = self.deliveries[0]
        return self.hear(HandedOver(**C1, effect_id=intended.derived_id(), sent_at=at))

    def fail_to_hand_over(self, reason: str = "refused", **more: Any) -> "PostRoom":
        intended = self.deliveries[0]
        outcome = NotHandedOver(**C1, effect_id=intended.derived_id(), reason=reason, **more)
        return self.hear(outcome)

    def publish(self, *published: Any) -> "PostRoom":
        """Let *published* be among the terms from now on."""
        for each in published:
            self.terms = self.terms.including(each)
        return self

    def work(self) -> "PostRoom":
        """Make and hand over all that there is."""
        while self.drafts or self.deliveries:
            self.make() if self.drafts else self.hand_over()
        return self

    @property
    def drafts(self) -> list[DocumentDrafted]:
        return self._open(DocumentDrafted)

    @property
    def deliveries(self) -> list[DeliveryIntended]:
        return self._open(DeliveryIntended)

    def all_of(self, name: str) -> list[Any]:
        return [each for _, each in self.said if type(each).__name__ == name]

    def told(self) -> list[str]:
        """Return what was said of deliveries, a line each: what, way, and why or what then."""
        return [_line(each) for _, each in self.said if type(each).__name__ != "DocumentDrafted"]

    def _open(self, kind: type) -> list[Any]:
        return [
            each
            for _, each in self.said
            if isinstance(each, kind) and each.derived_id() in self.contract.acts
        ]

    @property
    def postings(self) -> list[DeliveryIntended]:
        """Return the events that are being posted."""
        intended = self.all_of("DeliveryIntended")
        return [each for each in intended if each.derived_id() in self.contract.postings]

    def post(self, **failed: Any) -> "PostRoom":
        """Let the oldest event that is being posted be taken; or not, for a reason."""
        effect_id = self.postings[0].derived_id()
        if failed:
            return self.hear(NotHandedOver(**C1, effect_id=effect_id, **failed))
        return self.hear(HandedOver(**C1, effect_id=effect_id))

    def _try_again(self) -> None:
        before = None
        while self.waiting != before:
            before = self.waiting
            for each in before:
                if self._is_done(each):
                    self.waiting = [other for other in before if other is not each]
                    break

    def _is_done(self, waited: Any) -> bool:
        try:
            return self._apply(waited)
        except Refused:
            return True  # it becomes a dead letter

    def _apply(self, message: Any) -> bool:
        state = self._recalled(message)
        try:
            state, said = process(state, message, Context(self.terms))
        except NotYet:
            return False
        state, pieces = archive.file_away(state)
        self.contract = _STATE.validate_json(_STATE.dump_json(state))
        assert self.contract == state
        for name, piece in pieces.items():
            self.filed[name] = _PIECE.validate_json(_PIECE.dump_json(piece))
            assert self.filed[name] == piece
        self.said += [(self.day, each) for each in said]
        return True

    def _recalled(self, message: Any) -> Correspondence:
        state, asked = self.contract, frozenset()
        while wanted := archive.wanted(state, message) - asked:
            found = {name: self.filed[name] for name in sorted(wanted) if name in self.filed}
            state, asked = archive.recall(state, found), asked | wanted
        return state


def _line(said: Any) -> str:
    kind = type(said).__name__
    match kind:
        case "InstrumentExpiring" | "InstrumentExpired":
            return f"{kind} {said.instrument_id} {said.expires_on}"
        case "DispatchFailed":
            then = f", then {said.fallback}" if said.fallback else ""
            return f"{kind} {said.document.id} {said.channel}: {said.reason}{then}"
        case "DeliveryIntended":
            return f"{kind} {said.document.id} {said.channel} by {said.chosen_by}"
        case "Dispatched":
            return f"{kind} {said.document.id} {said.channel} {said.dispatched_on}"
        case _:
            return f"{kind} {said.document.id} {said.channel}"
