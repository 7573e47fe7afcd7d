"""Cards and mandates that end: told 30 days ahead and when they have ended, once (R-97).

| instrument | notice | first invalid day |
|------------|--------|-------------------|
| card 03/2026 | 2026-03-01: 30 days before its last day | 2026-04-01 |
| mandate last used 2023-05-10 | 2026-04-10: idle for 35 months, ``authorisation`` | 2026-05-10 |
"""

from datetime import date, timedelta

from schemas.contracts import InstrumentRegistered, InstrumentRemoved
from schemas.deliveries import InstrumentExpired, InstrumentExpiring
from schemas.frozen import replace
from schemas.message import Refused
from schemas.terms import Terms
from schemas.values import ContractId, InstrumentId
from services.notifications.model import Correspondence, Outcome, PaymentInstrument
from services.tariffs.periods import period

_NOTICE = timedelta(days=30)
_A_DAY = timedelta(days=1)


def register(
    correspondence: Correspondence, registered: InstrumentRegistered, terms: Terms
) -> Outcome:
    """Watch the instrument that was given last: those before it are replaced."""
    today = terms.today(correspondence.entity_id)
    watched = _watched(registered, today=today)
    known = correspondence.instrument
    if known is not None and _is_same(known, watched):
        watched = replace(watched, told=known.told)
    return replace(correspondence, instrument=watched), ()


def remove(correspondence: Correspondence, removed: InstrumentRemoved) -> Outcome:
    """Watch it no more."""
    known = correspondence.instrument
    if known is None or known.instrument_id != removed.instrument_id:
        return correspondence, ()
    return replace(correspondence, instrument=None), ()


def watch(correspondence: Correspondence, terms: Terms) -> Outcome:
    """Say what is to be said of the instrument today; on a day that is over, nothing (R-34)."""
    instrument, entity = correspondence.instrument, correspondence.entity_id
    if instrument is None or not correspondence.recurring_payment or terms.is_late(entity):
        return correspondence, ()
    on, today = days(correspondence), terms.today(entity)
    if not on or on[0] > today:
        return correspondence, ()
    assert instrument.expires_on is not None, "it has a day on which something is to be said"
    what = correspondence.contract_id, instrument.instrument_id, instrument.expires_on
    is_over = instrument.expires_on <= today
    said = _expired(*what) if is_over else _expiring(*what, instrument.cause)
    known = replace(instrument, told="expired" if is_over else "expiring")
    return replace(correspondence, instrument=known), (said,)


def days(correspondence: Correspondence) -> list[date]:
    """Return the day on which something is to be said of the instrument."""
    instrument = correspondence.instrument
    if instrument is None or not correspondence.recurring_payment or instrument.told == "expired":
        return []
    on = instrument.notice_on if instrument.told == "nothing" else instrument.expires_on
    return [on] if on else []


def _expiring(
    contract_id: ContractId, instrument_id: InstrumentId, expires_on: date, cause: str | None
) -> InstrumentExpiring:
    return InstrumentExpiring(
        contract_id=contract_id, instrument_id=instrument_id, expires_on=expires_on, cause=cause
    )


def _expired(
    contract_id: ContractId, instrument_id: InstrumentId, expires_on: date
) -> InstrumentExpired:
    return InstrumentExpired(
        contract_id=contract_id, instrument_id=instrument_id, expires_on=expires_on
    )


def _watched(registered: InstrumentRegistered, *, today: date) -> PaymentInstrument:
    """Return the earliest end of an instrument; a mandate ends 36 months after its last use."""
    ends: list[tuple[date, date, str]] = []
    if registered.expires is not None:
        if not "1900-01" <= registered.expires <= "2999-11":
            raise Refused("invalid", "expires: no card or mandate ends in such a month")
        invalid_on = _month_after(registered.expires)
        ends.append((invalid_on, invalid_on - _A_DAY - _NOTICE, ""))
    if registered.kind == "sepa_mandate":
        used_on = registered.last_used_on or today
        ends.append((_months(used_on, 36), _months(used_on, 35), "authorisation"))
    first = min(ends, default=None)
    return PaymentInstrument(
        instrument_id=registered.instrument_id,
        expires_on=first[0] if first else None,
        notice_on=first[1] if first else None,
        cause=(first[2] if first else None) or None,
    )


def _is_same(known: PaymentInstrument, other: PaymentInstrument) -> bool:
    return (known.instrument_id, known.expires_on) == (other.instrument_id, other.expires_on)


def _month_after(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return _months(first, 1)


def _months(day: date, count: int) -> date:
    return period(day, f"P{count}M", 0).until
