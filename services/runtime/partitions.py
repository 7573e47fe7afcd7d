"""On which partition a contract is: one answer for producers, embedded runs and Kafka."""

from aiokafka.partitioner import DefaultPartitioner

_murmur2 = DefaultPartitioner()


def partition_of(key: str, partitions: int) -> int:
    """Return where a producer that is told no partition puts *key*: ours, and those in Java."""
    found: int = _murmur2(key.encode(), list(range(partitions)), [])
    return found
