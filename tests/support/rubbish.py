"""What no producer should send: records that cannot be read, and records that were sent before."""

import asyncio
from collections import Counter
from random import Random

from schemas.topics import CATALOGUE, OUTSIDE, dead_letters_of
from services.registry import WORKERS
from services.runtime.kafka.producer import Outgoing, RecordPlace, sending
from services.runtime.kafka.reader import reading
from services.runtime.settings import Settings
from services.runtime.stream.wire import Packed
from tests.support import workers

# The clock reads terms, and has no worker.
TOPICS = tuple(
    topic.name
    for topic in CATALOGUE
    if topic.writer == OUTSIDE and any(topic in worker.reads for worker in WORKERS.values())
)
# Kafka's default limit for a record is 1 MiB.
_LARGE = 1_000_000
_AT = "2026-02-03T10:00:00+01:00"
# From before all others, from after all others, and from now.
_TIMES = (0, 1_770_000_000_000, 4_102_444_800_000, None)


def rubbish(random: Random, told: Settings) -> list[Outgoing]:
    """Return one record of each kind, each somewhere."""
    headers = _headers()
    value = b'{"contract_id": "S-00001"}'
    kinds = [
        (b"S-00001", value, ()),
        (b"S-00001", None, headers),
        (None, value, headers),
        (b"S-00002", value, headers),
        (b"\xff\xfe", value, headers),
        (b"S-00001", b"{", headers),
        (b"S-00001", b"\xff", headers),
        (b"S-00001", b"[" * 100_000, headers),
        (b"S-00001", b"7" * _LARGE, headers),
        (b"S-00001", value, _headers(type=b"CoffeeSpilled")),
        (b"S-00001", value, _headers(time=b"yesterday")),
        (b"S-00001", value, _headers(id=b"")),
        (b"S-00001", value, _headers(id=None)),
        (b"S-00001", value, _headers(source=b"\xff")),
        (b"S-00001", value, headers),  # a payment needs more
    ]
    return [
        Outgoing(
            random.choice(TOPICS),
            random.randrange(told.partitions),
            Packed(key, content, tuple(head), random.choice(_TIMES)),
        )
        for key, content, head in kinds
    ]


def _headers(**other: bytes | None) -> list[tuple[str, bytes | None]]:
    told = {"id": b"x", "source": b"/psp", "type": b"PaymentReceived", "time": _AT.encode()}
    attributes = told | {"subject": b"S-00001", "specversion": b"1.0"} | other
    return [(f"ce_{name}", text) for name, text in attributes.items()]


def send(told: Settings, records: list[Outgoing]) -> list[RecordPlace]:
    """Send *records*; return where they stand."""

    async def now() -> list[RecordPlace]:
        async with sending(told) as sender:
            return await sender.send(records)

    return asyncio.run(now())


def again(random: Random, told: Settings, *, most: int) -> list[Outgoing]:
    """Return some records of a partition of a topic, in their order, as they were sent before."""

    async def some() -> list[Outgoing]:
        topic, partition = random.choice(TOPICS), random.randrange(told.partitions)
        async with reading(told, [topic], partitions=[partition]) as reader:
            records = await reader.rest()
        start = random.randrange(len(records)) if records else 0
        return [
            Outgoing(topic, partition, Packed(*_raw(each), each.timestamp))
            for each in records[start : start + most]
        ]

    return asyncio.run(some())


def _raw(record):
    return record.raw.key, record.raw.value, record.raw.headers


def not_dead_lettered_once(
    told: Settings, places: list[RecordPlace]
) -> list[tuple[str, RecordPlace, int]]:
    """Return of which of *places* a service that reads them has not one letter, but so many."""
    found = []
    for service in told.services:
        read = {topic.name for topic in WORKERS[service].reads}
        letters = _letters(told, service)
        found += [
            (service, place, letters[place])
            for place in places
            if place[0] in read and letters[place] != 1
        ]
    return found


def _letters(told: Settings, service: str) -> Counter[RecordPlace]:
    topic = dead_letters_of(service).name
    letters = [dict(each.raw.headers) for each in workers.read(told, topic)]
    return Counter(
        (each["dl-topic"].decode(), int(each["dl-partition"]), int(each["dl-offset"]))
        for each in letters
    )
