"""Statements of account (R-124): by a clerk's order, or each month where the customer wants it.

| drawn | when | of |
|-------|------|-----|
| by order | as soon as the day it is of is over | ``since``, else its month, through ``as_of`` |
| monthly | on the first day of a month that is not late | the month before, if it has anything |
"""

from datetime import date, timedelta

from schemas.calendars import A_DAY
from schemas.frozen import replace
from schemas.instructions import SendStatement
from schemas.message import ContractMessage
from schemas.receivables import EntryPosted
from schemas.statements import MOST, StatementDrawn, StatementMovement
from schemas.terms import Terms
from schemas.values import Money, derived_id
from services.notifications.model import (
    Correspondence,
    LedgerMonth,
    Mailing,
    Outcome,
    OwedStatement,
    month_key,
)
from services.notifications.ways import drafting


def note(correspondence: Correspondence, posted: EntryPosted) -> Outcome:
    """Keep what an entry changed; what only moves what an earlier one assigned changes nothing."""
    change = posted.balance.minor - correspondence.balance
    if not change:
        return correspondence, ()
    key = month_key(posted.booked_on)
    line = StatementMovement(
        booked_on=posted.booked_on,
        kind=posted.kind,
        number=next((each.number for each in posted.owed if each.number), None),
        amount=Money.of(change, posted.balance.currency),
    )
    month = correspondence.ledger.get(key, LedgerMonth())
    month = replace(month, lines=(*month.lines, line))
    sums = {**correspondence.sums, key: correspondence.sums.get(key, 0) + change}
    return replace(
        correspondence,
        balance=posted.balance.minor,
        sums=sums,
        ledger={**correspondence.ledger, key: month},
        touched=correspondence.touched | {key},
    ), ()


def order(correspondence: Correspondence, asked: SendStatement, terms: Terms) -> Outcome:
    """Draw a statement, or wait until the day that it is of is over."""
    since = asked.since or asked.as_of.replace(day=1)
    owed = OwedStatement(since=since, as_of=asked.as_of)
    wanted = replace(correspondence, statements=(*correspondence.statements, owed))
    return draw(wanted, terms)


def begin_month(correspondence: Correspondence, day: date) -> Correspondence:
    """Want the statement of the month before *day*'s, where the customer has one each month."""
    first = day.replace(day=1)
    if not is_monthly(correspondence) or first <= (correspondence.stated_until or first):
        return correspondence
    last = first - A_DAY
    correspondence = replace(correspondence, stated_until=first)
    if not correspondence.balance and month_key(last) not in correspondence.sums:
        return correspondence
    owed = OwedStatement(since=last.replace(day=1), as_of=last)
    return replace(correspondence, statements=(*correspondence.statements, owed))


def draw(correspondence: Correspondence, terms: Terms) -> Outcome:
    """Draft the statements whose day is over."""
    today = terms.today(correspondence.entity_id)
    said: list[ContractMessage] = []
    for owed in correspondence.statements:
        if owed.as_of < today:
            correspondence, drafted = _draft(correspondence, owed, today, terms)
            said += drafted
    left = tuple(each for each in correspondence.statements if each.as_of >= today)
    return replace(correspondence, statements=left), tuple(said)


def days(correspondence: Correspondence) -> list[date]:
    """Return the days on which one may be drawn."""
    found = [each.as_of + A_DAY for each in correspondence.statements]
    if is_monthly(correspondence) and correspondence.stated_until:
        found.append((correspondence.stated_until + timedelta(days=31)).replace(day=1))
    return found


def is_monthly(correspondence: Correspondence) -> bool:
    """Say whether the customer wants a statement each month."""
    return correspondence.addressee.statements == "monthly"


def _draft(
    correspondence: Correspondence, owed: OwedStatement, today: date, terms: Terms
) -> Outcome:
    number = correspondence.drawn + 1
    correspondence = replace(correspondence, drawn=number)
    drawn = _drawn(correspondence, owed)
    mailing = Mailing(
        kind="statement",
        document_id=drawn.statement_id,
        issued_on=today,
        amount=drawn.closing.minor,
        stage="held",
        content=drawn.model_dump_json(),
    )
    return drafting.draft(correspondence, mailing, terms)


def _drawn(correspondence: Correspondence, owed: OwedStatement) -> StatementDrawn:
    """Return the statement by the days of booking, whatever came late."""
    first, last = month_key(owed.since), month_key(owed.as_of)
    before = sum(amount for key, amount in correspondence.sums.items() if key < first)
    lines = [
        line
        for key in sorted(correspondence.sums)
        if first <= key <= last
        for line in correspondence.ledger[key].lines
        if line.booked_on <= owed.as_of
    ]
    lines.sort(key=lambda line: line.booked_on)
    closing = before + sum(line.amount.minor for line in lines)
    shown = [line for line in lines if line.booked_on >= owed.since][-MOST:]
    currency = correspondence.currency
    assert currency is not None, "only a registered contract gets here"
    opening = closing - sum(line.amount.minor for line in shown)
    return StatementDrawn(
        statement_id=derived_id("statement", correspondence.contract_id, correspondence.drawn),
        since=owed.since,
        as_of=owed.as_of,
        opening=Money.of(opening, currency),
        lines=tuple(shown),
        closing=Money.of(closing, currency),
    )
