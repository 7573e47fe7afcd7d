"""Deliveries by e-mail: composed, paced, and handed over to a mail server."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from schemas.deliveries import DeliveryIntended
from schemas.drafts import HandedOver, NotHandedOver
from schemas.outcomes import PutOff
from services.notifications.channels.mail.mailboxes import Mailbox
from services.notifications.channels.mail.return_path import ReturnPath
from services.notifications.channels.outcome import Later, Outcome
from services.notifications.channels.retries import MAIL
from services.notifications.making.storage import Storage, Unreadable
from services.notifications.posting.attempts import Attempt, said_of
from services.notifications.posting.composing import NotComposed, composed
from services.notifications.posting.traffic import Traffic

log = structlog.get_logger()
_UNTIL_RESTORED = timedelta(minutes=15)


class SendsMail(Protocol):
    """Hands one mail over, in one attempt."""

    async def send(self, message: bytes, *, to: Mailbox, return_path: str) -> Outcome: ...


class MailPost:
    """Hands mails over by *mailer*; what comes back goes to *returns*; *now* is the world's time.

    Each worker has its own pace and circuit: with three replicas a domain hears of three times as
    many.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        mailer: SendsMail,
        returns: ReturnPath,
        now: Callable[[], datetime],
    ) -> None:
        self._storage, self._mailer, self._returns, self._now = storage, mailer, returns, now
        self._traffic = Traffic()

    async def mail(
        self, intended: DeliveryIntended, attempt: Attempt
    ) -> HandedOver | NotHandedOver:
        """Return what became of a mail; raise PutOff where it is tried again under the same id."""
        outcome = await self._outcome(intended, attempt)
        return said_of(intended, attempt, outcome, plan=MAIL, at=self._now())

    async def _outcome(self, intended: DeliveryIntended, attempt: Attempt) -> Outcome:
        rests_until = self._traffic.rests_until(at=self._now())
        if rests_until is not None:
            if self._now() >= attempt.began_at + MAIL.lasts:
                return Later("mail_server_unreachable")
            raise PutOff(rests_until)
        try:
            # Files are read and written as base64: that would keep all others waiting.
            to, content = await asyncio.to_thread(composed, intended, self._storage, otherwise=None)
        except NotComposed as why:
            return why.refused
        except Unreadable as why:
            # It goes by itself once the file is restored.
            log.warning("document.unreadable", hash=why.hash, act=attempt.effect_id)
            raise PutOff(self._now() + _UNTIL_RESTORED) from None
        domain = to.address.rpartition("@")[2]
        if turn := self._traffic.turn(domain, attempt.effect_id, at=self._now()):
            raise PutOff(turn)
        return_path = self._returns.of(intended.delivery_id)
        outcome = await self._mailer.send(content, to=to, return_path=return_path)
        self._traffic.heard(outcome, at=self._now())
        return outcome
