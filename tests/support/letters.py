"""A service small enough to see through, with acts upon the world: a mail or a letter a payment."""

from dataclasses import dataclass, replace
from datetime import timedelta

from schemas import payments, topics
from schemas.days import DayBegan
from schemas.deliveries import DeliveryIntended, Dispatched, DispatchFailed
from schemas.outcomes import ActOutcome
from services.runtime.effects import Effect, Effects
from services.runtime.worker import Wake, Worker


class Sent(ActOutcome):
    """It left."""


class NotSent(ActOutcome):
    """It did not, and never will under this id."""


OUTCOMES = topics.outcomes_of("letters", Sent, NotSent)
READS = (topics.DAYS, topics.PAYMENTS, OUTCOMES)
HANDLES = frozenset({DayBegan, payments.PaymentReceived, Sent, NotSent})


@dataclass(frozen=True)
class Letters:
    """The deliveries of a contract that are on their way, by the id of their intent."""

    contract_id: str
    on_their_way: tuple[tuple[str, str, str], ...] = ()


def process(letters, message, _context):
    match message:
        case payments.PaymentReceived():
            channel = "letter" if message.money.amount == "1.00" else "email"
            return _intend(letters, message.payment_id, channel)
        case Sent():
            delivery_id, channel, rest = _settled(letters, message)
            said = _about(Dispatched, letters, delivery_id, channel, dispatched_on="2026-02-01")
            return rest, (said,)
        case NotSent():
            # It is sent another way: an intent of its own, under an id of its own.
            delivery_id, channel, rest = _settled(letters, message)
            failed = _about(DispatchFailed, letters, delivery_id, channel, reason="came back")
            again, said = _intend(rest, f"{delivery_id}-again", channel)
            return again, (failed, *said)
    raise AssertionError(message)


def _intend(letters, delivery_id, channel):
    intent = _about(DeliveryIntended, letters, delivery_id, channel)
    known = (intent.derived_id(), delivery_id, channel)
    return replace(letters, on_their_way=(*letters.on_their_way, known)), (intent,)


def _settled(letters, message):
    [found] = [each for each in letters.on_their_way if each[0] == message.effect_id]
    rest = tuple(each for each in letters.on_their_way if each != found)
    return *found[1:], replace(letters, on_their_way=rest)


def _about(kind, letters, delivery_id, channel, **more):
    told = {"contract_id": letters.contract_id, "delivery_id": delivery_id, "channel": channel}
    return kind.model_validate(told | more, strict=False)


def effects(act, *, at_once=2):
    """Return the effects, which *act* does: mails again where nobody knows, letters never."""
    gap = timedelta(seconds=1)
    return Effects(
        outcomes=OUTCOMES,
        effects=(
            Effect(
                name="letter",
                intent=DeliveryIntended,
                takes=lambda intent: intent.channel == "letter",
                act=act,
                unknown="ask",
                at_once=at_once,
                longest=timedelta(minutes=2),
                gap=gap,
            ),
            Effect(
                name="mail",
                intent=DeliveryIntended,
                act=act,
                unknown="again",
                at_once=at_once,
                longest=timedelta(minutes=2),
                gap=gap,
            ),
        ),
    )


async def nothing(intent):
    """Do nothing, at once."""
    return sent(intent)


def sent(intent):
    """Return that what was intended left."""
    return Sent(contract_id=intent.message.contract_id, effect_id=intent.id)


WORKER = Worker(
    name="letters",
    reads=READS,
    keeps=Letters,
    writes=(topics.DELIVERIES,),
    process=process,
    handles=HANDLES,
    wakes=lambda _letters: Wake(),
    announces=topics.DUNNING_DAYS,
    skips=frozenset(topics.PAYMENTS.messages) - HANDLES,
    effects=effects(nothing),
)


def with_acts(act, *, at_once=2):
    """Return the service whose acts *act* does."""
    return replace(WORKER, effects=effects(act, at_once=at_once))
