"""The net and the tax of a document by category and rate of VAT (U-41)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from schemas.invoices import Document, Line
from schemas.shares import shares


class Supply(NamedTuple):
    """A category of EN 16931 with its rate in percent; both empty where no document says them.

    *country* is whose VAT it is, where it goes there by the one-stop shop (R-109a).
    """

    category: str
    rate: str
    country: str = ""

    @property
    def label(self) -> str:
        """What a reader calls it."""
        if not self.category:
            return "not said"
        words = (self.category, self.rate, "%", self.country)
        return self.category if self in (ROUNDING, PREPAID) else " ".join(filter(None, words))


NOT_SAID = Supply("", "")
# Damages are no consideration: outside the scope of VAT.
OUTSIDE = Supply("O", "0")
# What is paid more or less than gross because it was rounded (U-40): no consideration either.
ROUNDING = Supply("rounding", "0")
# What a balance paid that was bought before, without VAT, as a multi-purpose voucher (U-61).
PREPAID = Supply("prepaid", "0")


@dataclass(frozen=True, slots=True)
class Part:
    """What of an amount is of one supply, in the minor unit."""

    supply: Supply
    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax

    def negated(self) -> "Part":
        """Return the same the other way round."""
        return replace(self, net=-self.net, tax=-self.tax)


Parts = tuple[Part, ...]


def gross_of(parts: Iterable[Part]) -> int:
    """Return all that *parts* come to, tax included."""
    return sum(each.gross for each in parts)


def negated(parts: Iterable[Part]) -> Parts:
    """Return *parts* the other way round."""
    return tuple(each.negated() for each in parts)


def combined(*several: Iterable[Part]) -> Parts:
    """Add parts up by supply, in the order in which each supply first comes."""
    sums: dict[Supply, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for parts in several:
        for each in parts:
            net, tax = sums[each.supply]
            sums[each.supply] = net + each.net, tax + each.tax
    return tuple(Part(supply, net, tax) for supply, (net, tax) in sums.items())


def supplied(parts: Parts) -> Parts:
    """Return *parts* without what a balance paid: that was no supply, and has no tax (U-61)."""
    return tuple(each for each in parts if each.supply != PREPAID)


def portion(parts: Parts, amount: int) -> Parts:
    """Return what of *amount* falls on each net and tax of *parts*, whose gross is not nothing."""
    divided = iter(shares(amount, [each for part in parts for each in (part.net, part.tax)]))
    return tuple(Part(part.supply, next(divided), next(divided)) for part in parts)


def breakdown(document: Document, *, default_rates: Sequence[str]) -> Parts:
    """Return the parts of *document*; they always add up to what is to be paid of it.

    By its ``vat``; else by its lines; else it is taxed with the one of *default_rates*, in percent,
    that makes its tax of its net. What no document says is a supply that is not said.
    """
    said = [
        Part(Supply(each.category, plain(each.rate)), each.net.minor, each.tax.minor)
        for each in document.vat
    ]
    found = combined(said) or _by_lines(document) or _by_default(document, default_rates)
    rest = Part(
        NOT_SAID,
        document.net.minor - sum(each.net for each in found),
        document.tax.minor - sum(each.tax for each in found),
    )
    found = combined(found, [rest]) if rest.net or rest.tax else found
    rounding = document.payable_rounding.minor if document.payable_rounding else 0
    beside = (Part(ROUNDING, rounding, 0), Part(PREPAID, -document.prepaid_minor, 0))
    return (*found, *(each for each in beside if each.net))


def tax_of(net: int, rate: str) -> int:
    """Return the tax on *net* at *rate* percent, rounded half away from zero (U-40)."""
    return _rounded(Decimal(net) * Decimal(rate) / 100)


def tax_in(gross: int, rate: str) -> int:
    """Return the tax that *gross* holds at *rate* percent, rounded half away from zero."""
    return _rounded(Decimal(gross) * Decimal(rate) / (100 + Decimal(rate)))


def _rounded(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _by_lines(document: Document) -> Parts:
    found = by_lines(document.lines, document.tax.minor)
    return found if sum(each.net for each in found) == document.net.minor else ()


def supply_of(line: Line) -> Supply:
    """Return the category and rate of a line."""
    return Supply(line.vat_category, plain(line.vat_rate))


def by_lines(lines: Iterable[Line], tax: int) -> Parts:
    """Return the nets of *lines*; *tax* is divided by what each rate would make."""
    nets = combined(Part(supply_of(each), each.net.minor, 0) for each in lines)
    weights = [tax_of(each.net, each.supply.rate) for each in nets]
    if sum(weights) <= 0 or min(weights) < 0:
        return nets
    divided = shares(tax, weights)
    return tuple(replace(each, tax=part) for each, part in zip(nets, divided, strict=True))


def _by_default(document: Document, rates: Sequence[str]) -> Parts:
    """Whoever began with net prices rounded the tax on them, others the tax in the gross."""
    net, tax = document.net.minor, document.tax.minor
    for rate in map(plain, rates):
        if tax and tax in (tax_of(net, rate), tax_in(net + tax, rate)):
            return (Part(Supply("S", rate), net, tax),)
    return ()


def plain(rate: str) -> str:
    """Return *rate* as one writes it, so that 19 and 19.0 are the same."""
    return format(Decimal(rate).normalize(), "f")
