"""The sums of a document, as EN 16931 has them.

| rule | says | here |
|------|------|------|
| BR-CO-10, R-104 | the sum of lines is that of rounded lines, exactly | ``Totals.lines`` |
| BR-CO-11, 12, 13 | net = lines - allowances + charges of the document | ``Totals.net`` |
| BR-CO-14 | the tax is the sum of the taxes by category and rate | ``Totals.tax`` |
| BR-CO-15 | gross = net + tax | ``Totals.gross`` |
| BR-CO-16 | what is to be paid is gross and its rounding | ``Document.payable_rounding`` |
| BR-CO-17, U-41 | tax on the sum of a category and rate, rounded once | ``tax_of`` |
| U-23 | partial credits take back the original tax to the cent | ``credited_tax`` |

Amounts are in the minor unit; rates in percent, in their shortest form (see ``tax.percent``).
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from services.tariffs.rounding import rounded


class Taxed(NamedTuple):
    """The net of a line, or of an allowance or charge of the document, and how it is taxed."""

    net: int
    category: str
    rate: str


class Subtotal(NamedTuple):
    """Net and tax of one category and rate."""

    category: str
    rate: str
    net: int
    tax: int


class Totals(NamedTuple):
    """All sums of a document; allowances and charges are positive both."""

    lines: int
    allowances: int
    charges: int
    vat: tuple[Subtotal, ...]

    @property
    def net(self) -> int:
        """Without VAT (BT-109)."""
        return self.lines - self.allowances + self.charges

    @property
    def tax(self) -> int:
        """All VAT (BT-110)."""
        return sum(each.tax for each in self.vat)

    @property
    def gross(self) -> int:
        """With VAT (BT-112)."""
        return self.net + self.tax


def totals(
    lines: Sequence[Taxed],
    *,
    allowances: Sequence[Taxed] = (),
    charges: Sequence[Taxed] = (),
    step: int = 1,
) -> Totals:
    """Return the sums of a document over its *lines*, each rounded before.

    Categories come in order of their code and rate. See rounding.py for *step*.
    """
    less = [each._replace(net=-each.net) for each in allowances]
    sums: dict[tuple[str, str], int] = {}
    for each in (*lines, *less, *charges):
        key = each.category, each.rate
        sums[key] = sums.get(key, 0) + each.net
    vat = [
        Subtotal(category, rate, net, tax_of(net, rate, step=step))
        for (category, rate), net in sorted(sums.items(), key=_by_category_and_rate)
    ]
    return Totals(_net(lines), _net(allowances), _net(charges), tuple(vat))


def tax_of(net: int, rate: str, *, step: int = 1) -> int:
    """Return the VAT on *net*, the sum of a category and rate (BR-CO-17, U-41)."""
    return rounded(net * Fraction(rate) / 100, step=step)


def credited_tax(
    original: Subtotal, *, net: int, before: Subtotal | None = None, step: int = 1
) -> int:
    """Return the VAT of a credit of *net* out of the *original* category and rate.

    *before* is what was credited of it already. Each credit is rounded by itself, and takes no
    more than is left; what completes the net takes all the tax that is left (U-23).
    """
    credited = before or original._replace(net=0, tax=0)
    left = original._replace(net=original.net - credited.net, tax=original.tax - credited.tax)
    if net == left.net:
        return left.tax
    own = tax_of(net, original.rate, step=step)
    # Where a line was lowered by another, more than the sum may come back before less does.
    if 0 <= net <= left.net:
        return min(own, max(left.tax, 0))
    if left.net <= net <= 0:
        return max(own, min(left.tax, 0))
    return own


def _net(each: Iterable[Taxed]) -> int:
    return sum(one.net for one in each)


def _by_category_and_rate(item: tuple[tuple[str, str], int]) -> tuple[str, Fraction]:
    (category, rate), _ = item
    return category, Fraction(rate)
