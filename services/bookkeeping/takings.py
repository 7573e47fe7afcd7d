"""What of a receivable has been paid, by rate: on it VAT arises where a seller accounts by cash.

§ 20 UStG, R-106. Paid is what covers a receivable, less what was given up of it and what its credit
notes and discounts took off. Credit pays with the entry that assigns it; credit that nothing
assigns is no consideration yet. So what is taxed of a receivable that is paid in full is what was
billed of it less its credit notes and discounts, to the cent of each rate, whatever the path.
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
        """Return all that is paid of a receivable: in proportion to what is left to be paid."""
        off = (claim.credited, claim.deducted)
        paid = self.covered[name] - gross_of(claim.given_up) - sum(map(gross_of, off))
        left = combined(claim.billed, *map(negated, off))
        base = left if gross_of(left) > 0 else claim.billed
        if not paid or gross_of(base) <= 0:
            return ()
        return portion(base, paid)
