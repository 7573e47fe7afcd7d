"""What prepaid balances pay."""

from schemas.message import Message
from schemas.values import Money, Name


class Drawn(Message):
    """What a prepaid balance paid; of a charge less than nothing where it came back (U-61)."""

    grant_id: Name
    money: Money
