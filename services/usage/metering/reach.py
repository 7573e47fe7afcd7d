"""Which of what is filed a message may need: by name, by closed period, by number."""

from collections.abc import Iterable, Iterator
from datetime import date

from schemas.calendars import A_DAY
from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractResumed,
    TerminationRevoked,
)
from schemas.days import DayBegan
from schemas.escalations import (
    ContractEndRequested,
    ContractPauseRequested,
    ContractResumeRequested,
)
from schemas.invoices import ContractEndFixed
from schemas.message import Message
from schemas.orders import BillInterim
from schemas.usage import (
    UsageBackfillClosed,
    UsageBackfillReverted,
    UsageRecorded,
    UsageReplaced,
    UsageRetracted,
)
from schemas.values import derived_id
from services.usage.model import FOREVER, Contract, Sum, parts_of


def name_of(source: str, event_id: str) -> str:
    """Return the name of an event: what its envelope identifies it by."""
    return derived_id("usage", source, event_id)


def names(message: Message) -> Iterable[str]:
    """Return the names of events that *message* is about."""
    match message:
        case UsageRetracted() | UsageReplaced():
            return [name_of(message.retracts.source, message.retracts.id)]
        case _:
            return []


def from_day(contract: Contract, message: Message) -> date:
    """Return the first day that a message about the contract's life may make different."""
    match message:
        case ContractChanged():
            days = [message.effective_on, message.starts_on, message.ends_on, message.trial_until,
                    message.billed_until, message.billing_anchor_on]  # fmt: skip
            moved = [day for day in days if day is not None]
            if message.billing_anchor_on or message.starts_on:
                return date.min
            moved += [_until(contract)] if message.ends_on else []
            return min([*moved, *([] if message.effective_on else [_last_day(contract)])])
        case ContractPaused() | ContractPauseRequested():
            return message.paused_from or _last_day(contract)
        case ContractResumed() | ContractResumeRequested():
            return min((each.since for each in contract.pauses), default=FOREVER)
        case ContractEnded() | ContractEndRequested():
            return min(message.ends_on or _last_day(contract), _until(contract))
        case ContractEndFixed():
            early = (each.ends_on for each in message.components)
            return min(message.ends_on, *early, _until(contract))
        case TerminationRevoked():
            return _until(contract)
        case _:
            return FOREVER


def _until(contract: Contract) -> date:
    """Return from when on nothing is rated."""
    agreed = contract.agreement
    return min(agreed.life.until, agreed.metered_ends.on or FOREVER)


def closed(contract: Contract, message: Message) -> Iterator[str]:
    """Yield the closed periods that *message* may change, by their first days."""
    for period in contract.closed:
        if _is_touched(contract, period.from_on, message):
            yield period.from_on.isoformat()


def numbers(contract: Contract, message: Message) -> Iterator[int]:
    """Yield the numbers of events that *message* needs one by one."""
    match message:
        case UsageRetracted() | UsageReplaced():
            yield from (contract.pointers[n] for n in names(message) if n in contract.pointers)
        case UsageBackfillClosed() | UsageBackfillReverted():
            yield from _of_backfill(contract, message.backfill_id)
        case ContractChanged() if message.plan_id or message.plan_version:
            since = from_day(contract, message)
            yield from _between(contract, since=since, only=None)
    if contract.by_event and _rates(contract, message):
        yield from _between(contract, since=date.min, only=contract.by_event)


def _rates(contract: Contract, message: Message) -> bool:
    """Say whether open or reopened periods are rated because of *message*."""
    return isinstance(message, DayBegan | BillInterim) or contract.speaks


def _is_touched(contract: Contract, from_on: date, message: Message) -> bool:
    period = contract.closed_with(from_on)
    assert period is not None, "asked for closed periods only"
    match message:
        case DayBegan():
            return from_on >= min(contract.reopened, default=contract.closed[-1].from_on)
        case UsageRecorded() | UsageReplaced():
            days = [contract.agreement.day_of(message.occurred_at), *_days_at_hand(contract)]
            return any(day in period for day in days)
        case UsageRetracted():
            return any(day in period for day in _days_at_hand(contract))
        case UsageBackfillClosed():
            some = [b for b in contract.backfills if b.backfill_id == message.backfill_id]
            return any(b.stretch.from_on < period.until and period.from_on < b.stretch.until
                       for b in some)  # fmt: skip
        case ContractChanged() if message.plan_id or message.plan_version:
            return period.until > from_day(contract, message)
        case _:
            return False


def _days_at_hand(contract: Contract) -> list[date]:
    """Return the days of the events that were looked up by name."""
    found = (contract.event_named(name) for name in contract.pointers)
    return [contract.agreement.day_of(each.occurred_at) for each in found if each]


def _last_day(contract: Contract) -> date:
    """Return a day before which nothing said today counts; usage is at most a day ahead."""
    return max((parts_of(key)[1] for key in contract.sums), default=FOREVER - A_DAY) - A_DAY


def _between(contract: Contract, *, since: date, only: frozenset[str] | None) -> Iterator[int]:
    """Yield the numbers among which the events of sums stand, of days from *since* on."""
    some: list[Sum] = []
    for sums in (contract.sums, *(each.sums for each in contract.periods.values())):
        for key, each in sums.items():
            component, day, _ = parts_of(key)
            if day >= since and (only is None or component in only):
                some.append(each)
    seen = set[int]()
    for each in some:
        seen.update(range(each.first, each.last + 1))
    yield from sorted(seen)


def _of_backfill(contract: Contract, backfill_id: str) -> Iterator[int]:
    for each in contract.backfills:
        if each.backfill_id == backfill_id:
            if each.first is not None and each.last is not None:
                yield from range(each.first, each.last + 1)
            if each.replaces:
                since = each.stretch.from_on
                yield from _between(contract, since=since, only=None)
