"""What Kafka has to allow: least rights per process, as a page and as resources of Strimzi."""

from pathlib import Path

from schemas.topics import EVERYTHING
from services.cli.commands.access import rights
from services.cli.commands.schemas import pages
from services.registry import EVERY
from services.runtime.kafka.agreement import topics_of
from services.runtime.kafka.clock import topics_of_clock
from services.runtime.settings import Settings
from tests.support.console import duestream

ROOT = Path(__file__).parents[2]
LOOKS = {"Describe", "DescribeConfigs"}


def on(process, resource="topic"):
    return {r.name: set(r.operations) for r in rights()[process] if r.resource == resource}


def test_the_page_of_rights_is_up_to_date():
    written = (ROOT / "docs/access.md").read_text(encoding="utf-8")

    assert written == pages()["access.md"], "make snapshots renews it"


def test_a_service_may_read_its_inputs_and_write_its_outputs_and_nothing_else():
    assert on("dunning")["payments"] == LOOKS | {"Read"}
    assert on("dunning")["reminders"] == LOOKS | {"Write"}
    assert on("dunning")["dunning.dead-letters"] == LOOKS | {"Write"}
    assert on("invoicing")["invoices"] == LOOKS | {"Write"}
    assert on("usage")["invoices"] == LOOKS | {"Read"}
    assert "usage" not in on("dunning")
    for name, worker in EVERY.items():
        assert set(on(name)) == {topic.name for topic in topics_of(worker)}


def test_a_service_has_two_groups_and_its_transactional_ids():
    assert on("usage", "group") == {
        "usage": {"Read", "Describe"},
        "usage.outbox": {"Read", "Describe"},
    }
    assert on("usage", "transactionalId") == {"usage-": {"Write", "Describe"}}


def test_the_clock_may_look_at_all_and_write_days_alone():
    writes = {name for name, may in on("clock").items() if "Write" in may}
    reads = {name for name, may in on("clock").items() if "Read" in may}

    assert writes == {"days", "clock.dead-letters"}
    assert {topic.name for topic in topics_of_clock(Settings())} <= reads
    assert on("clock")["payments"] == LOOKS


def test_strimzi_gets_all_topics_and_a_user_for_each_process():
    text = duestream(
        *("topics", "strimzi", "--cluster", "main"),
        **{
            "DUESTREAM_TOPIC_PREFIX": "eu_",
            "DUESTREAM_PARTITIONS": "6",
            "DUESTREAM_REPLICATION": "3",
        },
    ).stdout

    assert text.count("kind: KafkaTopic\n") == len(EVERYTHING)
    assert text.count("kind: KafkaUser\n") == 5
    assert (
        "---\napiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata:\n  name: eu-payments\n"
        "  labels:\n    strimzi.io/cluster: main\nspec:\n  topicName: eu_payments\n"
        '  partitions: 6\n  replicas: 3\n  config:\n    cleanup.policy: "delete"\n'
        '    retention.ms: "-1"\n    message.timestamp.after.max.ms: "9223372036854775807"\n'
        '    min.insync.replicas: "2"\n    unclean.leader.election.enable: "false"\n'
    ) in text
    assert (
        "      - resource:\n          type: transactionalId\n          name: eu_dunning-\n"
        "          patternType: prefix\n        operations: [Write, Describe]\n"
    ) in text
