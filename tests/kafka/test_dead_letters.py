"""Dead letters on a real Kafka: dead-lettered by a worker, looked at, and sent again."""

import asyncio
import json
from datetime import date

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from services.runtime.ops.dead_letters import redrive
from tests.support import workers
from tests.support.console import duestream
from tests.support.events import (
    ACME,
    charged_back,
    invoice,
    line,
    paid,
    policy,
    registered,
    webhook,
)
from tests.support.servers import until
from tests.support.workers import SAID, WorkerProcess

AT = "2026-02-01T10:00:00+01:00"
MONTH = [
    line(ACME, "2026-02-01T00:00:00+01:00", name="1"),
    line(policy(webhook(5)), "2026-02-01T00:00:00+01:00", name="2"),
    line(registered(), AT, name="3"),
    line(invoice("A", "50.00", date(2026, 2, 2)), AT, name="4"),
    line(charged_back("b", "q", "30.00", date(2026, 2, 2)), AT, name="5"),
]
MONTH += [each.replace(b'"C1"', b'"C9"') for each in MONTH[2:4]]


class Shop:
    """A broker with all topics, a worker of dunning, and a hand to send what no producer should."""

    def __init__(self, told, folder):
        self.told, self.address, self.folder = told, told.kafka, folder

    def publish(self, *lines, last):
        path = self.folder / "events.jsonl"
        path.write_bytes(b"\n".join(lines))
        result = duestream("publish", path, "--until", last)
        assert result.exit_code == 0, result.stderr

    def send(self, topic, value, *, key=b"C1", headers=(), partition=0):
        """Send a record as it is; return its place."""
        return asyncio.run(self._send(topic, value, key, headers, partition))

    async def _send(self, topic, value, key, headers, partition):
        async with AIOKafkaProducer(bootstrap_servers=self.address) as producer:
            done = await producer.send_and_wait(
                topic, value, key=key, headers=list(headers), partition=partition
            )
        return f"{done.topic}/{done.partition}/{done.offset}"

    def record(self, place):
        """Return what stands there."""
        return asyncio.run(self._record(place))

    async def _record(self, place):
        topic, partition, offset = place.split("/")
        async with AIOKafkaConsumer(bootstrap_servers=self.address) as consumer:
            consumer.assign([TopicPartition(topic, int(partition))])
            consumer.seek(TopicPartition(topic, int(partition)), int(offset))
            async with asyncio.timeout(30):
                return await consumer.getone()

    def letters(self):
        """Return all dead letters by the place of the record."""
        listed = json.loads(duestream("dead-letters", "list", "--json").stdout)
        return {each["place"]: each for each in listed}

    def await_letters(self, *places):
        until(lambda: self.letters().keys() >= set(places), f"{places} are dead-lettered")
        return [self.letters()[place] for place in places]


@pytest.fixture(scope="module")
def shop(kafka, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    told = workers.settings(kafka, folder, partitions=2)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in workers.environment(told).items():
            environment.setenv(name, value)
        assert duestream("topics", "apply").exit_code == 0
        worker = WorkerProcess(told, "only", folder).start()
        try:
            yield Shop(told, folder)
        finally:
            worker.kill()


def said(type_, **more):
    """Return the headers of a CloudEvent about C1."""
    told = {"id": "x", "source": "/psp", "type": type_, "time": AT, "subject": "C1", **more}
    headers = [(f"ce_{name}", text.encode()) for name, text in told.items()]
    return [*headers, ("ce_specversion", b"1.0")]


def payment(name, **more):
    return json.dumps(
        {
            "contract_id": "C1",
            "payment_id": name,
            "money": {"amount": "1.00", "currency": "CHF"},
            "received_on": "2026-02-03",
            **more,
        }
    ).encode()


@pytest.fixture(scope="module")
def bad(shop):
    """A month without its payment q, and records that no service can use; the places of all."""
    shop.publish(*MONTH, last="2026-03-05")
    [lost] = [place for place in shop.letters() if place.startswith("chargebacks/")]
    ours = int(lost.split("/")[1])

    def send(*words, **more):
        return shop.send("payments", *words, partition=ours, **more)

    return {
        "lost": lost,
        "no JSON": send(b'{"a": \xff\x1b[2J', headers=said("PaymentReceived", id="1")),
        "no headers": send(b"{}"),
        "a header without a value": send(b"{}", headers=[("trace", None)]),
        "another key": send(payment("k"), key=b"C2", headers=said("PaymentReceived", id="2")),
        "unknown type": send(payment("u"), headers=said("PaymentLost", id="3")),
        "currency": send(payment("x"), headers=[*said("PaymentReceived", id="4"), ("trace", b"7")]),
        "no value": send(None, headers=said("PaymentReceived", id="5")),
    }


def test_what_no_service_can_use_is_listed_with_its_reason(shop, bad):
    found = dict(zip(bad, shop.await_letters(*bad.values()), strict=True))

    assert {name: each["reason"] for name, each in found.items()} == {
        "lost": "unreferenced",
        "no JSON": "undecodable",
        "no headers": "undecodable",
        "a header without a value": "undecodable",
        "another key": "undecodable",
        "unknown type": "unknown_type",
        "currency": "currency",
        "no value": "undecodable",
    }
    assert {each["dead_lettered_by"] for each in found.values()} == {"dunning"}
    assert not any(each["redriven"] for each in found.values())
    assert (found["currency"]["contract"], found["currency"]["time"]) == ("C1", AT)


def test_a_record_is_shown_as_it_came_and_steers_no_terminal(shop, bad):
    shop.await_letters(bad["no JSON"])

    page = duestream("dead-letters", "show", bad["no JSON"]).stdout
    whole = json.loads(duestream("dead-letters", "show", bad["no JSON"], "--json").stdout)

    assert '{"a": \\xff\\x1b[2J' in page
    assert "header ce_type PaymentReceived" in page
    assert "\x1b" not in page
    assert whole["value"] == "eyJhIjog/xtbMko="
    assert [name for name, _ in whole["headers"]] == [
        "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_specversion",
    ]  # fmt: skip


def test_what_was_missing_has_come_and_the_redriven_record_counts_once(shop, bad):
    shop.await_letters(bad["lost"])
    shop.publish(line(paid("q", "30.00", date(2026, 2, 2)), AT, name="6"), last="2026-03-05")

    tried = duestream("dead-letters", "redrive", bad["lost"], "--dry-run")
    first = duestream("dead-letters", "redrive", bad["lost"])
    again = duestream("dead-letters", "redrive", bad["lost"])

    assert tried.stdout == f"would send {bad['lost']} again\n"
    assert first.stdout == f"sent {bad['lost']} again\n"
    assert (again.exit_code, again.stdout) == (0, "nothing to redrive\n")
    assert shop.letters()[bad["lost"]]["redriven"]
    # Sent around the note, it is a duplicate: the business fact is known.
    there = shop.record(bad["lost"])
    shop.send(there.topic, there.value, headers=there.headers, partition=there.partition)
    mark = payment("m", money={"amount": "1.00", "currency": "USD"})
    end = shop.send(
        "chargebacks", mark, headers=said("PaymentReceived", id="6"), partition=there.partition
    )
    shop.await_letters(end)
    booked = [each for each in story() if "Booked: chargeback" in each]
    assert booked == [
        "Booked: chargeback 30.00 EUR, 30.00 EUR taken back from invoice R-A. Balance 50.00 EUR."
    ]


def test_what_is_bad_again_is_a_new_dead_letter_and_holds_the_same_record(shop, bad):
    shop.await_letters(bad["currency"])

    assert duestream("dead-letters", "redrive", "--reason", "currency").exit_code == 0

    until(lambda: redrives_of(shop, bad["currency"]), "it is dead-lettered again")
    [new] = redrives_of(shop, bad["currency"])
    before, after = shop.record(bad["currency"]), shop.record(new["place"])
    assert (after.key, after.value) == (before.key, before.value)
    assert after.timestamp == 1769936400_000
    letter = shop.letters()[bad["currency"]]
    assert after.headers == (*before.headers, ("dl-redriven", letter["dead_letter"].encode()))
    assert (letter["redriven"], new["redriven"]) == (True, False)

    assert duestream("dead-letters", "redrive", new["place"]).exit_code == 0
    until(lambda: redrives_of(shop, new["place"]), "and once more")
    [newest] = redrives_of(shop, new["place"])
    assert [name for name, _ in shop.record(newest["place"]).headers].count("dl-redriven") == 1


def redrives_of(shop, place):
    letters = shop.letters()
    return [
        each for each in letters.values() if each["redrive_of"] == letters[place]["dead_letter"]
    ]


def test_terms_are_redriven_to_the_clock(shop, bad):
    place = shop.send("terms", b"{", key=b"standard@2", headers=said("PolicyPublished"))
    shop.publish(last="2026-03-05")
    assert shop.letters()[place]["dead_lettered_by"] == "clock"

    duestream("dead-letters", "redrive", place, "--service", "clock")
    shop.publish(last="2026-03-05")

    [new] = redrives_of(shop, place)
    assert new["place"].startswith("terms/0/")
    assert shop.record(new["place"]).value == b"{"


def test_an_unknown_place_is_refused_before_anything_is_sent(shop, bad):
    result = duestream("dead-letters", "redrive", bad["unknown type"], "payments/0/9999")

    assert result.exit_code == 1
    assert "nothing from there among" in result.stderr
    assert not shop.letters()[bad["unknown type"]]["redriven"]


def test_the_story_from_kafka_is_the_story_from_files(shop, bad, tmp_path):
    events = tmp_path / "events.jsonl"
    events.write_bytes(b"\n".join(MONTH))
    duestream("run", events, "--until", "2026-03-05", "--out", tmp_path / "out")

    from_files = duestream("explain", "C9", "--out", tmp_path / "out").stdout
    from_kafka = duestream("explain", "C9", "--kafka").stdout

    assert "The webhook at 5 days fires" in from_files
    assert from_kafka == from_files


def test_a_contract_that_kafka_does_not_know_is_named_with_near_ones(shop, bad):
    result = duestream("explain", "C8", "--kafka")

    assert result.exit_code == 1
    assert f"no contract C8 among 2\nwhere  {shop.address}" in result.stderr
    assert "such as C1, C9" in result.stderr or "such as C9, C1" in result.stderr


def test_of_several_redrives_at_once_one_sends_and_the_others_are_fenced_or_find_nothing(shop, bad):
    place = bad["no headers"]
    [letter] = [each["dead_letter"] for each in shop.await_letters(place)]

    def choose(dead_lettered):
        return [each for each in dead_lettered if each.place == place]

    async def at_once():
        all_of_them = (redrive(shop.told, ["dunning"], choose) for _ in range(3))
        return await asyncio.gather(*all_of_them, return_exceptions=True)

    ended = asyncio.run(at_once())

    sent = [record.raw.headers for record in workers.read(shop.told, "payments")]
    assert [each for each in ended if not isinstance(each, list | ProducerFenced)] == []
    assert sum(("dl-redriven", letter.encode()) in headers for headers in sent) == 1
    assert sum(len(each) for each in ended if isinstance(each, list)) == 1


def test_what_two_services_dead_lettered_is_sent_once_for_both(shop, bad):
    place = shop.send("contracts", b"{", headers=said("ContractResumed", id="both"))
    [letter] = shop.await_letters(place)
    # Invoicing reads the topic, too; its letter is written here in its place.
    headers = shop.record(letter["dead_letter"]).headers
    shop.send("invoicing.dead-letters", b"{", headers=headers)

    one = duestream("dead-letters", "redrive", place, "--service", "dunning")
    other = duestream("dead-letters", "redrive", place, "--service", "invoicing")

    assert one.stdout == f"sent {place} again\n"
    assert (other.exit_code, other.stdout) == (0, "nothing to redrive\n")
    again = [each for each in workers.read(shop.told, "contracts") if each.raw.value == b"{"]
    assert len(again) == 2


def test_a_replay_dead_letters_the_same_again(shop, bad):
    shop.await_letters(*bad.values())

    def is_equal():
        said = workers.read(shop.told, *SAID, "dunning.dead-letters")
        return workers.replayed(shop.told) == workers.by_place(said)

    until(is_equal, "what was said is what a replay says")


def story():
    told = duestream("explain", "C1", "--kafka", "--json")
    assert told.exit_code == 0, told.exception
    return [each["sentence"] for each in json.loads(told.stdout)]
