"""What has happened is not dated in the future: no reader books what is not there yet (R-58)."""

from datetime import date
from zoneinfo import ZoneInfo

from schemas.calendars import A_DAY
from schemas.envelope import Event
from schemas.message import Message, Refused
from schemas.terms import Terms
from schemas.values import LegalEntityId


def check(message: Message, event: Event, terms: Terms, *, entity: LegalEntityId | None) -> None:
    """Refuse as ``invalid`` what *event* says where it names a day that is still to come.

    A day more is let pass, for a bank's calendar may be ahead of ours. An invoice may be dated
    ahead: nothing of it is due before its day, and many are sent some days early. Where the legal
    entity of the contract is not known yet the message waits for it, and is looked at then.
    """
    if not message.happened or entity is None or entity not in terms.entities:
        return
    last = _last_day(event, terms, entity)
    for name in message.happened:
        day: date | None = getattr(message, name)
        if day is not None and day > last:
            raise Refused("invalid", f"{name}: lies in the future")


def check_pause(since: date, until: date | None, *, resumed_on: date) -> None:
    """Refuse as ``invalid`` that a pause ends before it begins; on its first day it was none.

    What is over by then already is not ended again.
    """
    is_open = until is None or until > resumed_on
    if is_open and resumed_on < since:
        raise Refused("invalid", "the pause ends before it begins")


def _last_day(event: Event, terms: Terms, entity: LegalEntityId) -> date:
    """Return the day after the later of the day that has begun and the local day of *event*."""
    said_on = event.instant.astimezone(ZoneInfo(terms.entities[entity].time_zone)).date()
    return max(terms.today(entity), said_on) + A_DAY
