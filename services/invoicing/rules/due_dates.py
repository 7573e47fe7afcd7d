"""When an invoice is to be paid (R-91, R-98, R-99)."""

from datetime import date, timedelta
from typing import NamedTuple

from schemas.calendars import A_DAY, is_target_day, is_working_day, next_working_day
from schemas.contracts import PaymentMethod
from schemas.terms import LegalEntityPublished

# Unless it was agreed shorter, a debit is announced so many days before.
PRE_NOTIFICATION_DAYS = 14


class DueDate(NamedTuple):
    """The day that counts for being overdue, and the one that is printed."""

    on: date
    printed_on: date


def due(
    issued_on: date,
    *,
    payment_method: PaymentMethod,
    own_term_days: int | None,
    entity: LegalEntityPublished,
) -> DueDate:
    """Return when what is issued on *issued_on* is due.

    On account: after the term of the contract, else that of the legal entity, the day of issue not
    counted. The last day moves off Saturdays, Sundays and holidays of the entity's place, the
    nominal one is printed (R-91). A contract has a term of its own for payment on account only
    (R-98). A direct debit is due on the day it is collected; a card is charged at once, without a
    term.
    """
    if payment_method == "direct_debit":
        collected_on = collection_day(issued_on, entity)
        return DueDate(collected_on, collected_on)
    term = entity.payment_terms_days if own_term_days is None else own_term_days
    nominal = issued_on + timedelta(days=term if payment_method == "on_account" else 0)
    moved = next_working_day(nominal, country=entity.country, subdivision=entity.subdivision)
    return DueDate(moved, nominal)


def collection_day(issued_on: date, entity: LegalEntityPublished) -> date:
    """Return when a debit is collected that its invoice announces: printed and due (R-99).

    The first day, after the whole time of pre-notification, on which TARGET settles and the legal
    entity's place works.
    """
    notice = entity.pre_notification_days
    day = issued_on + timedelta(days=PRE_NOTIFICATION_DAYS if notice is None else notice)
    while not (is_target_day(day) and _works(day, entity)):
        day += A_DAY
    return day


def _works(day: date, entity: LegalEntityPublished) -> bool:
    return is_working_day(day, country=entity.country, subdivision=entity.subdivision)
