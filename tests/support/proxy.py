"""A network that misbehaves: stands between clients and a server, late, deaf or cut on demand."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

Address = int | Path  # a port of loopback, or a socket in the file system

_CHUNK = 65_536


class Proxy:
    """Passes on what clients of *front* and the server at *behind* say to each other."""

    def __init__(self, front: Address, behind: Address) -> None:
        self.front, self._behind = front, behind
        self._open: set[asyncio.StreamWriter] = set()
        self._late_s, self._refuses = 0.0, False
        self._loop = asyncio.new_event_loop()
        self._answers = asyncio.Event()
        self._answers.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> "Proxy":
        self._thread.start()
        serve = _serve(self.front, self._pass_on)
        asyncio.run_coroutine_threadsafe(serve, self._loop).result(10)
        return self

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def late(self, seconds: float) -> None:
        """Let every answer come so much later."""
        self._do(lambda: setattr(self, "_late_s", seconds))

    def deafen(self) -> None:
        """Let all that clients say arrive, and none of the answers."""
        self._do(self._answers.clear)

    def refuse(self) -> None:
        """Cut every connection, and each new one as soon as it is open."""
        self._do(lambda: setattr(self, "_refuses", True))
        self.cut()

    def cut(self) -> None:
        """Cut every connection, in the middle of whatever is said."""
        self._do(self._abort)

    def heal(self) -> None:
        """Pass everything on at once again; answers that were kept back come now."""
        self._do(self._heal)

    def _do(self, change: Callable[[], object]) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (change(), done.set()))
        done.wait(10)

    def _abort(self) -> None:
        for each in self._open:
            each.transport.abort()

    def _heal(self) -> None:
        self._late_s, self._refuses = 0.0, False
        self._answers.set()

    async def _pass_on(self, said: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            answers, server = await _connect(self._behind)
        except OSError:
            client.transport.abort()
            return
        self._open |= {client, server}
        if self._refuses:
            self._abort()
        await asyncio.gather(
            self._carry(said, server, answers=False), self._carry(answers, client, answers=True)
        )
        self._open -= {client, server}

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        """Carry one direction until either side ends it, and end it for the other."""
        try:
            while some := await source.read(_CHUNK):
                if answers:
                    await asyncio.sleep(self._late_s)
                    await self._answers.wait()
                sink.write(some)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()


async def _serve(address: Address, handle) -> None:
    if isinstance(address, Path):
        await asyncio.start_unix_server(handle, address)
        address.chmod(0o777)  # who runs PostgreSQL's clients may be another than we
    else:
        await asyncio.start_server(handle, "127.0.0.1", address)


async def _connect(address: Address):
    if isinstance(address, Path):
        return await asyncio.open_unix_connection(address)
    return await asyncio.open_connection("127.0.0.1", address)
