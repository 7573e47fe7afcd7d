"""A connection for all who ask: who gives up takes it from nobody, who is last gives it up."""

import asyncio

import pytest

from services.runtime.kafka.connection import Connection


class Server:
    """Answers when it is told to; counts who came, and who was given up."""

    def __init__(self):
        self.came, self.given_up, self.answers = 0, 0, asyncio.Event()
        self.refuses = False

    async def open(self):
        self.came += 1
        try:
            await self.answers.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.refuses:
            raise OSError("refused")
        return f"connection {self.came}"


async def askers(connection, count):
    asking = [asyncio.create_task(connection.opened()) for _ in range(count)]
    await asyncio.sleep(0)
    return asking


def test_whoever_gives_up_first_does_not_take_the_connection_from_the_others():
    async def scenario():
        server = Server()
        connection = Connection(server.open)
        asking = await askers(connection, 4)
        # As deadlines do that are a moment apart, with all that a loop has to do in between.
        for gives_up in asking[:3]:
            gives_up.cancel()
            for _ in range(5):
                await asyncio.sleep(0)
        server.answers.set()
        return await asking[3], server.came, server.given_up, await connection.opened()

    assert asyncio.run(scenario()) == ("connection 1", 1, 0, "connection 1")


def test_when_nobody_waits_any_more_it_is_given_up_and_the_next_opens_anew():
    async def scenario():
        server = Server()
        connection = Connection(server.open)
        for gives_up in await askers(connection, 2):
            gives_up.cancel()
        await asyncio.sleep(0.01)
        server.answers.set()
        return await connection.opened(), server.given_up

    assert asyncio.run(scenario()) == ("connection 2", 1)


def test_all_hear_that_it_failed_and_the_next_tries_again():
    async def scenario():
        server = Server()
        server.refuses = True
        connection = Connection(server.open)
        asking = await askers(connection, 3)
        server.answers.set()
        heard = await asyncio.gather(*asking, return_exceptions=True)
        with pytest.raises(OSError, match="refused"):
            await connection.opened()
        server.refuses = False
        return [str(each) for each in heard], await connection.opened()

    assert asyncio.run(scenario()) == (["refused"] * 3, "connection 3")


def test_what_is_taken_to_be_closed_is_opened_anew():
    async def scenario():
        server = Server()
        server.answers.set()
        connection = Connection(server.open)
        found = [connection.taken(), await connection.opened(), connection.taken()]
        return [*found, connection.taken(), await connection.opened()]

    expected = [None, "connection 1", "connection 1", None, "connection 2"]
    assert asyncio.run(scenario()) == expected
