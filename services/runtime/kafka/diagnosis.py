"""Why no broker can be reached: each server is tried by itself, and the first answer is told."""

import asyncio
import socket
import ssl

from aiokafka.conn import create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from services.runtime.settings import Settings

_TRY_S = 5.0


class Unreachable(KafkaConnectionError):  # type: ignore[misc]
    """No broker can be reached: what is wrong, where, and what to do."""

    def __init__(self, what: str, *, where: str, do: str) -> None:
        super().__init__(f"{what} ({where}): {do}")
        self.what, self.where, self.do = what, where, do


async def why_unreachable(settings: Settings) -> Unreachable:
    """Return why *settings* leads to no broker, by the words of its first server."""
    server = settings.kafka.split(",")[0].strip()
    host, _, port = server.rpartition(":")
    try:
        number = int(port)
    except ValueError:
        do = "say host:port in DUESTREAM_KAFKA"
        return Unreachable(f"{server} names no port", where=settings.kafka, do=do)
    client = settings.kafka_client() | {"host": host.strip("[]"), "port": number}
    del client["bootstrap_servers"]
    try:
        async with asyncio.timeout(_TRY_S):
            connection = await create_conn(**client, request_timeout_ms=int(_TRY_S * 1000))
        connection.close()
    except (OSError, KafkaError, TimeoutError) as error:
        what, do = _words(error, server, settings)
        return Unreachable(what, where=server, do=do)
    do = (
        "look at the broker's log; it may just have started, or ask for something else than "
        f"{settings.security_protocol} at this port (DUESTREAM_SECURITY_PROTOCOL)"
    )
    return Unreachable("no broker answers", where=settings.kafka, do=do)


def _words(error: Exception, server: str, settings: Settings) -> tuple[str, str]:
    """Return what *error* means, and what to do about it."""
    user = f"{settings.sasl_username} by {settings.sasl_mechanism}"
    match error:
        case ssl.SSLCertVerificationError():
            what = f"the certificate of {server} is refused: {error.verify_message}"
            return what, "set DUESTREAM_SSL_CA_FILE to who signed it, or use the name it is for"
        case ssl.SSLError():
            what = f"no TLS with {server}: {error.reason or error}"
            return what, "is the port the one for TLS, and is our certificate the one it wants?"
        case AuthenticationFailedError() | SaslAuthenticationFailed():
            what = f"the broker refuses user name or password of {user}"
            return what, "look at DUESTREAM_SASL_USERNAME, _PASSWORD and _MECHANISM"
        case UnsupportedSaslMechanismError():
            return (
                f"the broker does not know {settings.sasl_mechanism}",
                "set DUESTREAM_SASL_MECHANISM",
            )
        case socket.gaierror():
            return f"{server}: no machine has this name", "look at DUESTREAM_KAFKA"
        case ConnectionRefusedError():
            do = "start it (make kafka), or say where it is with DUESTREAM_KAFKA"
            return "no broker answers: nothing listens there", do
    what = f"{server} takes connections, and does not answer to {settings.security_protocol}"
    return what, "is it the port for that, and does it ask for a certificate of ours?"
