"""Prepaid balances as a contract has them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A prepaid balance, in the minor unit (U-16)."""

    grant_id: str
    money: int
    left: int
    priority: int = 0
    promotional: bool = False
    expires_on: date | None = None
    components: tuple[str, ...] | None = None
    low_at: int | None = None
    # The order of grants; and whether its low mark was told.
    number: int
    told_low: bool = False
    # What it may pay for and cannot is not charged until a balance does (U-61).
    holds: bool = False
    # Invoicing draws it, and says so; here it is told when it is low, and when it expires.
    applies_gross: bool = False

    def __post_init__(self) -> None:
        assert 0 <= self.left <= self.money, "a balance is neither overdrawn nor refilled"

    def is_for(self, component_id: str) -> bool:
        """Say whether it may pay for a component."""
        return self.components is None or component_id in self.components
