"""The order topic of a service, read from its end or behind a number."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from services.runtime.kafka.reader import OpensConsumer, outside_groups, packed
from services.runtime.settings import Settings
from services.runtime.stream.chain import OrderEnd, OrderRecord, order_end, order_in

_AT_ONCE = 16


class OrderLog:
    """Reads what stands on ``<service>.order``; who asks has fenced whoever wrote there."""

    def __init__(
        self, settings: Settings, topic: str, *, opens: OpensConsumer = outside_groups
    ) -> None:
        self._settings, self._topic, self._opens = settings, topic, opens

    async def end(self, partition: int) -> OrderEnd:
        """Return what the last record of *partition* says."""
        async with self._reading(partition) as (consumer, place):
            last = await _last(consumer, place)
        return OrderEnd() if last is None else order_end(packed(last))

    async def behind(self, partition: int, *, number: int) -> AsyncIterator[OrderRecord]:
        """Yield the records of *partition* from *number* on, or from the first that there is."""
        async with self._reading(partition) as (consumer, place):
            end = (await consumer.end_offsets([place]))[place]
            await _seek(consumer, place, end, number)
            while await consumer.position(place) < end:
                for some in (await consumer.getmany(timeout_ms=100)).values():
                    for found in some:
                        record = order_in(packed(found))
                        if record is not None and record.number >= number:
                            yield record

    @asynccontextmanager
    async def _reading(
        self, partition: int
    ) -> AsyncIterator[tuple[AIOKafkaConsumer, TopicPartition]]:
        place = TopicPartition(self._settings.on_kafka(self._topic), partition)
        async with self._opens(self._settings) as consumer:
            consumer.assign([place])
            yield consumer, place


async def _seek(consumer: AIOKafkaConsumer, place: TopicPartition, end: int, number: int) -> None:
    """Go to where record *number* is still to come, looking back in larger and larger steps."""
    begin = (await consumer.beginning_offsets([place]))[place]
    start, back = end, _AT_ONCE
    while start > begin:
        start, back = max(begin, end - back), back * 4
        consumer.seek(place, start)
        first = None
        while first is None and await consumer.position(place) < end:
            some = (await consumer.getmany(timeout_ms=100, max_records=1)).values()
            first = next((order_end(packed(each)).number for found in some for each in found), None)
        if first is not None and first < number:
            break
    consumer.seek(place, start)


async def _last(consumer: AIOKafkaConsumer, place: TopicPartition) -> ConsumerRecord | None:
    """Return the last record of *place*; what stands behind it are markers of transactions."""
    begin = (await consumer.beginning_offsets([place]))[place]
    end = (await consumer.end_offsets([place]))[place]
    start, found = end, None
    while found is None and start > begin:
        start = max(begin, end - 2 * max(end - start, _AT_ONCE))
        consumer.seek(place, start)
        while await consumer.position(place) < end:
            for some in (await consumer.getmany(timeout_ms=100)).values():
                found = some[-1]
    return found
