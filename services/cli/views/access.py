"""What is on Kafka, for those who run it: a page of rights, and the same as Strimzi's resources."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from schemas.topics import EVERYTHING, Topic
from services.runtime.kafka.disagreement import durable
from services.runtime.ops.access import Right

Rights = Mapping[str, Sequence[Right]]

_HEAD = """\
# What Kafka has to allow

Made by `duestream schemas --write` from the declarations of the services; a test fails where this
page is not up to date. With a `topic_prefix` every name below begins with it. `duestream topics
strimzi` writes topics and users as resources of the Strimzi operator.

A service reads its inputs in a consumer group of its own name. What it has published stands as the
committed offset of a second group, `<service>.outbox`, written in the same Kafka transaction as the
outputs. It has a transactional id for each partition: `<service>-<partition>`, and where it acts
upon the world `<service>-outcomes-<partition>`. Topics are made by whoever runs `duestream topics
apply`, with `Create` on them; a service makes none.

The commands: `publish`, `write-off` and `tax-changes` need `Write` on the topics that they write;
`payments move` also the transactional id `payments-move`, and a redrive `redrive` with `Write` on
`redrives` and on the inputs; whatever explains, lists or verifies reads all topics, and `verify`
and `--in-step` also `Describe` the groups. All of them describe the topics and their settings
first.

| process | on | name | may |
|---|---|---|---|
"""


def page(rights: Rights) -> str:
    """Return the page, as Markdown."""
    rows = [
        f"| {process} | {_kind(each)} | `{_pattern(each)}` | {', '.join(each.operations)} |"
        for process, some in rights.items()
        for each in some
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _kind(right: Right) -> str:
    return "transactional id" if right.resource == "transactionalId" else right.resource


def _pattern(right: Right) -> str:
    return f"{right.name}*" if right.is_prefix else right.name


def strimzi(rights: Rights, *, cluster: str, prefix: str, partitions: int, replicas: int) -> str:
    """Return topics and users of *cluster* as YAML documents; what is not said is Kafka's default.

    A topic's resource may have another name than the topic, as Kubernetes allows no underscore.
    """
    topics = {
        prefix + topic.name: _topic(topic, prefix, partitions=partitions, replicas=replicas)
        for topic in EVERYTHING
    }
    users = {prefix + process: _user(some, prefix) for process, some in rights.items()}
    documents = [
        *(_resource("KafkaTopic", name, spec, cluster) for name, spec in topics.items()),
        *(_resource("KafkaUser", name, spec, cluster) for name, spec in users.items()),
    ]
    return "".join(documents)


def _resource(kind: str, name: str, spec: Iterable[str], cluster: str) -> str:
    head = [
        "---\napiVersion: kafka.strimzi.io/v1",
        f"kind: {kind}",
        f"metadata:\n  name: {name.replace('_', '-').lower()}",
        f"  labels:\n    strimzi.io/cluster: {cluster}",
        "spec:",
    ]
    return "\n".join([*head, *spec]) + "\n"


def _topic(topic: Topic, prefix: str, *, partitions: int, replicas: int) -> Iterator[str]:
    yield f"  topicName: {prefix}{topic.name}"
    yield f"  partitions: {topic.partitions or partitions}"
    yield f"  replicas: {replicas}"
    yield "  config:"
    configs = topic.configs | durable(replicas)
    yield from (f"    {name}: {json.dumps(value)}" for name, value in configs.items())


def _user(rights: Iterable[Right], prefix: str) -> Iterator[str]:
    yield "  authentication:\n    type: scram-sha-512"
    yield "  authorization:\n    type: simple\n    acls:"
    for each in rights:
        yield f"      - resource:\n          type: {each.resource}"
        yield f"          name: {prefix}{each.name}"
        yield f"          patternType: {'prefix' if each.is_prefix else 'literal'}"
        yield f"        operations: [{', '.join(each.operations)}]"
