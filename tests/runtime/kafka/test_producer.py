"""What a sender says when another one of the same writer has taken over."""

import asyncio
import gc
from contextlib import asynccontextmanager

import pytest
from aiokafka.errors import IllegalOperation, ProducerFenced

from services.runtime.kafka.producer import Outgoing, Sender
from services.runtime.settings import Settings
from services.runtime.stream.wire import Packed

RECORD = Outgoing("payments", 0, Packed(b"C1", b"{}", (), None))


class Broken:
    """A producer whose transaction breaks in the background, for a cause, after one record."""

    def __init__(self, cause):
        self.cause, self.taken = cause, 0

    @asynccontextmanager
    async def transaction(self):
        yield

    async def send(self, *_args, **_more):
        self.taken += 1
        if self.taken > 1:
            raise IllegalOperation("Can't send messages while not in transaction")
        done = asyncio.get_running_loop().create_future()
        if self.cause is None:
            done.set_result(None)
        else:
            done.set_exception(self.cause)
        return done


@pytest.mark.parametrize(
    ("cause", "raised"),
    [(ProducerFenced(), ProducerFenced), (TimeoutError(), TimeoutError), (None, IllegalOperation)],
)
def test_a_transaction_that_broke_in_the_background_ends_with_its_cause(cause, raised):
    async def scenario():
        await Sender(Broken(cause), Settings(), fenced=True).send([RECORD, RECORD])

    with pytest.raises(raised):
        asyncio.run(scenario())


class Away:
    """A producer that takes every record, and then can deliver none."""

    def transaction(self):
        return Broken(None).transaction()

    async def send(self, *_args, **_more):
        lost = asyncio.get_running_loop().create_future()
        lost.set_exception(ProducerFenced())
        return lost


def test_of_many_records_that_failed_none_is_left_for_asyncio_to_log():
    logged = []

    async def scenario():
        asyncio.get_running_loop().set_exception_handler(lambda _loop, what: logged.append(what))
        with pytest.raises(ProducerFenced):
            await Sender(Away(), Settings(), fenced=True).send([RECORD, RECORD, RECORD])
        gc.collect()

    asyncio.run(scenario())
    assert logged == []
