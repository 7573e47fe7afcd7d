"""Kafka's topics: made from the catalogue, and waited for."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, for_code

from schemas.topics import Topic
from services.runtime.kafka.cluster import facts_of
from services.runtime.kafka.diagnosis import why_unreachable
from services.runtime.kafka.disagreement import durable, faults_of_replication, refuse
from services.runtime.settings import Settings


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an admin client for the block; raise Unreachable, which says why."""
    client = AIOKafkaAdminClient(**settings.kafka_client())
    try:
        await client.start()
    except KafkaConnectionError:
        await client.close()
        raise await why_unreachable(settings) from None
    try:
        yield client
    finally:
        await client.close()


async def partitions_of(
    client: AIOKafkaAdminClient, settings: Settings, names: Sequence[str]
) -> dict[str, int]:
    """Return how many partitions each of *names* has; what does not exist is left out."""
    described = await client.describe_topics([settings.on_kafka(name) for name in names])
    return {
        settings.off_kafka(topic["topic"]): len(topic["partitions"])
        for topic in described
        if not topic["error_code"]
    }


async def apply(settings: Settings, topics: Iterable[Topic]) -> list[str]:
    """Make the topics that are missing; return their names. Others are left as they are.

    Raise Disagreement where a broker that dies would take records along: nothing is made then.
    """
    topics = list(topics)
    async with admin(settings) as client:
        cluster = await facts_of(client, settings, [topic.name for topic in topics])
        refuse(faults_of_replication(settings, cluster))
        response = await client.create_topics([_new(topic, settings) for topic in topics])
    made = []
    for name, code, *detail in response.topic_errors:
        error = for_code(code)
        if error is TopicAlreadyExistsError:
            continue
        if code:
            raise error(f"{name}: {detail[0] if detail else ''}")
        made.append(settings.off_kafka(name))
    return made


def _new(topic: Topic, settings: Settings) -> NewTopic:
    return NewTopic(
        settings.on_kafka(topic.name),
        num_partitions=topic.partitions or settings.partitions,
        replication_factor=settings.replication,
        topic_configs=topic.configs | durable(settings.replication),
    )
