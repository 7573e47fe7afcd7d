"""What a Kafka cluster says of itself: its id, and each topic's id, partitions and settings."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.metadata import MetadataRequest

from services.runtime.kafka.metadata import NO_ID, MetadataWithIds
from services.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic as the cluster has it; without an id where the brokers are older than 2.8.

    *replicas* is how many its partitions have, the least that any of them has.
    """

    id: str | None
    partitions: int
    configs: Mapping[str, str]
    replicas: int = 1


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """A cluster, those of the topics asked for that it has, and how many brokers are there."""

    id: str
    topics: Mapping[str, TopicFacts]
    brokers: int = 1


async def facts_of(
    client: AIOKafkaAdminClient, settings: Settings, topics: Iterable[str]
) -> ClusterFacts:
    """Ask the cluster for itself and for *topics* of the catalogue; raise KafkaError."""
    names = [settings.on_kafka(each) for each in topics]
    try:
        answer = await client._send_request(MetadataWithIds(names))
    except NotImplementedError:
        answer = await client._send_request(MetadataRequest(names, False))
    said = answer.to_object()
    found = {topic["topic"]: topic for topic in said["topics"] if _is_there(topic)}
    configs = await _configs_of(client, list(found))
    topics = {
        settings.off_kafka(name): _facts(topic, configs[name]) for name, topic in found.items()
    }
    return ClusterFacts(said["cluster_id"] or "", topics, len(said["brokers"]))


def _facts(topic: Mapping[str, Any], configs: Mapping[str, str]) -> TopicFacts:
    partitions = topic["partitions"]
    replicas = min((len(each["replicas"]) for each in partitions), default=1)
    return TopicFacts(_id(topic), len(partitions), configs, replicas)


async def _configs_of(
    client: AIOKafkaAdminClient, names: Sequence[str]
) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = {}
    for answer in await client.describe_configs(asked):
        for code, why, _kind, name, entries in answer.resources:
            if code:
                raise for_code(code)(f"the settings of {name} cannot be read: {why}")
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


def _is_there(topic: Mapping[str, Any]) -> bool:
    """Say whether a topic exists; raise KafkaError where that cannot be said."""
    code = topic["error_code"]
    if code and for_code(code) is not UnknownTopicOrPartitionError:
        raise for_code(code)(topic["topic"])
    return not code


def _id(topic: Mapping[str, Any]) -> str | None:
    """Return the id as Kafka's own tools write it."""
    raw = topic.get("topic_id", NO_ID)
    return None if raw == NO_ID else urlsafe_b64encode(raw).decode().rstrip("=")
