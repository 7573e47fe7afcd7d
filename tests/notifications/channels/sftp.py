"""A real SFTP server in this process that does what a test tells it."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from services.notifications.channels.letter.handover import LetterServer


@dataclass
class Printer:
    """Where batches arrive, and where the server fails; each name is one of SFTP's acts.

    ``cuts_before`` and ``cuts_after``: it drops the line before or after it did the act;
    ``refuses``: it answers that it may not; ``garbles``: what it answers cannot be read; ``slow``:
    it does not answer.
    """

    root: Path
    cuts_before: str | None = None
    cuts_after: str | None = None
    refuses: str | None = None
    garbles: str | None = None
    slow: str | None = None
    acts: list = field(default_factory=list)

    def server(self, channel):
        printer = self

        class Server(asyncssh.SFTPServer):
            def __init__(self, channel):
                self._connection = channel.get_connection()
                super().__init__(channel, chroot=str(printer.root).encode())

            async def _told(self, name, act):
                printer.acts.append(name)
                answers = {
                    printer.refuses: asyncssh.SFTPPermissionDenied,
                    printer.garbles: asyncssh.SFTPBadMessage,
                }
                if name in answers:
                    raise answers[name]("not here")
                if printer.slow == name:
                    await asyncio.sleep(30)
                if printer.cuts_before == name:
                    self._connection.abort()
                    raise asyncssh.SFTPFailure("cut")
                done = act()
                if printer.cuts_after == name:
                    self._connection.abort()
                return done

            async def mkdir(self, path, attrs):
                return await self._told("mkdir", lambda: super(Server, self).mkdir(path, attrs))

            async def open(self, path, pflags, attrs):
                name = "manifest" if path.endswith(b"manifest.json") else "open"
                return await self._told(name, lambda: super(Server, self).open(path, pflags, attrs))

            async def rename(self, oldpath, newpath):
                return await self._told(
                    "rename", lambda: super(Server, self).rename(oldpath, newpath)
                )

        return Server(channel)


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == ("duestream", "right")


@asynccontextmanager
async def sftp_server(printer, folder, *, trusted=None, **changes):
    """Serve *printer*; its key stands in a file in *folder*, or *trusted*, another one."""
    host, ours = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    listening = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=_Door,
        server_host_keys=[host],
        authorized_client_keys=asyncssh.import_authorized_keys(ours.export_public_key().decode()),
        sftp_factory=printer.server,
    )
    port = listening.get_port()
    known = (trusted or host).export_public_key().decode()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {known}")
    said = {
        "hostname": "127.0.0.1",
        "port": port,
        "username": "duestream",
        "known_hosts": folder / "known_hosts",
        "folder": "/in",
        "timeout_s": 10,
    }
    try:
        yield ours, lambda more: LetterServer(**{**said, **changes, **more})
    finally:
        listening.close()
