"""Endpoints: where events are posted to, immutable per version."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from schemas.message import Message
from schemas.values import EndpointId, Id, LegalEntityId, Several

# What we say of a contract, and others may want to hear: the topics invoices, reminders,
# escalations and deliveries. What is said of the posting itself is not posted.
EventType = Literal[
    "InvoiceIssued",
    "CreditNoteIssued",
    "CreditNoteCancelled",
    "ContractEndFixed",
    "InvoiceCorrected",
    "DiscountGranted",
    "FreePeriodGranted",
    "PlanChosen",
    "PeriodEnding",
    "ReminderCreated",
    "ReminderReleased",
    "ReminderCancelled",
    "EscalationStarted",
    "PaymentEscalated",
    "PaymentEscalationReset",
    "EscalationExhausted",
    "ContractEndRequested",
    "ContractPauseRequested",
    "ContractResumeRequested",
    "PaymentProcessStatusChanged",
    "CollectionRequested",
    "PromiseKept",
    "PromiseBroken",
    "InstalmentsLapsed",
    "DeliveryIntended",
    "Dispatched",
    "DispatchFailed",
    "Bounced",
    "EndpointDisabled",
    "InstrumentExpiring",
    "InstrumentExpired",
]


class EndpointPublished(Message):
    """Where events of a legal entity's contracts are posted; without ``types`` nothing more is.

    The keys that sign are no terms: ``secret_ref`` names where they are, ``file:NAME`` or
    ``env:NAME``. What is posted is ``full``, or ``thin``: what identifies the fact and no more.
    """

    identity: ClassVar[tuple[str, ...]] = ("endpoint_id", "version")

    endpoint_id: Id[EndpointId]
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    legal_entity_id: Id[LegalEntityId]
    url: Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,2000}$")]
    types: Annotated[Several[EventType], Field(max_length=50)]
    secret_ref: Annotated[
        str, StringConstraints(pattern=r"^(file|env):[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    ]
    payload: Literal["thin", "full"] = "thin"
