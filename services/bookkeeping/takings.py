"""What of a receivable has been paid, by rate: on it VAT arises where a seller accounts by cash.

§ 20 UStG, R-106. Paid is what covers a receivable, less what was given up of it and what its credit
notes and discounts took off. Credit pays with the entry that assigns it; credit that nothing
assigns is no consideration yet. A credit note that pays something else is off its own invoice, at
its own rates. So what is taxed of a receivable that is paid in full is what was billed of it less
its credit notes and discounts, to the cent of each rate, whatever the path.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.receivables import EntryPosted
from schemas.values import ReceivableId
from services.bookkeeping.breakdown import Parts, combined, gross_of, negated, portion
from services.bookkeeping.write_offs import Claim


@dataclass(slots=True)
class Takings:
    """Goes along a ledger; amounts in the minor unit by receivable."""

    covered: dict[ReceivableId, int] = field(default_factory=lambda: defaultdict(int))
    taxed: dict[ReceivableId, Parts] = field(default_factory=dict)

    def take(
        self,
        posted: EntryPosted,
        claims: Mapping[ReceivableId, Claim],
        *,
        touched: Iterable[ReceivableId],
    ) -> Parts:
        """Return what *posted* makes paid, by rate; less than nothing where money went back.

        *claims* are those after the entry, *touched* names those that it changed.
        """
        for each in posted.assigned:
            self.covered[each.receivable_id] += each.amount.minor
        found: list[Parts] = []
        for name in sorted({each.receivable_id for each in posted.assigned} | set(touched)):
            claim = claims.get(name)
            if claim is not None and claim.is_supply:
                after = self._paid(name, claim)
                found.append(combined(after, negated(self.taxed.get(name, ()))))
                self.taxed[name] = after
        return tuple(each for each in combined(*found) if each.net or each.tax)

    def _paid(self, name: ReceivableId, claim: Claim) -> Parts:
        """Return what is taxed of a receivable: what covers it, by rate, less what came off it."""
        off = combined(claim.credited, claim.deducted)
        covered = _covered(claim.billed, off, self.covered[name] - gross_of(claim.given_up))
        return combined(covered, negated(off))


def _covered(billed: Parts, off: Parts, amount: int) -> Parts:
    """Return of which rates *amount* covers what was *billed*.

    All of it covers all. Less covers what came *off* first, for a credit note of what is unpaid is
    no payment; what is beyond, in proportion to what is left. Where more came off than was billed,
    in proportion to what was billed.
    """
    if amount == gross_of(billed):
        return billed
    left = combined(billed, negated(off))
    if gross_of(left) <= 0:
        return _portion(billed, amount)
    beyond = amount - gross_of(off)
    if beyond < 0:
        return _portion(off, amount)
    return combined(off, _portion(left, beyond))


def _portion(parts: Parts, amount: int) -> Parts:
    return portion(parts, amount) if amount and gross_of(parts) else ()
