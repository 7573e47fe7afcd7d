"""What prepaid balances pay."""

from typing import ClassVar

from schemas.message import ContractMessage, Message
from schemas.values import Money, Name, UnsignedMoney


class Drawn(Message):
    """What a prepaid balance paid; of a charge less than nothing where it came back (U-61)."""

    grant_id: Name
    money: Money


class PrepaidApplied(ContractMessage):
    """A balance that applies gross paid some of a document; less than nothing is what it got back.

    Invoicing says it, and usage, which keeps the book of all balances, says it as PrepaidDrawn.
    """

    identity: ClassVar[tuple[str, ...]] = ("grant_id", "movement_id")

    grant_id: Name
    movement_id: Name
    document_id: Name
    applied: Money
    left: UnsignedMoney
