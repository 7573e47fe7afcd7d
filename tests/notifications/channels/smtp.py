"""A real mail server in this process that does what a test tells it."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from services.notifications.channels.mail.sending import MailServer


@dataclass
class Post:
    """What the server answers at each command, and what it was handed; None is no answer.

    ``drops``: at which point it cuts the line: on ``greeting``, ``MAIL``, ``DATA`` (before it asks
    for the text) or ``text`` (when it has all of it, before it says so).
    """

    greeting: str | None = None
    sender: str = "250 OK"
    recipient: str = "250 OK"
    data: str | None = None
    text: str = "250 2.0.0 queued"
    drops: str | None = None
    slow: str | None = None
    box: list = field(default_factory=list)
    passwords: list = field(default_factory=list)

    async def handle_MAIL(self, server, session, envelope, address, options):
        await self._pause("MAIL", server)
        if self.sender.startswith("250"):
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):
        if self.text.startswith("250"):
            self.box.append(envelope)
        await self._pause("text", server)
        return self.text

    async def _pause(self, at, server):
        if self.drops == at:
            server.transport.abort()
        if self.slow == at:
            await asyncio.sleep(30)

    def authenticate(self, server, session, envelope, mechanism, said):
        self.passwords.append(said.password)
        return AuthResult(success=said.password == b"right", handled=False)


class _Server(SMTP):
    def connection_made(self, transport):
        if self.event_handler.drops == "greeting":
            transport.abort()
            return
        if self.event_handler.greeting:
            transport.write(f"{self.event_handler.greeting}\r\n".encode())
            transport.close()
            return
        super().connection_made(transport)

    async def smtp_DATA(self, arg):
        await self.event_handler._pause("DATA", self)
        if self.event_handler.data:
            await self.push(self.event_handler.data)
        else:
            await super().smtp_DATA(arg)


@asynccontextmanager
async def mail_server(post, *, folder: Path | None = None, password=None, timeout_s=5):
    """Serve *post*; with a *folder* by STARTTLS, under a root that is written there."""
    said = {"hostname": "mx.example", "enable_SMTPUTF8": False, "ident": "test"}
    if folder:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        context = _tls(authority)
        said |= {"tls_context": context, "require_starttls": True}
    if password:
        said |= {"authenticator": post.authenticate, "auth_required": True}
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: _Server(post, **said), "127.0.0.1", 0)
    try:
        yield MailServer(
            hostname="localhost",
            port=listening.sockets[0].getsockname()[1],
            tls="starttls" if folder else "none",
            username="duestream" if password else None,
            password=password,
            ca_file=folder / "ca.pem" if folder else None,
            timeout_s=timeout_s,
        )
    finally:
        listening.close()


def _tls(authority):
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context
