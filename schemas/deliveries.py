"""Deliveries: what notifications sent, and what became of it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from schemas.addresses import Address, Email
from schemas.instants import Instant
from schemas.message import ContractMessage, Message
from schemas.values import (
    Count,
    Day,
    DeliveryId,
    DunningId,
    EndpointId,
    Id,
    InstrumentId,
    Name,
    ReceivableId,
    Several,
)

Channel = Literal["email", "letter", "webhook", "archive"]
DocumentKind = Literal["invoice", "credit_note", "reminder", "before_due", "thanks", "statement"]
# Why it goes this way: the step of the policy says so, the customer wishes it, nobody says
# anything, the way before it failed, or a clerk asked for it.
Choice = Literal["step", "customer", "default", "fallback", "clerk"]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class StoredDocument(Message):
    """A document as it is stored: under the SHA-256 of its bytes, which never change (R-124)."""

    kind: DocumentKind
    id: Name
    number: Name | None = None
    hash: Hash | None = None
    # The e-invoice, where it is a file of its own.
    xml_hash: Hash | None = None
    # The versions of the legal entity's own texts and letterhead; none where they are built in.
    template_version: Count | None = None
    letterhead_version: Count | None = None
    # By which rules the e-invoice was made.
    rule_set: Name | None = None


class Addressee(Message):
    """Whom a delivery reaches: a mailbox, or a postal address; the archive has neither."""

    name: Name
    email: Email | None = None
    address: Address | None = None


class Posted(Message):
    """An event that is posted to an endpoint, the how many'th of its contract there."""

    endpoint_id: Id[EndpointId]
    sequence: Count
    type: Name


class EventPosting(Message):
    """How an event is posted: where, by what it is signed, and its text, byte for byte."""

    url: Annotated[str, StringConstraints(max_length=2010)]
    secret_ref: Name
    body: Annotated[str, StringConstraints(max_length=200_000)]
    # Those of one lane are posted one after the other; an endpoint has its own.
    lane: Count


class Delivery(ContractMessage):
    """A document on its way to a recipient through a channel (R-120).

    A copy that a clerk asked for names neither reminder nor invoice: it moves no clock (R-124).
    """

    identity: ClassVar[tuple[str, ...]] = ("delivery_id",)

    delivery_id: Id[DeliveryId]
    dunning_id: Id[DunningId] | None = None
    invoice_id: Id[ReceivableId] | None = None
    channel: Channel
    to: Name | None = None
    recipient: Addressee | None = None
    document: StoredDocument | None = None
    # By webhook, in place of a document.
    event: Posted | None = None
    is_copy: bool = False


class DeliveryIntended(Delivery):
    """It is about to be handed over; until Dispatched nobody knows whether it was."""

    intended_on: Day | None = None
    chosen_by: Choice | None = None
    # In whose name, and where answers go.
    sender: Addressee | None = None
    language: Literal["de", "en", "fr"] | None = None
    # Copies of invoices that nobody has sent so far.
    enclosed: Annotated[Several[StoredDocument], Field(max_length=300)] = ()
    posting: EventPosting | None = None


class Dispatched(Delivery):
    """It was handed over."""

    happened: ClassVar[tuple[str, ...]] = ("dispatched_on",)

    dispatched_on: Day
    sent_at: Instant | None = None


class DispatchFailed(Delivery):
    """It cannot be sent this way; without a ``fallback`` it is not sent at all (R-53)."""

    reason: Name
    fallback: Channel | None = None


class Bounced(Delivery):
    """It came back."""

    reason: Name | None = None


class DeliveryReturned(ContractMessage):
    """It came back, says the post or the mail server: a letter, a bounce or a complaint (R-121)."""

    identity: ClassVar[tuple[str, ...]] = ("delivery_id",)
    happened: ClassVar[tuple[str, ...]] = ("returned_on",)

    delivery_id: Id[DeliveryId]
    returned_on: Day
    reason: Name
    new_address: Address | None = None
    # Not where this one alone was not taken: a mailbox is full, and empty next week.
    closes: bool = True


class EndpointDisabled(ContractMessage):
    """Nothing is posted there any more: all failed for five days, or it wants no more.

    Said of each contract of which something was to be posted there, once.
    """

    identity: ClassVar[tuple[str, ...]] = ("endpoint_id", "disabled_at")

    endpoint_id: Id[EndpointId]
    disabled_at: Instant
    reason: Name


class InstrumentExpiring(ContractMessage):
    """A card or a mandate will soon be invalid (R-97)."""

    identity: ClassVar[tuple[str, ...]] = ("instrument_id", "expires_on")

    instrument_id: Id[InstrumentId]
    expires_on: Day
    cause: Name | None = None


class InstrumentExpired(ContractMessage):
    """A card or a mandate is invalid from ``expires_on`` (R-97)."""

    identity: ClassVar[tuple[str, ...]] = ("instrument_id", "expires_on")

    instrument_id: Id[InstrumentId]
    expires_on: Day
