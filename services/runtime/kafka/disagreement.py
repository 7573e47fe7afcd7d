"""Where settings, topics and store contradict each other: comparisons of what is known of each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from schemas.topics import Topic
from services.runtime.kafka.cluster import ClusterFacts, TopicFacts
from services.runtime.settings import Settings
from services.runtime.store.origin import StoreOrigin
from services.runtime.stream.order import Place

_UNLIMITED = "-1"
# Kafka's own default: a message of ours has up to 1,000,000 bytes, and headers.
_MESSAGE_BYTES = 1_048_588
_ALTER = "kafka-configs.sh --alter --entity-type topics --entity-name {} --add-config {}"


class Disagreement(Exception):
    """Settings, topics and store contradict each other: what, where, and what to do."""

    def __init__(self, what: str, *, where: str, do: str) -> None:
        super().__init__(f"{what} ({where}): {do}")
        self.what, self.where, self.do = what, where, do


class PublishedOffset(Protocol):
    """What Kafka knows of a partition's outbox: how many rows it has, and of which store."""

    offset: int
    metadata: str


def refuse(faults: Iterable[Disagreement]) -> None:
    """Raise the first of *faults*."""
    for fault in faults:
        raise fault


def durable(replicas: int) -> dict[str, str]:
    """Return the settings by which a topic of so many *replicas* loses nothing with a broker.

    A record is acknowledged when most replicas have it, and none leads that lacks it.
    """
    return {"min.insync.replicas": str(_most(replicas)), "unclean.leader.election.enable": "false"}


def _most(replicas: int) -> int:
    return replicas // 2 + 1


def faults_of_replication(settings: Settings, cluster: ClusterFacts) -> Iterator[Disagreement]:
    """Yield why topics of so many replicas, as the settings say, cannot be made or are not safe."""
    wanted, brokers = settings.replication, cluster.brokers
    if wanted > brokers:
        what = f"{wanted} replicas are asked for, and {brokers} brokers are there"
        do = f"start the others, or set DUESTREAM_REPLICATION to {brokers}"
        yield Disagreement(what, where=settings.kafka, do=do)
    if wanted == 1 < brokers:
        what = f"one replica on {brokers} brokers: the one that dies takes its records along"
        do = f"set DUESTREAM_REPLICATION to {min(3, brokers)}"
        yield Disagreement(what, where=settings.kafka, do=do)


def faults_of_topics(
    settings: Settings, topics: Iterable[Topic], cluster: ClusterFacts
) -> Iterator[Disagreement]:
    """Yield what of *topics*, as the cluster has them, is not as we rely on."""
    for topic in topics:
        facts = cluster.topics.get(topic.name)
        if facts is None:
            continue
        wanted = topic.partitions or settings.partitions
        if facts.partitions != wanted:
            where = f"topic {topic.name} at {settings.kafka}"
            what = f"{topic.name} has {facts.partitions} partitions, not {wanted}"
            do = f"set DUESTREAM_PARTITIONS to {facts.partitions}, if all topics have as many"
            if topic.partitions:
                do = "make it anew with `duestream topics apply`"
            yield Disagreement(what, where=where, do=do)
        for setting, why in _faults_of_settings(topic, facts):
            yield _fault_of_setting(settings, topic, facts, setting, why)


def faults_of_durability(
    settings: Settings, topics: Iterable[Topic], cluster: ClusterFacts
) -> Iterator[Disagreement]:
    """Yield where a broker that dies might take along what *topics* have acknowledged.

    Two of many replicas are enough, and to be asked once: while replicas are moved to other
    brokers, a topic has both the old and the new.
    """
    for topic in topics:
        facts = cluster.topics.get(topic.name)
        if facts is None:
            continue
        least = min(2, _most(facts.replicas))
        if int(facts.configs.get("min.insync.replicas", least)) < least:
            why = (
                f"of {facts.replicas} replicas so many have what is acknowledged, and they may die"
            )
            setting = f"min.insync.replicas={least}"
            yield _fault_of_setting(settings, topic, facts, setting, why)


def _fault_of_setting(
    settings: Settings, topic: Topic, facts: TopicFacts, setting: str, why: str
) -> Disagreement:
    """Return that *topic* should have this *setting* instead of its own."""
    name = setting.partition("=")[0]
    what = f"{topic.name} has {name}={facts.configs[name]}: {why}"
    where = f"topic {topic.name} at {settings.kafka}"
    return Disagreement(what, where=where, do=_ALTER.format(settings.on_kafka(topic.name), setting))


def _faults_of_settings(topic: Topic, facts: TopicFacts) -> Iterator[tuple[str, str]]:
    """Yield which setting should be there instead, and why."""
    said, keeps = facts.configs, topic.configs["retention.ms"]
    if said.get("cleanup.policy", "delete") != "delete":
        yield "cleanup.policy=delete", "of several records of a contract all but one would be gone"
    for setting, wanted in (("retention.ms", keeps), ("retention.bytes", _UNLIMITED)):
        kept = said.get(setting, _UNLIMITED)
        if kept != _UNLIMITED and (wanted == _UNLIMITED or int(kept) < int(wanted)):
            yield f"{setting}={wanted}", "records would be gone, read or not"
    if said.get("message.timestamp.type", "CreateTime") != "CreateTime":
        yield "message.timestamp.type=CreateTime", "the time that was said orders the inputs"
    if int(said.get("max.message.bytes", _MESSAGE_BYTES)) < _MESSAGE_BYTES:
        yield f"max.message.bytes={_MESSAGE_BYTES}", "a message of ours might not fit"
    if said.get("unclean.leader.election.enable", "false") != "false":
        yield "unclean.leader.election.enable=false", "what was acknowledged might be gone"


def faults_of_origin(
    origin: StoreOrigin, service: str, settings: Settings, where: str
) -> Iterator[Disagreement]:
    """Yield where the store at *where* is of another service or number of partitions."""
    if origin.service != service:
        what = f"this is the store of {origin.service}, not of {service}"
        yield Disagreement(what, where=where, do="give each service a database of its own")
    if origin.partitions != settings.partitions:
        what = f"the store was made for {origin.partitions} partitions, not {settings.partitions}"
        do = f"set DUESTREAM_PARTITIONS to {origin.partitions}; the number cannot change"
        yield Disagreement(what, where=where, do=do)


def faults_of_ids(
    cluster_id: str, topic_ids: Mapping[str, str], cluster: ClusterFacts, settings: Settings
) -> Iterator[Disagreement]:
    """Yield where the cluster or a topic is another than the one that is known by its id."""
    if cluster.id != cluster_id:
        what = f"this is cluster {cluster.id}, and what is known comes from {cluster_id}"
        do = "set DUESTREAM_KAFKA to that cluster, or DUESTREAM_DATABASE to a store of this one"
        yield Disagreement(what, where=settings.kafka, do=do)
    for name, topic_id in topic_ids.items():
        facts = cluster.topics.get(name)
        if facts is None or facts.id is None or facts.id == topic_id:
            continue
        what = f"{name} was deleted and made anew: its id was {topic_id} and is {facts.id}"
        do = "its old records are gone with it; restore the cluster, or begin all with empty stores"
        yield Disagreement(what, where=f"topic {name} at {settings.kafka}", do=do)


def faults_of_memory(begins: Mapping[Place, int], settings: Settings) -> Iterator[Disagreement]:
    """Yield where the clock, whose memory is the log, would forget what it has said."""
    for (topic, partition), begin in begins.items():
        if begin > 0:
            what = f"{topic}/{partition} begins at {begin}: what was said before is gone"
            do = "restore the topic; the clock would say those days and terms once more"
            yield Disagreement(what, where=settings.kafka, do=do)


def faults_of_places(
    positions: Mapping[Place, int], begins: Mapping[Place, int], ends: Mapping[Place, int]
) -> dict[int, str]:
    """Return why a partition cannot go on: what comes next in its store is not in the log."""
    faults = {}
    for place, begin in begins.items():
        (topic, partition), at = place, positions.get(place, 0)
        if begin > at:
            gone = f"{at} to {begin - 1}, {begin - at} in all"
            faults[partition] = f"{topic}/{partition}: records are gone unread, {gone}"
        elif ends.get(place, at) < at:
            faults[partition] = (
                f"{topic}/{partition}: the log ends at {ends[place]}, and the store has "
                f"applied {at - 1}: is it another log, or an older copy?"
            )
    return faults


def fault_of_published(published: PublishedOffset, said: int, store_id: str | None) -> str | None:
    """Return why this store, which has *said* so many outputs, is not that of its group."""
    if published.offset < 0:
        return None
    if published.metadata and published.metadata != store_id:
        whose = f"the store {published.metadata}, and this is {store_id or 'empty'}"
        return f"what was published is of {whose}"
    if published.offset > said:
        return (
            f"the store has said {said} outputs, and Kafka has {published.offset}: "
            "it is an older copy, or another one"
        )
    return None
