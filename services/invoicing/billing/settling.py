"""What depends on all lines of a billing period is reconciled with every document (U-25).

What it should be (``targets``) is found anew from all lines of the period and those that are being
billed; the difference to what was booked of it becomes a line, or a part of a credit note. So it
holds whatever is late, corrected, credited or billed in between.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from services.invoicing.billed import BilledLine, Settles
from services.invoicing.billing.targets import Target, targets
from services.invoicing.documents.credits import Claim
from services.invoicing.documents.documents import Office
from services.invoicing.documents.issuing import step as step_of_lines
from services.invoicing.documents.supplies import DraftLine
from services.invoicing.model import Contract
from services.invoicing.rules.tax import Supply
from services.invoicing.timeline.bounds import Settlement, settlements


def periods(contract: Contract, office: Office) -> list[Settlement]:
    """Return the periods that are not settled, those on which nothing depends any more first."""
    found = settlements(contract, office.terms, office.today)
    return [*orphans(contract, found, office.today), *found]


def with_them(
    contract: Contract, lines: list[DraftLine], known: Iterable[Settlement], office: Office
) -> list[DraftLine]:
    """Return *lines*, and what of the *known* periods is different with them."""
    return [*lines, *drafts(contract, known, lines, step=step_of_lines(contract, office))]


def orphans(contract: Contract, known: Iterable[Settlement], today: date) -> list[Settlement]:
    """Return the periods of which something is booked and on which nothing depends any more."""
    needed = {(each.duration, each.whole) for each in known}
    lines = [line for invoice in contract.invoices for line in invoice.lines if line.settles]
    found = {(_duration(each.settles), each.settles.whole) for each in lines if each.settles}
    return [
        Settlement(whole, duration, whole, whole, settles_on=today)
        for duration, whole in sorted(found - needed)
        if whole.until > contract.settled_until
    ]


def drafts(
    contract: Contract, settled: Iterable[Settlement], others: Sequence[DraftLine], *, step: int
) -> list[DraftLine]:
    """Return the lines that bring each period of *settled* to what it should be, with *others*."""
    found: list[DraftLine] = []
    for each in settled:
        for owed in _differences(contract, each, [*others, *found], step=step):
            found.append(_draft(owed))
    return found


def claims(
    contract: Contract, settled: Iterable[Settlement], *, step: int
) -> dict[str, list[Claim]]:
    """Return what is to be credited of what was booked and is too much, by invoice."""
    found = defaultdict[str, list[Claim]](list)
    for each in settled:
        for owed in _differences(contract, each, (), step=step):
            rest = owed.amount
            for invoice_id, line in _booked_lines(contract, owed):
                part = min(abs(line.left), abs(rest)) * line.sign
                if part and line.sign * rest < 0:
                    found[invoice_id].append(Claim(line, amount=part))
                    rest += part
    return found


def _differences(
    contract: Contract, each: Settlement, others: Sequence[DraftLine], *, step: int
) -> list[Target]:
    """Return what is to be billed of each, negative where too much was."""
    wanted = {(t.settles, t.supply): t for t in targets(contract, each, others, step=step)}
    booked = _booked(contract, each, others)
    found = []
    for key, owed in (booked | wanted).items():
        amount = (wanted[key].amount if key in wanted else 0) - (
            booked[key].amount if key in booked else 0
        )
        if amount:
            found.append(owed._replace(amount=amount, period=each.charged))
    return found


def _booked(
    contract: Contract, each: Settlement, others: Iterable[DraftLine]
) -> dict[tuple[Settles, Supply], Target]:
    found: dict[tuple[Settles, Supply], Target] = {}
    lines: list[tuple[BilledLine | DraftLine, int]] = [
        (line, line.sold) for invoice in contract.invoices for line in invoice.lines
    ]
    lines += [(draft, draft.net + draft.given) for draft in others]
    for line, net in lines:
        about = line.settles
        if about is None or about.whole != each.whole or _duration(about) != each.duration:
            continue
        key = about, line.supply
        before = found[key].amount if key in found else 0
        period = line.period or each.charged
        found[key] = Target(about, line.component_id, line.name, line.kind, period, line.supply,
                          before + net)  # fmt: skip
    return found


def _booked_lines(contract: Contract, owed: Target) -> Iterator[tuple[str, BilledLine]]:
    """Yield the lines of which something stands, the last one first."""
    for invoice in reversed(contract.invoices):
        for line in invoice.lines:
            if (line.settles, line.supply) == (owed.settles, owed.supply):
                yield invoice.invoice_id, line


def _duration(settles: Settles | None) -> str:
    return settles.slot.split("\x1f")[1] if settles else ""


def _draft(owed: Target) -> DraftLine:
    return DraftLine(
        name=owed.name,
        net=owed.amount,
        supply=owed.supply,
        kind=owed.kind,
        component_id=owed.component_id,
        period=owed.period,
        settles=owed.settles,
    )
