"""One mail is handed over to a mail server by SMTP, over a connection of its own."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiosmtplib

from services.notifications.channels.mail.answers import Stage, judge
from services.notifications.channels.mail.mailboxes import Mailbox
from services.notifications.channels.outcome import Later, Outcome, Sent, Unknown
from services.notifications.channels.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over; ``timeout_s`` bounds each answer.

    Its certificate is of an authority that the system trusts, or of ``ca_file``, where given.
    """

    hostname: str
    port: int
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    calls_itself: str = "localhost"
    ca_file: Path | None = None
    timeout_s: int = 60

    def __post_init__(self) -> None:
        if self.tls == "none" and self.password is not None:
            raise ValueError("a password is told over TLS alone")
        if (self.username is None) != (self.password is None):
            raise ValueError("a user name and a password come together")


class Mailer:
    """Hands mail over to one server; the certificates that it trusts are read here, once."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._trusted = (
            ssl.create_default_context(cafile=server.ca_file) if server.tls != "none" else None
        )

    async def send(self, message: bytes, *, to: Mailbox, return_path: str) -> Outcome:
        """Hand *message* over for the one recipient *to*; one attempt.

        Once the text is on its way and no answer comes, it is unknown whether it was taken; a mail
        is then sent again with the same Message-ID (R-56). What the connection does after the
        answer is of no account.
        """
        return await _hand_over(self._client(), message, to=to.address, return_path=return_path)

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.hostname,
            port=server.port,
            local_hostname=server.calls_itself,
            timeout=server.timeout_s,
            use_tls=server.tls == "implicit",
            # Never as the server likes it: who strips STARTTLS would read the mail.
            start_tls=server.tls == "starttls",
            username=server.username,
            password=server.password.reveal() if server.password else None,
            tls_context=self._trusted,
        )


async def _hand_over(
    client: aiosmtplib.SMTP, message: bytes, *, to: str, return_path: str
) -> Outcome:
    stage: Stage = "session"
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        stage = "sender"
        await client.mail(return_path, options=_options(client, message))
        stage = "recipient"
        await client.rcpt(to)
        stage = "text"
        answer = await client.data(message)
        return Sent(str(answer.code))
    except aiosmtplib.SMTPResponseException as said:
        # -1: bytes came that are no answer.
        if said.code < 0 and stage == "text":
            return Unknown("mail_server_unreadable")
        return judge(said.code, said.message, stage=stage)
    except (aiosmtplib.SMTPException, OSError, ValueError):
        return _unanswered(stage)
    finally:
        client.close()


def _unanswered(stage: Stage) -> Outcome:
    if stage == "text":
        return Unknown("mail_server_silent")
    return Later("mail_server_unreachable")


def _options(client: aiosmtplib.SMTP, message: bytes) -> list[str]:
    """Say the size beforehand, so that a server refuses a large mail before it is sent."""
    return [f"SIZE={len(message)}"] if client.supports_extension("size") else []
