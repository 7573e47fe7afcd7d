"""A batch is carried over to a provider's server by SFTP: whole, or not there."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import asyncssh

from services.notifications.channels.letter.batches import MANIFEST, Batch
from services.notifications.channels.outcome import Later, Outcome, Refused, Sent, Unknown
from services.notifications.channels.secret import Secret

_REFUSES_US = (
    asyncssh.PermissionDenied,
    asyncssh.HostKeyNotVerifiable,
    asyncssh.KeyExchangeFailed,
    asyncssh.KeyImportError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterServer:
    """Where batches are put, into ``folder``; ``timeout_s`` bounds a whole attempt.

    ``known_hosts`` holds the server's key, as OpenSSH has it: without it anybody could be the
    printer. We are known by a private ``key`` (PEM), or else by a ``password``.
    """

    hostname: str
    username: str
    known_hosts: Path
    folder: str
    port: int = 22
    key: Secret | None = None
    password: Secret | None = None
    timeout_s: int = 300

    def __post_init__(self) -> None:
        if (self.key is None) == (self.password is None):
            raise ValueError("a server of letters is given a key or a password")


async def carry(batch: Batch, *, server: LetterServer) -> Outcome:
    """Put *batch* on *server* under its id, the manifest last; one attempt.

    It is written beside its place and then moved there, so that nobody fetches a half one; what an
    attempt before left is written anew. One that is there already is the same, or refused. Only
    where nobody heard whether it was moved it is unknown: then it is never blindly put there
    again, as the first one may have been fetched (R-56).
    """
    if not batch.files:
        raise ValueError("a batch without a letter is none")
    attempt = _Attempt(batch, server)
    try:
        async with asyncio.timeout(server.timeout_s):
            return await attempt.make()
    except _REFUSES_US:
        return Later("letter_server_refuses_us")
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPBadMessage):
        # No answer, or none that can be read.
        return attempt.unheard()
    except asyncssh.SFTPError:
        # An answer: what it refused was not done, the move included.
        return Later("letter_server_refuses_us")
    except (asyncssh.Error, OSError, TimeoutError, ValueError):
        # A line of known_hosts that nobody can read is a ValueError.
        return attempt.unheard()


class _Attempt:
    """One batch on its way, and whether it may have arrived."""

    def __init__(self, batch: Batch, server: LetterServer) -> None:
        self._batch = batch
        self._server = server
        self._place = f"{server.folder}/{batch.batch_id}"
        self._part = f"{server.folder}/.{batch.batch_id}.part"
        self._is_moving = False

    async def make(self) -> Outcome:
        """Return what became of it; let through what the library raises."""
        connection = await self._connect()
        try:
            return await self._carried(await connection.start_sftp_client())
        finally:
            # All that counts has been answered; a farewell would be waited for beyond the time.
            connection.abort()

    def unheard(self) -> Outcome:
        """Return what it means that no answer came."""
        return (
            Unknown("letter_server_silent")
            if self._is_moving
            else Later("letter_server_unreachable")
        )

    async def _carried(self, sftp: asyncssh.SFTPClient) -> Outcome:
        if await sftp.exists(self._place):
            return await self._compare(sftp)
        await self._put(sftp)
        self._is_moving = True
        await sftp.rename(self._part, self._place)
        return Sent(self._batch.batch_id)

    async def _compare(self, sftp: asyncssh.SFTPClient) -> Outcome:
        async with sftp.open(f"{self._place}/{MANIFEST}", "rb") as manifest:
            found = cast(bytes, await manifest.read())
        if found == self._batch.files[MANIFEST]:
            return Sent(self._batch.batch_id)
        return Refused("batch_conflict")

    async def _put(self, sftp: asyncssh.SFTPClient) -> None:
        if await sftp.exists(self._part):
            await sftp.rmtree(self._part)
        await sftp.mkdir(self._part)
        for name, content in _manifest_last(self._batch.files.items()):
            async with sftp.open(f"{self._part}/{name}", "wb") as file:
                await file.write(content)

    async def _connect(self) -> asyncssh.SSHClientConnection:
        server = self._server
        keys = [asyncssh.import_private_key(server.key.reveal())] if server.key else []
        return await asyncssh.connect(
            server.hostname,
            server.port,
            username=server.username,
            client_keys=keys,
            password=server.password.reveal().decode(errors="replace") if server.password else None,
            known_hosts=str(server.known_hosts),
            # Nothing that the machine's user has set up for himself.
            config=[],
            agent_path=None,
        )


def _manifest_last(files: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return sorted(files, key=lambda file: (file[0] == MANIFEST, file[0]))
