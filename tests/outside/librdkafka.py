"""``python librdkafka.py produce|consume ADDRESS ...``: what confluent-kafka does."""

import json
import sys
import time

from confluent_kafka import Consumer, Producer

_DEADLINE_S = 60


def produce(address, file, how):
    """Send the records of *file*, a codec or a transaction of which an earlier one is aborted."""
    options = {"bootstrap.servers": address, "partitioner": "murmur2_random"}
    if how == "transactional":
        options |= {"transactional.id": "a-bank", "compression.type": "zstd"}
    else:
        options |= {"enable.idempotence": True, "compression.type": how}
    producer = Producer(options)
    with open(file, encoding="utf-8") as lines:
        records = json.load(lines)
    if how == "transactional":
        producer.init_transactions(_DEADLINE_S)
        producer.begin_transaction()
        _send(producer, [each | {"key": "NOBODY"} for each in records])
        producer.abort_transaction(_DEADLINE_S)
        producer.begin_transaction()
    _send(producer, records)
    if how == "transactional":
        producer.commit_transaction(_DEADLINE_S)


def _send(producer, records):
    faults = []
    for each in records:
        producer.produce(
            each["topic"],
            key=each["key"],
            value=each["value"],
            headers={name: text.encode() for name, text in each["headers"].items()},
            on_delivery=lambda error, _: faults.append(error) if error else None,
        )
    if producer.flush(_DEADLINE_S) or faults:
        sys.exit(f"not sent: {faults}")


def consume(address, topic, count):
    """Print the keys of the first *count* committed records of *topic*."""
    options = {
        "bootstrap.servers": address,
        "group.id": "librdkafka",
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
    }
    consumer, keys, since = Consumer(options), [], time.monotonic()
    consumer.subscribe([topic])
    while len(keys) < int(count) and time.monotonic() - since < _DEADLINE_S:
        record = consumer.poll(1.0)
        if record and not record.error():
            keys.append(record.key().decode())
    consumer.close()
    print("\n".join(keys))


{"produce": produce, "consume": consume}[sys.argv[1]](*sys.argv[2:])
