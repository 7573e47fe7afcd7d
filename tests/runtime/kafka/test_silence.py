"""A broker that takes every connection and says nothing: what asks it leaves nothing behind."""

import asyncio
from functools import partial

import pytest

from services.runtime.kafka.outlet import Producers
from services.runtime.kafka.reader import LogEnds
from services.runtime.settings import Settings


class Silent:
    """Counts the connections that are open, and those that ever were."""

    def __init__(self):
        self.open, self.taken = 0, 0

    async def talk(self, reader, writer):
        self.open, self.taken = self.open + 1, self.taken + 1
        while await reader.read(1000):
            pass
        self.open -= 1
        writer.close()

    async def all_closed(self):
        async with asyncio.timeout(5):
            while self.open:
                await asyncio.sleep(0.01)


def ends(told):
    return partial(LogEnds(told, ["payments"]).of, [0])


def marks(told):
    return partial(Producers("tally", "tally.dead-letters", told).published, 0)


async def ask(question, *, at_once, times):
    """Ask in vain; return how many connections were opened, when all are closed again."""
    silent = Silent()
    async with await asyncio.start_server(silent.talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        asks = question(Settings(kafka=f"127.0.0.1:{port}"))
        for _ in range(times):
            asking = [asyncio.wait_for(asks(), 0.3) for _ in range(at_once)]
            answers = await asyncio.gather(*asking, return_exceptions=True)
            assert [type(each) for each in answers] == [TimeoutError] * at_once
        await silent.all_closed()
    return silent.taken


@pytest.mark.parametrize("question", [ends, marks])
def test_who_asks_in_vain_leaves_no_connection_open(question):
    assert asyncio.run(ask(question, at_once=1, times=3)) == 3


@pytest.mark.parametrize("question", [ends, marks])
def test_several_who_ask_at_once_share_a_connection(question):
    assert asyncio.run(ask(question, at_once=4, times=1)) == 1
