"""Events are posted once more, under their ids: an endpoint that has them takes none twice."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from schemas.deliveries import DeliveryIntended, Posted
from schemas.endpoints import EndpointPublished
from services.notifications.channels.outcome import Later, Outcome, Sent
from services.notifications.channels.secret import SecretMissing
from services.notifications.channels.webhook.endpoints import Endpoint
from services.notifications.channels.webhook.signatures import KeyRefused
from services.notifications.posting.hooks import PostsEvents
from services.notifications.posting.keys import FindsKeys


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many were taken; and the first that was not, with which it ended."""

    taken: int
    refused: Posted | None = None
    reason: str | None = None


async def post_again(
    intended: AsyncIterator[DeliveryIntended],
    endpoint: EndpointPublished,
    *,
    poster: PostsEvents,
    keys: FindsKeys,
    now: Callable[[], datetime],
) -> Replayed:
    """Post what was *intended* for *endpoint* to where it is now, in this order.

    One that is not taken ends it, so that none overtakes another. Raises EndpointRefused.
    """
    taken = 0
    async for each in intended:
        assert each.event is not None and each.posting is not None, "it is an event of ours"
        outcome = await _post(each, endpoint, poster=poster, keys=keys, now=now)
        if not isinstance(outcome, Sent):
            return Replayed(taken, each.event, outcome.reason)
        taken += 1
    return Replayed(taken)


async def _post(
    intended: DeliveryIntended,
    endpoint: EndpointPublished,
    *,
    poster: PostsEvents,
    keys: FindsKeys,
    now: Callable[[], datetime],
) -> Outcome:
    assert intended.posting is not None, "it is an event of ours"
    try:
        return await poster.send(
            intended.posting.body.encode(),
            message_id=intended.delivery_id,
            at=now(),
            endpoint=Endpoint(url=endpoint.url, keys=keys(endpoint.secret_ref)),
        )
    except (SecretMissing, KeyRefused):
        return Later("endpoint_without_key")
