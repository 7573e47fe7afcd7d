"""Deliveries: what notifications sent, and what became of it."""

from typing import ClassVar, Literal

from schemas.message import ContractMessage
from schemas.values import Day, DeliveryId, DunningId, Id, InstrumentId, Name, ReceivableId

Channel = Literal["email", "letter", "webhook", "archive"]


class Delivery(ContractMessage):
    """Something on its way to a customer: a reminder, or an invoice."""

    identity: ClassVar[tuple[str, ...]] = ("delivery_id",)

    delivery_id: Id[DeliveryId]
    dunning_id: Id[DunningId] | None = None
    invoice_id: Id[ReceivableId] | None = None
    channel: Channel
    to: Name | None = None


class DeliveryIntended(Delivery):
    """It is about to be handed over; until Dispatched nobody knows whether it was."""


class Dispatched(Delivery):
    """It was handed over."""

    happened: ClassVar[tuple[str, ...]] = ("dispatched_on",)

    dispatched_on: Day


class DispatchFailed(Delivery):
    """It cannot be sent this way; without a ``fallback`` it is not sent at all (R-53)."""

    reason: Name
    fallback: Channel | None = None


class Bounced(Delivery):
    """It came back."""

    reason: Name | None = None


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
