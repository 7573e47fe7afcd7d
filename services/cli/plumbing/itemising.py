"""The usage behind a document, event by event, as it was when each of its charges was said (U-64).

The contract's messages are heard again in the recorded order, so that what was taken back,
replaced or priced anew since then changes no statement.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from schemas.charges import UsageCharged, UsageCorrected
from schemas.context import Context
from schemas.envelope import Event
from schemas.invoices import InvoiceCorrected
from schemas.topics import INVOICES
from schemas.usage import Origin, UsageRecorded, UsageReplaced
from services.cli.plumbing.recomputing import Issued, NotRecomputable, Recomputing
from services.cli.views.statement import StatementLine
from services.runtime.stream import codec
from services.usage.app import worker
from services.usage.itemised import Entry, Said, added, entries
from services.usage.model import Contract, KeptEvent, Outcome
from services.usage.processor import Input, process
from services.usage.rating.lines import text

# A component and group in a period.
_Of = tuple[str, tuple[tuple[str, str], ...] | None, str]


@dataclass(slots=True)
class _Watching:
    """Processes as the worker does, and notes the events that each charge is made of."""

    events: dict[int, KeptEvent] = field(default_factory=dict)
    origins: dict[int, Origin] = field(default_factory=dict)
    charged: dict[_Of, dict[int, Entry]] = field(default_factory=dict)
    lines: dict[str, list[StatementLine]] = field(default_factory=dict)

    def process(self, contract: Contract, message: Input, context: Context) -> Outcome:
        """Note what *message* brings, and of what the charges are made that it causes."""
        after, said = process(contract, message, context)
        self.events |= after.events
        if isinstance(message, UsageRecorded | UsageReplaced):
            self.origins[after.taken] = message.origin
        for each in said:
            if isinstance(each, UsageCharged | UsageCorrected):
                self._note(after, each, context)
        return after, said

    def _note(self, contract: Contract, charged: Said, context: Context) -> None:
        group = None if charged.group is None else tuple(sorted(charged.group.items()))
        what = (charged.component_id, group, charged.period.from_.isoformat())
        now = entries(contract, charged, self.events.values(), context.terms)
        new = added(now, self.charged.get(what, {}))
        self.charged[what] = now
        self.lines[name_of(charged)] = list(self._lines(contract, charged, new))

    def _lines(
        self, contract: Contract, charged: Said, new: list[Entry]
    ) -> Iterator[StatementLine]:
        paid = sum((Decimal(each.money.amount) for each in charged.prepaid), Decimal(0))
        rest = Decimal(charged.net.amount) + paid
        like = StatementLine(
            charge_id=charged.charge_id, component_id=charged.component_id, group=charged.group
        )
        for each in new:
            line = self._line(contract, like, each)
            rest -= Decimal(line.amount or 0)
            yield line
        if rest:
            yield replace(like, kind="rest", amount=text(Fraction(rest)))
        for paying in charged.prepaid:
            amount = text(-Fraction(paying.money.amount))
            yield replace(like, kind="prepaid", grant_id=paying.grant_id, amount=amount)

    def _line(self, contract: Contract, like: StatementLine, each: Entry) -> StatementLine:
        origin, zone = self.origins[each.event.number], contract.agreement.place.zone
        return replace(
            like,
            source=origin.source,
            event_id=origin.id,
            occurred_at=each.event.occurred_at.astimezone(zone).isoformat(),
            quantity=text(each.units),
            unit_price=None if each.unit_price is None else text(each.unit_price),
            amount=text(each.cost) if each.is_priced else None,
        )


def name_of(charged: Said) -> str:
    """Return the id of a charge, or of a correction of one."""
    return charged.charge_id if isinstance(charged, UsageCharged) else charged.correction_id


async def statement(topics: Recomputing, name: str) -> list[StatementLine]:
    """Return the lines of the charges on document *name*; raise NotRecomputable where it is none.

    Per charge they add up to the lines of the document that name it. One that was made anew bills
    what the cancelled one did, and what was corrected of it.
    """
    issued = await topics.find(name)
    if isinstance(issued.message, UsageCharged | UsageCorrected):
        raise NotRecomputable(f"{name} is a charge", do="name an invoice by its number or its id")
    watching, found = _Watching(), list[StatementLine]()
    await topics.again(replace(worker, process=watching.process), issued, {})
    for document in [*await _replaced_by(topics, issued), issued]:
        for each in await topics.charges_on(document):
            assert isinstance(each.message, UsageCharged | UsageCorrected), "charges, and no others"
            found += watching.lines.get(name_of(each.message), [])
    return found


async def _replaced_by(topics: Recomputing, issued: Issued) -> list[Issued]:
    """Return the documents that *issued* stands for, the first of them first."""
    before = dict[str, str]()
    async for record in topics.source.each([INVOICES.name]):
        event = record.content
        if not isinstance(event, Event) or event.subject != issued.event.subject:
            continue
        if event.type == InvoiceCorrected.__name__:
            corrected = codec.decode(event, INVOICES.name)
            if isinstance(corrected, InvoiceCorrected) and corrected.replaced_by is not None:
                before[corrected.replaced_by] = corrected.invoice_id
    names, name = list[str](), issued.names[-1]
    while (name := before.pop(name, "")) != "":
        names.append(name)
    return [await topics.find(each) for each in reversed(names)]
