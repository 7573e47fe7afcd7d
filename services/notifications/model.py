"""What notifications keep of a contract.

A document that the customer is told is a ``Mailing``, kept as a piece of its own for ever: copies
are made of it years later. Each way that it goes, to one recipient, is a ``Sending``.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, PlainSerializer

from schemas.addresses import Customer
from schemas.deliveries import Channel, DocumentKind, Posted, StoredDocument
from schemas.frozen import replace
from schemas.message import ContractMessage
from schemas.reminders import ReminderCreated
from schemas.statements import StatementMovement
from schemas.values import (
    ContractId,
    DeliveryId,
    EndpointId,
    InstrumentId,
    LegalEntityId,
    ProcessId,
    derived_id,
)

# A set of texts has another order in every process; the store is to have the same bytes.
Names = Annotated[frozenset[str], PlainSerializer(sorted, return_type=list[str])]
# The ways that a document can be told; a webhook tells no document.
Way = Literal["email", "letter", "archive"]
KINDS: tuple[DocumentKind, ...] = (
    "invoice",
    "credit_note",
    "reminder",
    "before_due",
    "thanks",
    "statement",
)
# What nobody owes anything by: it goes to the archive where it does not go as it should.
COURTESIES = ("before_due", "thanks")
# What of a mailing is going on: it waits for a release, is being made, is sent, or is over.
Stage = Literal["held", "drafted", "made", "unmade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One delivery: to one recipient, through one channel (R-120)."""

    delivery_id: DeliveryId
    channel: Channel
    # The mailbox, or what stands for the postal address and the archive.
    to: str
    phase: Literal["intended", "sent", "failed", "returned"] = "intended"
    # Which time it is sent: a copy or another try is one of its own.
    round: int = 0
    is_copy: bool = False

    @property
    def is_good(self) -> bool:
        """Whether it reaches the customer, as far as anybody knows."""
        return self.phase in ("intended", "sent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """A document that the customer is told, and all that became of it."""

    kind: DocumentKind
    document_id: str
    number: str | None = None
    issued_on: date
    # What is to be paid or given back, in the minor unit.
    amount: int
    # What prepaid balances paid beside it, or get back (U-61).
    prepaid: int = 0
    stage: Stage
    # What it is made of, as JSON; nothing any more as soon as it is made.
    content: str | None = None
    # How often it was drafted; and how often somebody wanted it sent.
    attempt: int = 0
    round: int = 0
    file: StoredDocument | None = None
    sendings: tuple[Sending, ...] = ()
    # The invoices that it is about, as long as it is not made; and those that come with it.
    items: tuple[str, ...] = ()
    enclosed: tuple[str, ...] = ()
    # Of reminders: the run, and the channel that its step names.
    process_id: ProcessId | None = None
    step_says: Way | None = None
    is_cancelled: bool = False
    # The way that is tried on the next day, unless dunning has cancelled it by then.
    next_way: Way | None = None

    @property
    def key(self) -> str:
        """Its name among the pieces of its contract."""
        return key_of(self.kind, self.document_id)

    @property
    def was_sent(self) -> bool:
        """Whether it has been dispatched, whatever came back of it (R-122)."""
        return any(each.phase in ("sent", "returned") for each in self.sendings)

    @property
    def is_on_its_way(self) -> bool:
        """Whether something of it is going on that has no end yet."""
        waits = self.stage == "drafted" or self.next_way is not None
        return waits or any(each.phase == "intended" for each in self.sendings)

    def sending(self, delivery_id: str) -> Sending | None:
        """Return the delivery of that id."""
        return next((each for each in self.sendings if each.delivery_id == delivery_id), None)

    def with_sending(self, sending: Sending) -> "Mailing":
        """Return the mailing with *sending* in place of what had its id."""
        known = {each.delivery_id: each for each in self.sendings}
        return replace(self, sendings=tuple({**known, sending.delivery_id: sending}.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMonth:
    """What was booked on the days of a month, in the order in which it was said."""

    lines: tuple[StatementMovement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedStatement:
    """A statement of account that is drawn when its last day is over."""

    since: date
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Of which mailing a delivery is."""

    points_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAct:
    """An act that has no outcome yet: making a document, or handing over a delivery of it."""

    key: str
    delivery_id: DeliveryId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPosting:
    """An event that is being posted to an endpoint: that act has no outcome yet."""

    delivery_id: DeliveryId
    event: Posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """What an endpoint was told of the contract: how many events, and since when it has none."""

    told: int = 0
    disabled_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingCustomer:
    """Who the customer is from a day on."""

    from_on: date
    customer: Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentInstrument:
    """The card or mandate in use; ``told`` is how far its expiry was told (R-97)."""

    instrument_id: InstrumentId
    expires_on: date | None
    notice_on: date | None
    cause: str | None = None
    told: Literal["nothing", "expiring", "expired"] = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """What a customer is told of a contract, and how they are reached."""

    contract_id: ContractId
    legal_entity_id: LegalEntityId | None = None
    currency: str | None = None
    customer: Customer | None = None
    coming: tuple[ComingCustomer, ...] = ()
    # Mailboxes and the postal address from which something came back.
    closed: Names = frozenset()
    # By the event ids of their intents.
    acts: dict[str, OpenAct] = field(default_factory=dict)
    postings: dict[str, OpenPosting] = field(default_factory=dict)
    hooks: dict[EndpointId, Hook] = field(default_factory=dict)
    # Mailings whose next way is tried on the next day.
    later: tuple[str, ...] = ()
    # Runs of dunning that have ended: what they said is not sent any more.
    ended_runs: Names = frozenset()
    instrument: PaymentInstrument | None = None
    recurring_payment: bool = True
    # The balance of the ledger, and what of it was booked in which month.
    balance: int = 0
    sums: dict[str, int] = field(default_factory=dict)
    # Statements that were asked for, how many were drawn, and up to which month they were monthly.
    statements: tuple[OwedStatement, ...] = ()
    drawn: int = 0
    stated_until: date | None = None
    wake_on: date | None = None
    # Pieces at hand while a message is worked on, and which of them are to be filed anew.
    mailings: dict[str, Mailing] = field(default_factory=dict)
    pointers: dict[str, str] = field(default_factory=dict)
    ledger: dict[str, LedgerMonth] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    @property
    def addressee(self) -> Customer:
        """Who is written to; what gets here has it, for all else waits for the registration."""
        assert self.customer is not None, "only a registered contract gets here"
        return self.customer

    @property
    def entity_id(self) -> LegalEntityId:
        """Who writes."""
        assert self.legal_entity_id is not None, "only a registered contract gets here"
        return self.legal_entity_id

    def with_mailing(self, mailing: Mailing) -> "Correspondence":
        """Return the correspondence with *mailing* to be filed."""
        mailings = {**self.mailings, mailing.key: mailing}
        return replace(self, mailings=mailings, touched=self.touched | {mailing.key})

    def with_act(self, effect_id: str, act: OpenAct) -> "Correspondence":
        """Return the correspondence that waits for the outcome of *act*."""
        assert effect_id not in self.acts, "an intent is said once: its id names the attempt"
        return replace(self, acts={**self.acts, effect_id: act})

    def without_act(self, effect_id: str) -> "Correspondence":
        """Return the correspondence after the outcome of that act."""
        return replace(self, acts={n: each for n, each in self.acts.items() if n != effect_id})

    def with_pointer(self, delivery_id: str, key: str) -> "Correspondence":
        """Return the correspondence that finds a mailing by its delivery."""
        name = delivery_key(delivery_id)
        pointers = {**self.pointers, delivery_id: key}
        return replace(self, pointers=pointers, touched=self.touched | {name})

    def stands(self, mailing: Mailing) -> bool:
        """Say whether *mailing* may be sent: dunning has not cancelled it, nor ended its run.

        An invoice stands for ever: what takes it back is a document of its own.
        """
        return not mailing.is_cancelled and mailing.process_id not in self.ended_runs


def key_of(kind: DocumentKind, document_id: str) -> str:
    """Return the name of a mailing among the pieces of its contract."""
    return f"{kind}/{document_id}"


def invoices_of(reminder: ReminderCreated) -> tuple[str, ...]:
    """Return the names of the invoices that a reminder demands."""
    named = (each.invoice_id for each in reminder.items)
    return tuple(dict.fromkeys(key_of("invoice", each) for each in named if each))


def delivery_key(delivery_id: str) -> str:
    """Return the name of the piece by which a delivery is found."""
    return f"delivery/{delivery_id}"


def month_key(day: date) -> str:
    """Return the name of the piece that holds what was booked in the month of *day*."""
    return f"entries/{day:%Y-%m}"


def delivery_id_of(mailing: Mailing, channel: Channel, to: str) -> DeliveryId:
    """Return the id of a delivery: document, channel and recipient, and which time it is sent.

    The letter after a bounced e-mail is another one than the e-mail (R-56, R-120).
    """
    what = mailing.kind, mailing.document_id, channel, to
    return DeliveryId(derived_id("delivery", *what, mailing.round))


Outcome = tuple[Correspondence, tuple[ContractMessage, ...]]
