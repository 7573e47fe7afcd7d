"""What was invoiced by month of issue and rate, and what write-offs correct of it (R-86)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from schemas.values import LegalEntityId
from services.bookkeeping.booked import Booked
from services.bookkeeping.breakdown import Part, Supply


class Key(NamedTuple):
    """What is added up: nothing of different currencies ever is (U-43)."""

    legal_entity_id: LegalEntityId
    currency: str
    month: str
    supply: Supply


@dataclass(slots=True)
class Revenue:
    """Sums in the minor unit; what was credited and what was given up is positive here.

    Refunds, returns, damages and fees are no part of it: they change no consideration (R-96). What
    was deducted for early payment is credited (R-84a).
    """

    invoiced_net: int = 0
    invoiced_tax: int = 0
    credited_net: int = 0
    credited_tax: int = 0
    given_up_net: int = 0
    given_up_tax: int = 0

    @property
    def net(self) -> int:
        """What was earned: invoices less credit notes."""
        return self.invoiced_net - self.credited_net

    @property
    def tax(self) -> int:
        """The tax on what was earned."""
        return self.invoiced_tax - self.credited_tax

    @property
    def tax_due(self) -> int:
        """The tax that is owed: less what of it was given up with the claim (§ 17 UStG)."""
        return self.tax - self.given_up_tax

    def add(self, other: "Revenue") -> None:
        """Add *other* to it."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def revenue(entries: Iterable[Booked]) -> dict[Key, Revenue]:
    """Return what each month brought: by the day a document is issued, a loss is booked."""
    found: dict[Key, Revenue] = defaultdict(Revenue)
    for each in entries:
        for part, of_part in _parts(each):
            entity = each.ledger.legal_entity_id
            key = Key(entity, each.ledger.currency, month_of(each.entry.on), part.supply)
            found[key].add(of_part)
    return dict(sorted(found.items()))


def month_of(day: date) -> str:
    """Return the month of *day* as one sorts it: 2026-05."""
    return f"{day:%Y-%m}"


def brought(each: Booked, part: Part) -> Revenue:
    """Return what *part* of an entry brought: it was invoiced, or credited."""
    if each.entry.posted.kind == "receivable":
        return Revenue(invoiced_net=part.net, invoiced_tax=part.tax)
    return Revenue(credited_net=-part.net, credited_tax=-part.tax)


def _parts(each: Booked) -> Iterator[tuple[Part, Revenue]]:
    for part in each.supplies:
        yield part, brought(each, part)
    for loss in each.losses:
        for part in loss.parts:
            yield part, Revenue(given_up_net=part.net, given_up_tax=part.tax)
