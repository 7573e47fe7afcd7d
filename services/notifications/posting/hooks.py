"""Deliveries by webhook: an event is posted to its endpoint, as long as that is worth a try.

| the endpoint | an event |
|--------------|----------|
| answers | is posted, or tried again for two days with growing gaps |
| has failed five times in a row | waits for a rest, which grows to an hour; then one is tried |
| has failed everything for five days, or says 410 | is not posted any more, until it is enabled |
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol, TypeVar

from schemas.deliveries import DeliveryIntended
from schemas.drafts import HandedOver, NotHandedOver
from schemas.outcomes import PutOff
from services.notifications.channels import circuit
from services.notifications.channels.circuit import FIRST_REST, LONGEST_REST
from services.notifications.channels.outcome import Later, Outcome, Refused, Unknown
from services.notifications.channels.retries import WEBHOOK
from services.notifications.channels.secret import SecretMissing
from services.notifications.channels.webhook.endpoints import Endpoint, EndpointRefused
from services.notifications.channels.webhook.signatures import KeyRefused
from services.notifications.posting.attempts import Attempt, said_of
from services.notifications.posting.keys import FindsKeys
from services.notifications.posting.standings import Standing, Standings

_T = TypeVar("_T")
# While it rested, its two days went by.
_UNTRIED = Later("endpoint_unreachable")
# Says whether the operator has heard it.
TellsOperator = Callable[[Standing], Awaitable[bool]]


class PostsEvents(Protocol):
    """Posts one event, in one attempt."""

    async def send(
        self, payload: bytes, *, message_id: str, at: datetime, endpoint: Endpoint
    ) -> Outcome: ...


class HookPost:
    """Posts events by *poster*, signed with the keys that *keys* finds by their reference.

    *now* is the world's time. What endpoints came to stands in *standings*, which one thread
    reads and writes.
    """

    def __init__(
        self,
        standings: Standings,
        *,
        poster: PostsEvents,
        keys: FindsKeys,
        tell: TellsOperator,
        now: Callable[[], datetime],
    ) -> None:
        self._standings, self._poster, self._keys, self._tell = standings, poster, keys, tell
        self._now = now
        self._probed: dict[str, datetime] = {}
        self._telling: dict[str, datetime] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="endpoints")

    async def post(
        self, intended: DeliveryIntended, attempt: Attempt
    ) -> HandedOver | NotHandedOver:
        """Return what became of an event; raise PutOff where it is tried again as the same."""
        assert intended.event is not None, "it is an event of ours"
        endpoint_id = intended.event.endpoint_id
        standing = await self._known(lambda: self._standings.of(endpoint_id))
        if standing.disabled_at is None:
            until = self._rests_until(standing)
            if until is not None and self._now() < attempt.began_at + WEBHOOK.lasts:
                raise PutOff(until)
            outcome = await self._outcome(intended) if until is None else _UNTRIED
            at = self._now()
            if until is None:
                standing = await self._heard(endpoint_id, outcome, at=at)
            if standing.disabled_at is None:
                return said_of(intended, attempt, outcome, plan=WEBHOOK, at=at)
        return await self._disabled(intended, attempt, standing)

    def _rests_until(self, standing: Standing) -> datetime | None:
        """Return before when nothing is posted there; none where one may be posted now.

        When a rest is over, the first event to come is tried, and the others wait for its answer.
        """
        until, at = circuit.rests_until(standing.circuit), self._now()
        if until is None or until > at:
            return until
        probed_at = self._probed.get(standing.endpoint_id)
        if probed_at is not None and probed_at + FIRST_REST > at:
            return probed_at + FIRST_REST
        self._probed[standing.endpoint_id] = at
        return None

    async def _heard(self, endpoint_id: str, outcome: Outcome, *, at: datetime) -> Standing:
        self._probed.pop(endpoint_id, None)
        return await self._known(lambda: self._standings.heard(endpoint_id, outcome, at=at))

    async def _outcome(self, intended: DeliveryIntended) -> Outcome:
        posting = intended.posting
        assert posting is not None, "it is an event of ours"
        try:
            keys = await asyncio.to_thread(self._keys, posting.secret_ref)
            outcome = await self._poster.send(
                posting.body.encode(),
                message_id=intended.delivery_id,
                at=self._now(),
                endpoint=Endpoint(url=posting.url, keys=keys),
            )
        except (SecretMissing, KeyRefused):
            return Later("endpoint_without_key")
        except EndpointRefused:
            return Refused("endpoint_refused")
        # There is no other way that it could go meanwhile: it ends with its plan, like all else.
        return Later(outcome.reason) if isinstance(outcome, Unknown) else outcome

    async def _disabled(
        self, intended: DeliveryIntended, attempt: Attempt, standing: Standing
    ) -> NotHandedOver:
        """Return that nothing is posted there, and see to it that the operator hears of it."""
        untold = not standing.is_told and self._may_tell(standing.endpoint_id)
        if untold and await self._tell(standing):
            await self._known(lambda: self._standings.told(standing.endpoint_id))
        return NotHandedOver(
            contract_id=intended.contract_id,
            effect_id=attempt.effect_id,
            reason=standing.reason or "endpoint_failed_for_days",
            disabled_at=standing.disabled_at,
        )

    def _may_tell(self, endpoint_id: str) -> bool:
        """Say whether a mail to the operator is tried now: once an hour, until one has left."""
        tried_at, at = self._telling.get(endpoint_id), self._now()
        if tried_at is not None and tried_at + LONGEST_REST > at:
            return False
        self._telling[endpoint_id] = at
        return True

    async def _known(self, ask: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, ask)
