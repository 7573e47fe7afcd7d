"""Where settings, topics and store contradict each other, each with both sides of its edge."""

import pytest
from aiokafka.structs import OffsetAndMetadata

from schemas.topics import CONTRACTS, TERMS
from services.runtime.kafka.cluster import ClusterFacts, TopicFacts
from services.runtime.kafka.disagreement import (
    Disagreement,
    durable,
    fault_of_published,
    faults_of_durability,
    faults_of_ids,
    faults_of_memory,
    faults_of_origin,
    faults_of_places,
    faults_of_replication,
    faults_of_topics,
    refuse,
)
from services.runtime.settings import Settings
from services.runtime.store.origin import StoreOrigin

TOLD = Settings(kafka="localhost:9", partitions=4)
AS_MADE = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "CreateTime",
    "max.message.bytes": "1048588",
    "unclean.leader.election.enable": "false",
}


def on(brokers, *, replicas=1):
    """Return settings that ask for so many replicas, and a cluster of so many brokers."""
    return TOLD.model_copy(update={"replication": replicas}), ClusterFacts("K", {}, brokers)


def cluster(partitions=4, *, cluster_id="K", topic_id="A", topic=CONTRACTS, **configs):
    said = AS_MADE | {name.replace("_", "."): value for name, value in configs.items()}
    return ClusterFacts(cluster_id, {topic.name: TopicFacts(topic_id, partitions, said)})


def whats(faults):
    return [fault.what for fault in faults]


def test_topics_as_topics_apply_makes_them_are_as_we_rely_on():
    assert whats(faults_of_topics(TOLD, [CONTRACTS, TERMS], cluster())) == []
    assert whats(faults_of_topics(TOLD, [TERMS], cluster(1, topic=TERMS))) == []


@pytest.mark.parametrize("partitions", [3, 5])
def test_a_topic_has_as_many_partitions_as_the_setting_says(partitions):
    [fault] = faults_of_topics(TOLD, [CONTRACTS], cluster(partitions))

    assert fault.what == f"contracts has {partitions} partitions, not 4"
    assert fault.where == "topic contracts at localhost:9"
    assert fault.do == f"set DUESTREAM_PARTITIONS to {partitions}, if all topics have as many"


def test_terms_have_one_partition_whatever_the_setting_says():
    [fault] = faults_of_topics(TOLD, [TERMS], cluster(4, topic=TERMS))

    assert fault.what == "terms has 4 partitions, not 1"


@pytest.mark.parametrize(
    ("setting", "bad", "good"),
    [
        ("cleanup.policy", ["compact", "compact,delete"], ["delete"]),
        ("retention.ms", ["604800000", "0"], ["-1"]),
        ("retention.bytes", ["1073741824"], ["-1"]),
        ("message.timestamp.type", ["LogAppendTime"], ["CreateTime"]),
        ("max.message.bytes", ["1048587"], ["1048588", "2000000"]),
        ("unclean.leader.election.enable", ["true"], ["false"]),
    ],
)
def test_settings_by_which_records_would_be_lost_are_refused(setting, bad, good):
    for value in bad:
        [fault] = faults_of_topics(TOLD, [CONTRACTS], cluster(**{setting.replace(".", "_"): value}))
        assert fault.what.startswith(f"contracts has {setting}={value}: ")
        assert f"--entity-name contracts --add-config {setting}={AS_MADE[setting]}" in fault.do
    for value in good:
        assert (
            whats(
                faults_of_topics(TOLD, [CONTRACTS], cluster(**{setting.replace(".", "_"): value}))
            )
            == []
        )


@pytest.mark.parametrize(("kept", "count"), [("86399999", 1), ("86400000", 0), ("-1", 0)])
def test_a_topic_that_may_expire_keeps_its_records_as_long_as_it_says(kept, count):
    daily = CONTRACTS._replace(retention_days=1)

    assert len(whats(faults_of_topics(TOLD, [daily], cluster(retention_ms=kept)))) == count


def test_brokers_that_do_not_name_a_setting_are_taken_at_their_word():
    silent = ClusterFacts("K", {"contracts": TopicFacts(None, 4, {})})

    assert whats(faults_of_topics(TOLD, [CONTRACTS], silent)) == []


def origin(service="dunning", partitions=4):
    return StoreOrigin("b1", service, "K", partitions, {"contracts": "A"})


def test_books_are_those_of_the_service_and_of_the_number_of_partitions():
    assert whats(faults_of_origin(origin(), "dunning", TOLD, "here")) == []
    assert whats(faults_of_origin(origin("invoicing"), "dunning", TOLD, "here")) == [
        "this is the store of invoicing, not of dunning"
    ]
    assert whats(faults_of_origin(origin(partitions=12), "dunning", TOLD, "here")) == [
        "the store was made for 12 partitions, not 4"
    ]


def test_cluster_and_topics_are_those_that_are_known():
    known = ("K", {"contracts": "A"})

    assert whats(faults_of_ids(*known, cluster(), TOLD)) == []
    assert whats(faults_of_ids(*known, cluster(cluster_id="L"), TOLD)) == [
        "this is cluster L, and what is known comes from K"
    ]
    assert whats(faults_of_ids(*known, cluster(topic_id="B"), TOLD)) == [
        "contracts was deleted and made anew: its id was A and is B"
    ]
    assert whats(faults_of_ids(*known, cluster(topic_id=None), TOLD)) == []
    assert whats(faults_of_ids("K", {}, cluster(), TOLD)) == []


@pytest.mark.parametrize(
    ("position", "begin", "end", "why"),
    [
        (5, 0, 5, None),
        (5, 5, 5, None),
        (5, 5, 9, None),
        (5, 6, 9, "contracts/2: records are gone unread, 5 to 5, 1 in all"),
        (5, 9, 9, "contracts/2: records are gone unread, 5 to 8, 4 in all"),
        (
            5,
            0,
            4,
            "contracts/2: the log ends at 4, and the store has applied 4: is it another log, or "
            "an older copy?",
        ),
        (None, 0, 0, None),
        (None, 1, 1, "contracts/2: records are gone unread, 0 to 0, 1 in all"),
    ],
)
def test_what_is_next_in_the_books_is_in_the_log_or_its_end(position, begin, end, why):
    place = ("contracts", 2)
    positions = {} if position is None else {place: position}

    faults = faults_of_places(positions, {place: begin}, {place: end})

    assert faults == ({} if why is None else {2: why})


@pytest.mark.parametrize(
    ("published", "said", "store", "is_wrong"),
    [
        ((-1, ""), 0, "b1", False),
        ((-1, ""), 7, "b1", False),
        ((7, "b1"), 7, "b1", False),
        ((7, "b1"), 9, "b1", False),
        ((8, "b1"), 7, "b1", True),
        ((7, "b2"), 7, "b1", True),
        ((7, "b2"), 0, None, True),
        ((0, "b2"), 0, "b1", True),
        ((0, "b1"), 0, "b1", False),
        # Of before offsets carried an id.
        ((7, ""), 7, "b1", False),
        ((7, ""), 6, "b1", True),
        ((7, ""), 0, None, True),
    ],
)
def test_the_store_has_said_all_that_was_published_and_nobody_else_has(
    published, said, store, is_wrong
):
    assert (fault_of_published(OffsetAndMetadata(*published), said, store) is not None) is is_wrong


def test_why_books_are_not_those_of_their_group_is_said():
    assert fault_of_published(OffsetAndMetadata(8, "b1"), 7, "b1") == (
        "the store has said 7 outputs, and Kafka has 8: it is an older copy, or another one"
    )
    assert fault_of_published(OffsetAndMetadata(8, "b2"), 7, "b1") == (
        "what was published is of the store b2, and this is b1"
    )
    assert fault_of_published(OffsetAndMetadata(8, "b2"), 0, None) == (
        "what was published is of the store b2, and this is empty"
    )


def test_the_clock_does_not_begin_where_its_memory_was_cut():
    begins = {("days", 0): 0, ("terms", 0): 3}

    assert whats(faults_of_memory(begins, TOLD)) == [
        "terms/0 begins at 3: what was said before is gone"
    ]


def test_the_first_disagreement_is_raised_with_all_that_is_to_be_said():
    refuse([])
    with pytest.raises(Disagreement) as raised:
        refuse(faults_of_topics(TOLD, [CONTRACTS], cluster(3)))

    assert str(raised.value) == (
        "contracts has 3 partitions, not 4 (topic contracts at localhost:9): "
        "set DUESTREAM_PARTITIONS to 3, if all topics have as many"
    )


@pytest.mark.parametrize(("replicas", "most"), [(1, "1"), (2, "2"), (3, "2"), (4, "3"), (5, "3")])
def test_most_replicas_have_what_is_acknowledged_and_none_leads_that_lacks_it(replicas, most):
    assert durable(replicas) == {
        "min.insync.replicas": most,
        "unclean.leader.election.enable": "false",
    }


@pytest.mark.parametrize(
    ("replicas", "least", "what"),
    [
        (1, "1", []),
        (3, "2", []),
        (3, "3", []),
        (3, "1", ["contracts has min.insync.replicas=1: of 3 replicas so many have"]),
        (4, "2", []),
        (4, "1", ["contracts has min.insync.replicas=1: of 4 replicas so many have"]),
        (2, "1", ["contracts has min.insync.replicas=1: of 2 replicas so many have"]),
    ],
)
def test_what_is_acknowledged_must_outlive_a_broker(replicas, least, what):
    facts = TopicFacts("A", 4, AS_MADE | {"min.insync.replicas": least}, replicas)

    there = ClusterFacts("K", {"contracts": facts}, 3)

    found = whats(faults_of_durability(TOLD, [CONTRACTS], there))

    # Not among what is asked again and again: replicas may be on their way to other brokers.
    assert whats(faults_of_topics(TOLD, [CONTRACTS], there)) == []
    assert [each.partition(" what is")[0] for each in found] == what


@pytest.mark.parametrize(
    ("brokers", "replicas", "do"),
    [
        (1, 1, []),
        (3, 3, []),
        (3, 2, []),
        (2, 1, ["set DUESTREAM_REPLICATION to 2"]),
        (5, 1, ["set DUESTREAM_REPLICATION to 3"]),
        (1, 3, ["start the others, or set DUESTREAM_REPLICATION to 1"]),
        (2, 3, ["start the others, or set DUESTREAM_REPLICATION to 2"]),
    ],
)
def test_topics_are_made_with_as_many_replicas_as_a_broker_s_death_asks_for(brokers, replicas, do):
    found = faults_of_replication(*on(brokers, replicas=replicas))

    assert [fault.do for fault in found] == do
