"""From what an attempt came to, to what is said of the delivery, or when it is tried again."""

from datetime import datetime
from typing import NamedTuple

from schemas.deliveries import DeliveryIntended
from schemas.drafts import HandedOver, NotHandedOver
from schemas.outcomes import PutOff
from services.notifications.channels.outcome import Later, Outcome, Refused, Sent, Unknown
from services.notifications.channels.retries import Plan, next_attempt


class Attempt(NamedTuple):
    """One attempt of an act: the id of its intent, its number from 1, when the first one began."""

    effect_id: str
    number: int
    began_at: datetime


def said_of(
    intended: DeliveryIntended, attempt: Attempt, outcome: Outcome, *, plan: Plan, at: datetime
) -> HandedOver | NotHandedOver:
    """Return what is said of a delivery whose *attempt* ended *at* a time; or raise PutOff.

    What was surely not taken goes the next way when *plan* is over (R-53). What may have been taken
    never does: it is tried under the same id until somebody answers, or a person says what became
    of it, for else the customer might be told on two ways.
    """
    about = {"contract_id": intended.contract_id, "effect_id": attempt.effect_id}
    match outcome:
        case Sent():
            return HandedOver.model_validate(about | {"sent_at": at})
        case Refused():
            said = {"reason": outcome.reason, "closes": outcome.closes_address}
            return NotHandedOver.model_validate(about | said)
        case Later():
            until = _next(intended, attempt, plan=plan, at=at, outcome=outcome)
            if until is None:
                return NotHandedOver.model_validate(about | {"reason": outcome.reason})
            raise PutOff(until)
        case Unknown():
            until = _next(intended, attempt, plan=plan, at=at, outcome=Later(outcome.reason))
            raise PutOff(until or at + plan.longest_gap)


def _next(
    intended: DeliveryIntended, attempt: Attempt, *, plan: Plan, at: datetime, outcome: Later
) -> datetime | None:
    return next_attempt(
        plan,
        delivery_id=intended.delivery_id,
        attempt=attempt.number,
        began_at=attempt.began_at,
        failed_at=at,
        wait=outcome.wait,
    )
