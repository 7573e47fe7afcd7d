"""One event is posted to an endpoint, over a connection whose address was checked.

| answer | it means |
|--------|----------|
| 2xx | sent |
| 410 | refused: the other side wants no more, and the endpoint is closed |
| 3xx | later; it is not followed |
| any other | later, after ``Retry-After`` where 429 or 503 say so |
| none, as no connection was made | later |
| none, after it was posted | unknown: it is posted again under the same id |
"""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from services.notifications.channels.outcome import Later, Outcome, Refused, Sent, Unknown
from services.notifications.channels.webhook import signatures
from services.notifications.channels.webhook.egress import Egress
from services.notifications.channels.webhook.endpoints import Endpoint, parsed

LONGEST_WAIT = timedelta(days=1)
# A resolver raises UnicodeError for a host that it cannot ask for.
_UNCONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, UnicodeError)


class Poster:
    """Posts over connections to what *egress* permits; by the system's resolver, or another.

    Certificates are of authorities that the system trusts, or of *ca_file*, where given. They are
    read here, once: that takes longer than to post.
    """

    def __init__(
        self,
        egress: Egress,
        *,
        resolver: AbstractResolver | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._egress = egress
        self._resolver = resolver
        self._trusted = ssl.create_default_context(cafile=ca_file)

    async def send(
        self, payload: bytes, *, message_id: str, at: datetime, endpoint: Endpoint
    ) -> Outcome:
        """Post *payload*, which is JSON, *at* a time that knows its zone; one attempt.

        Of the answer the status and the headers are read, and nothing else.
        """
        signed = signatures.headers(payload, message_id=message_id, at=at, keys=endpoint.keys)
        gate = _Gate(self._egress)
        try:
            async with (
                self._session(endpoint, gate) as session,
                session.post(
                    parsed(endpoint.url),
                    data=payload,
                    headers={**signed, "Content-Type": "application/json"},
                    allow_redirects=False,
                ) as answer,
            ):
                # What was not read is not waited for.
                answer.close()
                return judge(answer.status, answer.headers.get("Retry-After"), at=at)
        except _UNCONNECTED:
            return Later("address_not_allowed" if gate.has_refused else "endpoint_unreachable")
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Unknown("endpoint_silent")

    def _session(self, endpoint: Endpoint, gate: "_Gate") -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=self._trusted,
            resolver=self._resolver,
            # A name is looked up for each attempt, and the address looked at that it led to.
            use_dns_cache=False,
            socket_factory=gate,
            force_close=True,
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=endpoint.timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "duestream"},
            trust_env=False,
        )


class _Gate:
    """Makes the sockets of one attempt, each for an address that is permitted."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self.has_refused = False

    def __call__(self, addr_info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        if not self._egress.permits(str(address[0])):
            self.has_refused = True
            raise PermissionError("this address is not connected to")
        return socket.socket(family, kind, protocol)


def judge(status: int, retry_after: str | None, *, at: datetime) -> Outcome:
    """Return what an answer means that came to an attempt *at* a time, by the table above."""
    if 200 <= status < 300:
        return Sent(str(status))
    if status == 410:
        return Refused("endpoint_gone", str(status), closes_address=True)
    if 300 <= status < 400:
        return Later("endpoint_redirects", str(status))
    wait = _wait(retry_after, at=at) if retry_after and status in (429, 503) else None
    return Later("endpoint_refuses", str(status), wait)


def _wait(said: str, *, at: datetime) -> timedelta | None:
    """Return how long ``Retry-After`` asks to wait, a day at the most (RFC 9110, 10.2.3)."""
    if said.isascii() and said.isdigit():
        # Five digits are a day and a bit; of more none is needed.
        seconds = int(said) if len(said) <= 5 else 10**5
        return min(timedelta(seconds=seconds), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - at, timedelta(0)), LONGEST_WAIT)
