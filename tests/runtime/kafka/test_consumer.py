"""The seam to Faust: what of its inside is leaned on, and that chunks prove they are whole."""

import asyncio
import hashlib
import inspect
from functools import cache
from importlib.util import find_spec, module_from_spec
from types import SimpleNamespace

import aiokafka
import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
    TopicAuthorizationFailedError,
)
from aiokafka.structs import ConsumerRecord, TopicPartition
from faust.transport import drivers
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from services.runtime.kafka import batches, consumer
from services.runtime.kafka.retry import Patience
from services.runtime.settings import Settings

# What services/runtime/kafka/consumer.py and app.py override, call or rely on not to change, with a
# hash of its source. One that differs after an upgrade: read what is new there against the
# comments of the transport, run tests/kafka, and only then renew the hash.
LEANED_ON = {
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._create_worker_consumer": "9468539acb",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._commit": "94ce9f856d",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._ensure_consumer": "280408bf35",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.assignment": "fb1284d0c9",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.getmany": "85851ecccb",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread._fetch_records": "e4c1fd3b51",
    "faust.transport.drivers.aiokafka:AIOKafkaConsumerThread.seek_wait": "642556fdaa",
    "faust.transport.drivers.aiokafka:Consumer._new_consumer_thread": "c320121959",
    "faust.transport.drivers.aiokafka:Consumer._to_message": "25479e8470",
    "faust.transport.consumer:Consumer.getmany": "ef42c70d71",
    "faust.transport.consumer:Consumer._wait_next_records": "975bd1945e",
    "faust.transport.consumer:Consumer._get_active_partitions": "b907951066",
    "faust.transport.consumer:Consumer.on_buffer_full": "152e155570",
    "faust.transport.consumer:Consumer.on_partitions_revoked": "38d3eebdc2",
    "faust.transport.consumer:Consumer.on_partitions_assigned": "442cd48d4f",
    "faust.transport.consumer:Consumer.perform_seek": "022d0fdc85",
    "faust.transport.consumer:Consumer.stop_flow": "3e2cf93f70",
    "faust.transport.consumer:Consumer.resume_flow": "fa533f40aa",
    "faust.transport.consumer:ThreadDelegateConsumer._getmany": "87038ad635",
    "faust.transport.consumer:ThreadDelegateConsumer._commit": "44bda1bd84",
    "faust.transport.consumer:ThreadDelegateConsumer.seek_to_committed": "dd5247cec8",
    "faust.transport.consumer:Consumer.seek_wait": "93b615bc41",
    "faust.tables.recovery:Recovery._wait": "b4603063f8",
    "faust.tables.recovery:Recovery._resume_streams": "1fc3e279db",
    "faust.app.base:App.on_start": "f5e3fb71cb",
    "faust.app.base:App._on_partitions_revoked": "7358c7b8b0",
    "faust.app.base:App._on_partitions_assigned": "a27234654b",
    "mode.threads:QueueServiceThread.call_thread": "3a5870fddb",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.getmany": "56f5e34bca",
    "aiokafka.consumer.consumer:AIOKafkaConsumer.position": "570a7595a1",
    "aiokafka.consumer.fetcher:Fetcher.fetched_records": "b4c1e82475",
    "faust.transport.consumer:Consumer.pause_partitions": "db05ffc113",
    "faust.transport.consumer:Consumer.on_buffer_drop": "6cb91948c8",
    "aiokafka.consumer.fetcher:Fetcher._proc_fetch_request": "a0d0a01970",
    "aiokafka.consumer.fetcher:PartitionRecords.__init__": "8f8e834af0",
    "aiokafka.consumer.fetcher:PartitionRecords.__next__": "225c53d29b",
    "aiokafka.consumer.fetcher:PartitionRecords._unpack_records": "f0889f4c0a",
    "aiokafka.consumer.fetcher:FetchResult.getall": "6c870fc159",
    "aiokafka.admin.client:AIOKafkaAdminClient._send_request": "4f96411c07",
    "aiokafka.admin.client:AIOKafkaAdminClient.describe_configs": "a60f416abd",
    "aiokafka.admin.client:AIOKafkaAdminClient.list_consumer_group_offsets": "8a5029121f",
    "aiokafka.protocol.api:Request.prepare": "d0bc203ffc",
    "aiokafka.producer.producer:TransactionContext.__aexit__": "b4c736a484",
    "aiokafka.producer.producer:AIOKafkaProducer.start": "1ee74e90b7",
    "aiokafka.producer.sender:Sender.start": "2320731b52",
}

VERSIONS = {"faust": "0.15.3", "aiokafka": "0.14.0"}


@cache
def as_installed(module):
    """Return *module* as its file has it: an app that was built put batches of ours into it."""
    spec = find_spec(module)
    fresh = module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return fresh


def find(name):
    module, _, path = name.partition(":")
    found = as_installed(module)
    for part in path.split("."):
        found = inspect.getattr_static(found, part)
    found = getattr(found, "fget", None) or getattr(found, "__func__", found)
    return found


@pytest.mark.parametrize("name", LEANED_ON)
def test_what_is_leaned_on_is_as_it_was_read(name):
    source = inspect.getsource(find(name)).encode()
    assert hashlib.blake2b(source, digest_size=5).hexdigest() == LEANED_ON[name]


def test_the_versions_are_those_that_were_read():
    assert {"faust": faust.__version__, "aiokafka": aiokafka.__version__} == VERSIONS


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (
            AIOKafkaConsumer.__init__,
            "bootstrap_servers client_id group_id group_instance_id fetch_max_wait_ms "
            "request_timeout_ms auto_offset_reset enable_auto_commit metadata_max_age_ms "
            "partition_assignment_strategy max_poll_interval_ms rebalance_timeout_ms "
            "session_timeout_ms heartbeat_interval_ms max_poll_records isolation_level "
            "security_protocol ssl_context sasl_mechanism sasl_plain_username sasl_plain_password",
        ),
        (
            AIOKafkaProducer.__init__,
            "bootstrap_servers transactional_id transaction_timeout_ms retry_backoff_ms "
            "request_timeout_ms max_batch_size max_request_size enable_idempotence "
            "security_protocol ssl_context sasl_mechanism sasl_plain_username sasl_plain_password",
        ),
        (AIOKafkaProducer.send, "topic value key partition timestamp_ms headers"),
        (AIOKafkaProducer.send_offsets_to_transaction, "offsets group_id"),
        (AIOKafkaAdminClient.list_consumer_group_offsets, "group_id partitions"),
        (AIOKafkaConsumer.commit, "offsets"),
        (AIOKafkaConsumer.position, "partition"),
        (AIOKafkaConsumer.end_offsets, "partitions"),
        (AIOKafkaConsumer.beginning_offsets, "partitions"),
    ],
)
def test_what_is_told_to_aiokafka_has_the_names_it_knows(call, names):
    assert set(names.split()) <= set(inspect.signature(call).parameters)


def test_what_is_overridden_exists_and_takes_what_it_took():
    pairs = [
        (consumer.Thread, driver.AIOKafkaConsumerThread, ("_create_worker_consumer", "_commit")),
        (
            consumer.Consumer,
            driver.Consumer,
            (
                "_new_consumer_thread",
                "getmany",
                "on_partitions_revoked",
                "seek_to_committed",
                "_commit",
            ),
        ),
    ]
    for ours, theirs, names in pairs:
        for name in names:
            mine = list(inspect.signature(getattr(ours, name)).parameters)
            assert mine == list(inspect.signature(getattr(theirs, name)).parameters), name


def test_faust_loads_this_transport_for_kafka():
    consumer.install()
    assert drivers.TRANSPORTS.by_name("kafka") is consumer.Transport
    assert issubclass(consumer.Transport, driver.Transport)


A, B = TP("payments", 0), TP("payments", 1)


def record(tp, offset):
    return ConsumerRecord(tp.topic, tp.partition, offset, 0, 0, b"k", b"v", 0, 0, 0, ())


class Intake:
    """What the transport asks of a pump that owns two partitions, of which some are *wrong*."""

    def __init__(self, **wrong):
        self.engine = SimpleNamespace(
            barrier=SimpleNamespace(partitions=list),
            stopped={},
            owned=frozenset({0, 1}),
            transaction=SimpleNamespace(positions={}),
        )
        self.patience, self.wrong, self.undecided = Patience(), wrong, {}

    async def objects(self, owned, positions):
        return self.wrong

    def stop(self, partition, why):
        self.engine.stopped.setdefault(partition, why)


class Fed(consumer.Consumer):
    """A consumer over fetches that are given; None in the place of one stops the flow."""

    should_stop = False

    def __init__(self, *fetches, positions=None):
        self.intake = Intake()
        seam = SimpleNamespace(intake=self.intake, settings=Settings())
        self.app, self.paused = SimpleNamespace(consumer_generation_id=7, seam=seam), set()
        self.flow_active = True
        self._fetches, self._positions = list(fetches), positions or {}
        self._chain, self._looked_at = {A: 0, B: 0}, float("-inf")

    async def _wait_next_records(self, timeout):
        fetch = self._fetches.pop(0)
        if isinstance(fetch, Exception):
            raise fetch
        return fetch

    def pause_partitions(self, places):
        self.paused |= places

    async def _stepped_over(self, *, held):
        return self._positions

    def _to_message(self, tp, carrier):
        return carrier.value


def fetched(consumer, *, meanwhile=lambda: None):
    async def scenario():
        found = []
        async for tp, chunk in consumer.getmany(1.0):
            offsets = [each.offset for each in chunk.records]
            found.append((tp, chunk.start, offsets, chunk.end, chunk.generation))
            meanwhile()
        return found

    return asyncio.run(scenario())


def both(a, b):
    return {A: [record(A, n) for n in a], B: [record(B, n) for n in b]}


def test_a_chunk_starts_where_the_last_one_ended_also_behind_markers():
    consumer = Fed((both([0, 1], []), {A, B}), (both([4], [9]), {A, B}))
    assert fetched(consumer) == [(A, 0, [0, 1], 2, 7)]
    assert fetched(consumer) == [(A, 2, [4], 5, 7), (B, 0, [9], 10, 7)]


def test_markers_are_stepped_over_by_a_chunk_without_records():
    consumer = Fed((both([0], []), {A, B}), positions={A: 3, B: 0})
    assert fetched(consumer) == [(A, 0, [0], 1, 7), (A, 1, [], 3, 7)]


def test_what_was_fetched_and_not_delivered_is_a_gap_in_the_next_chunk():
    consumer = Fed((both([0, 1], [0]), {A}), (both([2], [1]), {A, B}))
    assert fetched(consumer) == [(A, 0, [0, 1], 2, 7)]
    assert fetched(consumer) == [(A, 2, [2], 3, 7), (B, 1, [1], 2, 7)]


def test_nothing_more_is_delivered_when_the_group_has_changed():
    consumer = Fed((both([0], [0]), {A, B}))

    def changed():
        consumer.app.consumer_generation_id = 8

    assert fetched(consumer, meanwhile=changed) == [(A, 0, [0], 1, 7)]


def test_nothing_is_delivered_while_nobody_has_claimed():
    consumer = Fed((both([0], [0]), {A, B}), positions={A: 5})
    consumer._chain = {}
    assert fetched(consumer) == []


def test_a_partition_whose_log_has_not_what_is_next_stops_and_the_others_go_on():
    lost = OffsetOutOfRangeError({TopicPartition(*A): 5})
    consumer = Fed(lost, (both([], [0]), {B}))

    assert fetched(consumer) == []
    assert consumer.intake.engine.stopped == {0: "payments/0: 5 is next, and not in the log"}
    assert consumer.paused == {A}
    assert fetched(consumer) == [(B, 0, [0], 1, 7)]


def test_a_partition_that_nobody_has_claimed_yet_stops_nothing():
    consumer = Fed(NoOffsetForPartitionError(TopicPartition(*A)), (both([0], []), {A, B}))

    assert fetched(consumer) == []
    assert (consumer.intake.engine.stopped, consumer.paused) == ({}, set())
    assert fetched(consumer) == [(A, 0, [0], 1, 7)]


def test_why_a_log_has_not_what_is_next_is_said_where_it_is_known():
    consumer = Fed(OffsetOutOfRangeError({TopicPartition(*A): 5}))
    consumer.intake.wrong = {0: "payments/0: 5 to 8 are gone, and were never applied"}

    assert fetched(consumer) == []
    assert consumer.intake.engine.stopped == consumer.intake.wrong


def test_a_partition_of_which_a_batch_cannot_be_read_stops_at_the_third_try():
    place, consumer = TopicPartition(*B), Fed(*[(both([], []), {A, B})] * 3)
    for _ in range(3):
        assert consumer.intake.engine.stopped == {}
        batches._note(place, 7, ValueError("corrupt"))
        fetched(consumer)
    batches._faults.clear()

    assert consumer.intake.engine.stopped == {
        1: "payments/1/7: cannot be read: ValueError('corrupt')"
    }
    assert consumer.paused == {B}


@pytest.mark.parametrize(
    ("held", "at", "stable", "end", "noted"),
    [
        ([0], 5, 5, 9, True),
        ([0], 4, 5, 9, False),  # what is decided is still to be read
        ([0], 9, 9, 9, False),
        ([1], 5, 5, 9, False),  # no day waits there
        ([0], 5, None, None, False),  # nothing was fetched yet
    ],
)
def test_where_a_day_waits_for_an_open_transaction_it_is_noted(held, at, stable, end, noted):
    consumer = Fed()
    consumer.intake.engine.barrier.partitions = lambda: held
    consumer._thread = SimpleNamespace(bounds=lambda place: (stable, end))

    consumer._note_undecided({A: at}, now=100.0)
    consumer._note_undecided({A: at}, now=107.0)

    assert consumer.intake.undecided == ({("payments", 0): (5, 100.0)} if noted else {})


def test_another_transaction_is_open_since_it_began():
    consumer = Fed()
    consumer.intake.engine.barrier.partitions = lambda: [0]
    for stable, now in ((5, 100.0), (7, 103.0), (7, 108.0)):
        consumer._thread = SimpleNamespace(bounds=lambda place, lso=stable: (lso, 20))
        consumer._note_undecided({A: 9}, now=now)

    assert consumer.intake.undecided == {("payments", 0): (7, 103.0)}


def test_a_topic_that_may_not_be_read_is_waited_for():
    consumer = Fed(TopicAuthorizationFailedError("payments"))

    assert fetched(consumer) == []
    assert consumer.intake.patience.trouble == {"broker": "TopicAuthorizationFailedError: payments"}


def test_nothing_is_delivered_while_the_flow_is_stopped():
    consumer = Fed((both([0], [0]), {A, B}))
    consumer.flow_active = False
    assert fetched(consumer) == []


def test_the_consumer_that_is_made_for_faust_reads_what_is_committed_and_never_moves_by_itself():
    waits = dict.fromkeys(
        ("max_poll_interval", "request_timeout", "session_timeout", "rebalance_timeout"), 60.0
    )
    told = {f"broker_{name}": wait for name, wait in waits.items()} | {
        "id": "dunning",
        "broker_client_id": "faust",
        "broker_max_poll_records": 2_000,
        "broker_heartbeat_interval": 15.0,
        "consumer_group_instance_id": None,
    }
    seam = SimpleNamespace(settings=Settings(kafka="localhost:9"))
    app = SimpleNamespace(conf=SimpleNamespace(**told), assignor=None, seam=seam)

    async def made():
        thread = SimpleNamespace(app=app)
        made = consumer.Thread._create_worker_consumer(thread, None)
        await made.stop()
        return made._isolation_level, made._auto_offset_reset

    assert asyncio.run(made()) == ("read_committed", "none")
