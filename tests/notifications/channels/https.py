"""A real HTTPS server on loopback, under an authority of its own, that does as it is told."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver


@dataclass
class Receiver:
    """What it answers: a status, headers and a body, or nothing where ``cuts``."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b"{}"
    cuts: bool = False
    sleeps_s: float = 0
    raw: bytes | None = None
    came: list = field(default_factory=list)

    async def handle(self, request):
        self.came.append((request.path, dict(request.headers), await request.read()))
        if self.raw is not None:
            request.transport.write(self.raw)
        if self.cuts or self.raw is not None:
            request.transport.abort() if self.cuts else request.transport.close()
        await asyncio.sleep(self.sleeps_s)
        return web.Response(status=self.status, headers=self.headers, body=self.body)


class Names(AbstractResolver):
    """A resolver that answers each question with the next of its lists of addresses."""

    def __init__(self, *answers):
        self.answers, self.asked = [*answers], []

    async def resolve(self, host, port=0, family=socket.AF_INET):
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            {
                "hostname": host,
                "host": each,
                "port": port,
                "family": socket.AF_INET6 if ":" in each else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for each in found
        ]

    async def close(self):
        pass


@asynccontextmanager
async def https_server(receiver, folder, *, name="hooks.example"):
    """Serve *receiver* as *name*; yield its port. The authority is ``ca.pem`` in *folder*."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield site._server.sockets[0].getsockname()[1]
    finally:
        await runner.cleanup()
