"""What of a write-off, or a discount, is net and what is tax, by rate (R-86, § 17 UStG)."""

from dataclasses import dataclass, replace

from services.bookkeeping.breakdown import Parts, combined, gross_of, negated, portion, supplied
from services.bookkeeping.facts import Disagrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A receivable: what was billed, credited by its notes, given up and deducted so far."""

    billed: Parts
    credited: Parts = ()
    given_up: Parts = ()
    # A fee, or a refund beyond the credit, was no supply.
    is_supply: bool = True
    deducted: Parts = ()

    def credit(self, parts: Parts) -> "Claim":
        """Note a credit note; *parts* negated take one back."""
        return replace(self, credited=combined(self.credited, parts))

    def give_up(self, amount: int) -> tuple["Claim", Parts]:
        """Return what of *amount* is net and tax: in proportion, largest remainder (U-42).

        In proportion to what is neither credited nor given up, so that a part is corrected that
        was taxed. Where the credit went elsewhere and that is too little: to what was billed.
        """
        off = (self.credited, self.given_up, self.deducted)
        left = combined(self.billed, *map(negated, off))
        parts = portion(supplied(left if gross_of(left) >= amount else self.billed), amount)
        return replace(self, given_up=combined(self.given_up, parts)), parts

    def revive(self, amount: int) -> tuple["Claim", Parts]:
        """Return what of *amount*, paid or demanded after all, had been net and tax.

        In proportion to what was given up, so that all of it makes the corrections cancel.
        """
        if not 0 < amount <= gross_of(self.given_up):
            raise Disagrees("more of a receivable is demanded again than was given up")
        parts = portion(self.given_up, amount)
        return replace(self, given_up=combined(self.given_up, negated(parts))), parts

    def deduct(self, amount: int, said: Parts) -> tuple["Claim", Parts]:
        """Return what of *amount*, deducted by who paid early, is net and tax: as it was *said*.

        Where no rate is said, in proportion to what was billed and is not credited, and back in
        proportion to what was deducted, so that all of it cancels. Negative where it is owed again.
        """
        left = combined(self.billed, negated(self.credited))
        if said:
            parts = said
        elif amount < 0:
            parts = negated(portion(self.deducted, -amount))
        else:
            parts = portion(left if gross_of(left) >= amount else self.billed, amount)
        return replace(self, deducted=combined(self.deducted, parts)), parts
