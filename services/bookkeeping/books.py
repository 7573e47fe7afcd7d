"""The books of a day: what is open, how old it is, what was invoiced and taxed, what is posted.

| what | by which day | module |
|------|--------------|--------|
| entries | booked by ``as_of``, known by ``known_on`` | journal, booked |
| open items, what was written off of them, credit | open on ``as_of`` | open_items |
| age | from the due date to ``as_of`` | aging |
| what was invoiced | in the month of issue | revenue, breakdown |
| the tax of it | in the month in which the service ended | tax_months |
| tax corrections | in the month of the write-off, or of what undoes it | revenue, write_offs |
| postings | on the day of the entry | postings, chart, datev |
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.values import LegalEntityId
from services.bookkeeping.aging import AgingKey, aging
from services.bookkeeping.booked import Booked, booked
from services.bookkeeping.chart import Chart
from services.bookkeeping.facts import Fact
from services.bookkeeping.journal import Journal, read
from services.bookkeeping.open_items import OpenItem, open_items
from services.bookkeeping.postings import Posting, posting
from services.bookkeeping.revenue import Key, Revenue, revenue
from services.bookkeeping.tax_months import tax_by_month


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All that the books say of a day, in order of contracts; postings in order of days."""

    as_of: date
    known_on: date | None
    journal: Journal
    entries: tuple[Booked, ...]
    open_items: tuple[OpenItem, ...]
    aging: Mapping[AgingKey, Mapping[str, int]]
    revenue: Mapping[Key, Revenue]
    tax: Mapping[Key, Revenue]
    postings: tuple[Posting, ...]


def books(
    facts: Iterable[Fact],
    chart: Chart,
    *,
    as_of: date,
    known_on: date | None = None,
    entity: LegalEntityId | None = None,
) -> Books:
    """Make the books of *facts*, of one legal *entity* where it is named.

    Raise Incomplete where facts are missing, and Disagrees where figures are not equal that must
    be; what does not depend on the day is found in all of the ledger, so that the books of an
    earlier day never contradict it.
    """
    journal = read(facts, known_on=known_on)
    entries, items = list[Booked](), list[OpenItem]()
    for ledger in journal.ledgers:
        if entity is not None and ledger.legal_entity_id != entity:
            continue
        by_then = [each for each in booked(ledger) if each.entry.on <= as_of]
        entries += by_then
        items += open_items(ledger, by_then, as_of=as_of)
    posted = (posting(each, chart) for each in sorted(entries, key=_by_day))
    return Books(
        as_of=as_of,
        known_on=known_on,
        journal=journal,
        entries=tuple(entries),
        open_items=tuple(items),
        aging=aging(items),
        revenue=revenue(entries),
        tax=tax_by_month(entries),
        postings=tuple(each for each in posted if each is not None),
    )


def _by_day(each: Booked) -> tuple[date, str, int]:
    return each.entry.on, each.ledger.contract_id, each.entry.posted.number
