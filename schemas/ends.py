"""When a contract ends: all that ends or prolongs one passes here, in every service (R-63a).

| said by | kept as | may move |
|---------|---------|----------|
| the outside: registration, ``ContractEnded``, ``ContractChanged.ends_on`` | ``agreed`` | earlier \
and later, as long as the contract goes on |
| our own request, where somebody does not pay | ``asked`` | earlier |
| ``TerminationRevoked``, before the end | both | away |

The earlier of the two counts, so that it does not matter which of them was said first.
"""

from datetime import date

from schemas.frozen import frozen, replace
from schemas.message import Refused


@frozen(kw_only=True)
class Ends:
    """The days on which a contract ends, exclusive: as agreed, and as we asked for."""

    agreed: date | None = None
    asked: date | None = None

    @property
    def on(self) -> date | None:
        """The day on which it ends."""
        return min((day for day in (self.agreed, self.asked) if day is not None), default=None)

    def told(self, day: date, *, starts_on: date, today: date) -> "Ends":
        """Take the end that the outside says; what has ended ends no later any more.

        Raises Refused: ``too_late`` for that, ``invalid`` for an end before the start.
        """
        self.check_start(starts_on, ends_on=day)
        has_ended = self.on is not None and self.on <= today
        if has_ended and self.on is not None and day > self.on and day != self.agreed:
            raise Refused("too_late", "the contract has ended")
        return replace(self, agreed=day)

    def requested(self, day: date, *, starts_on: date) -> "Ends":
        """Take the end that we ask for; before the start it annuls the contract."""
        day = max(day, starts_on)
        return replace(self, asked=day if self.asked is None else min(day, self.asked))

    def revoked(self, *, today: date) -> "Ends":
        """Let the contract go on after all; raise Refused where it ends not, or ended already."""
        if self.on is None:
            raise Refused("conflict", "the contract does not end")
        if self.on <= today:
            raise Refused("too_late", "the contract has ended")
        return Ends()

    def check_start(self, starts_on: date, *, ends_on: date | None = None) -> None:
        """Refuse a start after the end; one on the day of the end is a withdrawal (R-58)."""
        ends_on = ends_on or self.on
        if ends_on is not None and ends_on < starts_on:
            raise Refused("invalid", "the contract ends before it starts")
