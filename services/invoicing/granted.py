"""Prepaid balances that pay documents after tax, as a contract has them (U-61)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A prepaid balance that applies gross, in the minor unit."""

    grant_id: str
    money: int
    left: int
    priority: int = 0
    promotional: bool = False
    expires_on: date | None = None
    components: tuple[str, ...] | None = None
    # The order of grants.
    number: int

    def __post_init__(self) -> None:
        assert 0 <= self.left <= self.money, "a balance is neither overdrawn nor refilled"

    def holds_on(self, day: date) -> bool:
        """Say whether it may still be used on *day*."""
        return self.expires_on is None or day < self.expires_on
