"""The verifier on a life that is right, and on copies of it that were spoiled: each is reported."""

import asyncio
import json
from dataclasses import replace
from datetime import date

import pytest

from schemas.contracts import ContractRegistered
from schemas.days import DayBegan
from schemas.envelope import Event, Raw
from services.dunning.app import worker
from services.runtime.embedded.replay import replay
from services.runtime.ops.verify.evidence import Evidence, is_said_by
from services.runtime.ops.verify.verify import Report, judge
from services.runtime.store.store import Cut
from services.runtime.stream.order import compact
from services.runtime.stream.record import Record
from services.runtime.stream.wire import Packed, headers_to_text, pack, unpack
from tests.support.events import (
    ACME,
    charged_back,
    invoice,
    line,
    paid,
    policy,
    registered,
    reminder,
    webhook,
)

AT = "2026-01-10T09:00:00+01:00"
ON = date(2026, 1, 10)
STEPS = policy(webhook(3), reminder(5), webhook(6))


def day(number):
    began = DayBegan(legal_entity_id="acme", day=date(2026, 1, number))
    data = began.model_dump_json().encode()
    time = f"2026-01-{number:02}T00:00:00+01:00"
    named = {"id": f"day-{number}", "source": "/duestream/clock", "type": "DayBegan"}
    return Event(**named, time=time, subject="acme", data=data)


SAID = [
    ("days", ACME),
    ("days", STEPS),
    ("days", day(10)),
    ("contracts", registered()),
    ("invoices", invoice("A", "119.00", date(2026, 1, 11))),
    ("invoices", invoice("B", "50.00", date(2026, 1, 12))),
    ("payments", paid("p1", "19.00", date(2026, 1, 10))),
    ("payments", paid("p1", "19.00", date(2026, 1, 10))),
    ("chargebacks", charged_back("b1", "p1", "19.00", date(2026, 1, 10))),
    ("chargebacks", charged_back("b2", "p9", "19.00", date(2026, 1, 10), fee=None)),
    ("payments", ContractRegistered(**registered().model_dump())),
    *(("days", day(number)) for number in range(11, 20)),
    ("payments", paid("p2", "169.00", date(2026, 1, 19))),
]


def inputs():
    ends, records = {}, []
    for number, (topic, message) in enumerate(SAID):
        said = message
        if not isinstance(said, Event):
            said = Event.from_line(line(message, AT, name=f"e{number}"))
        offset = ends.get(topic, 0)
        ends[topic] = offset + 1
        records.append(unpack(topic, 0, offset, pack(said)))
    return records


def logged(outputs):
    """What a log holds of *outputs*: records with offsets of their own."""
    ends, records = {}, []
    for each in outputs:
        offset = ends.get(each.topic, 0)
        ends[each.topic] = offset + 1
        records.append(unpack(each.topic, 0, offset, pack(each.content)))
    return records


def rows(outputs, first=0):
    """The rows of the outbox that *outputs* are, as the store returns them."""
    return [Row(first + n, each) for n, each in enumerate(outputs)]


class Row:
    def __init__(self, seq, output):
        packed = pack(output.content)
        self.seq, self.topic, self.key, self.value = seq, output.topic, packed.key, packed.value
        self.headers = headers_to_text(packed.headers)


def evidence(outbox_from=None):
    """A service that has applied all; its outbox holds what it said from a seq on."""
    records = inputs()
    runs = [compact([(each.topic, each.offset) for each in records])]
    said = asyncio.run(replay(worker, records, {0: runs}, partitions=1))
    first = len(said) if outbox_from is None else outbox_from
    positions = {topic: sum(each.topic == topic for each in records) for topic, _ in SAID}
    cut = Cut(positions | {"#outbox": len(said)}, runs, rows(said[first:], first))
    return Evidence(partition=0, before=cut, outputs=logged(said), after=cut, inputs=records)


def judged(given):
    report = Report("dunning")
    asyncio.run(judge(worker, given, report))
    return report


def lines(given):
    return [f"{where}: {what}" for what, where in judged(given).violations]


def spoiled(given, change):
    """*given* with its outputs changed; offsets as a log would give them."""
    ends, outputs = {}, []
    for each in change(list(given.outputs)):
        offset = ends.get(each.topic, 0)
        ends[each.topic] = offset + 1
        outputs.append(replace(each, offset=offset))
    return replace(given, outputs=outputs)


def place_of(outputs, type_):
    return next(n for n, each in enumerate(outputs) if each.event.type == type_)


def with_data(record, change):
    """*record* with other data."""
    data = json.loads(record.event.data)
    change(data)
    return with_event(record, replace(record.event, data=json.dumps(data).encode()))


def with_event(record, event):
    packed = pack(event)
    raw = Raw(packed.key, packed.value, packed.headers)
    return Record(record.topic, record.partition, record.offset, event, record.timestamp, raw)


def test_a_life_that_is_right_is_clean():
    report = judged(evidence())

    assert report.violations == []
    assert report.counts["inputs"] == 21
    assert report.counts["contracts"] == 1
    assert report.counts["outputs"] > 20


def test_what_is_published_and_not_yet_deleted_is_clean():
    assert lines(evidence(outbox_from=5)) == []


def test_what_is_in_the_outbox_and_not_yet_published_is_clean():
    given = evidence(outbox_from=5)
    short = asyncio.run(replay(worker, given.inputs, {0: given.after.order}, partitions=1))[:5]

    assert lines(replace(given, outputs=logged(short))) == []


def test_a_day_that_stopped_in_its_middle_is_clean():
    """The first slice of a day is in the store, the day itself is not in the order yet."""
    given = evidence()
    until_day = given.inputs[: SAID.index(("days", SAID[-2][1]))]
    runs = [compact([(each.topic, each.offset) for each in until_day])]
    before = asyncio.run(replay(worker, until_day, {0: runs}, partitions=1))
    offset = given.inputs[len(until_day)].offset
    positions = given.after.positions | {"days": offset, "payments": 3, "#begun": offset + 1}
    cut = Cut(positions | {"#outbox": len(before)}, runs, [])

    assert lines(replace(given, before=cut, after=cut, outputs=logged(before))) == []


def dropped(outputs):
    return [each for n, each in enumerate(outputs) if n != place_of(outputs, "ReminderCreated")]


def doubled_at_the_end(outputs):
    return [*outputs, outputs[place_of(outputs, "ReminderCreated")]]


def doubled_in_place(outputs):
    at = place_of(outputs, "EntryPosted")
    return [*outputs[: at + 1], *outputs[at:]]


def reordered(outputs):
    at = [n for n, each in enumerate(outputs) if each.event.type == "EntryPosted"]
    outputs[at[0]], outputs[at[1]] = outputs[at[1]], outputs[at[0]]
    return outputs


def with_another_amount(outputs):
    at = place_of(outputs, "EntryPosted")
    outputs[at] = with_data(outputs[at], lambda data: data["money"].update(amount="118.00"))
    return outputs


def with_a_hole(outputs):
    at = place_of(outputs, "ReminderCreated")
    event = outputs[at].event
    said = dict(event.extensions)
    said["sequence"] = str(int(said["sequence"]) + 100)
    outputs[at] = with_event(outputs[at], replace(event, extensions=tuple(said.items())))
    return outputs


def with_another_cause(outputs):
    at = place_of(outputs, "ReminderCreated")
    event = outputs[at].event
    said = dict(event.extensions) | {"causedby": "days/0/999"}
    outputs[at] = with_event(outputs[at], replace(event, extensions=tuple(said.items())))
    return outputs


def with_a_dead_letter_less(outputs):
    return [each for each in outputs if each.topic != "dunning.dead-letters"]


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        (dropped, ["reminders/0: missing: ReminderCreated", ": sequence"]),
        (doubled_at_the_end, ["reminders/0/1: stands twice: ReminderCreated"]),
        (
            doubled_in_place,
            [
                "receivables/0/1: stands twice: EntryPosted",
                "C1 at receivables/0/1: sequence 1 where 2 is next",
                "C1: I1: entry 1 is the contract's entry 2",
            ],
        ),
        (reordered, ["receivables/0/0: out of its order: EntryPosted"]),
        (
            with_another_amount,
            [
                "receivables/0: missing: EntryPosted",
                "receivables/0/0: a replay does not say this: EntryPosted",
                "C1: I1: entry 1 says a balance of 11900, the entries add up to 11800",
            ],
        ),
        (with_a_hole, ["reminders/0: missing: ReminderCreated", ": sequence"]),
        (with_another_cause, ["C1 at reminders/0/0: I8: its cause days/0/999 is not in the log"]),
        (with_a_dead_letter_less, ["dunning.dead-letters/0: missing: dead letter of payments/0/2"]),
    ],
)
def test_a_spoiled_output_is_reported(change, reported):
    found = lines(spoiled(evidence(), change))

    for each in reported:
        assert [line for line in found if each in line], found


def with_books(given, **changed):
    cut = replace(given.after, **changed)
    return replace(given, before=cut, after=cut)


def test_an_input_that_was_applied_twice_is_reported():
    given = evidence()
    order = [*given.after.order, compact([("payments", 0)])]

    assert "payments/0/0: applied twice" in lines(with_books(given, order=order))


def test_an_input_that_was_passed_over_is_reported():
    given = evidence()
    order = [compact([(each.topic, each.offset) for each in given.inputs[:-1]])]

    found = lines(with_books(given, order=order))

    assert "payments/0/3: passed over: before the position, not applied" in found
    assert [each for each in found if each.startswith("outbox/0: the store counts")]


def test_inputs_in_the_wrong_order_of_their_topic_are_reported():
    given = evidence()
    places = [(each.topic, each.offset) for each in given.inputs]
    places[4], places[5] = places[5], places[4]

    found = lines(with_books(given, order=[compact(places)]))

    assert "invoices/0/0: applied behind a later record of its topic" in found


def test_an_input_that_the_log_lost_is_reported():
    given = evidence()

    found = lines(replace(given, inputs=given.inputs[:-1]))

    assert "payments/0/3: applied, and not in the log" in found
    assert "partition 0: no replay: payments/0/3 is not in the log" in found


def test_a_row_of_the_outbox_that_was_changed_is_reported():
    given = evidence(outbox_from=5)
    given.after.outbox[2].value += b" "

    assert "outbox/0/7: a replay says something else" in lines(given)


def test_a_row_that_is_missing_in_the_outbox_is_reported():
    given = evidence(outbox_from=5)
    del given.after.outbox[2]

    assert [each for each in lines(given) if "is missing in the outbox" in each]


@pytest.mark.parametrize(
    ("topic", "source", "judged"),
    [
        ("deliveries", "/duestream/dunning", True),
        ("deliveries", "/letters/shop", False),
        ("reminders", "/letters/shop", True),
    ],
)
def test_where_others_may_write_too_only_what_the_service_said_is_judged(topic, source, judged):
    event = replace(Event.from_line(line(paid("p", "1.00", date(2026, 1, 1)), AT)), source=source)

    assert is_said_by(worker, unpack(topic, 0, 0, pack(event))) is judged


def test_an_unreadable_record_where_others_may_write_is_not_judged():
    assert not is_said_by(worker, unpack("deliveries", 0, 0, Packed(b"C", b"{", (), None)))


def test_a_contract_that_is_kept_elsewhere_is_refused_again_by_a_replay():
    """A producer spread it over two partitions: what this one refused, no replay may let wait."""
    stray = unpack("payments", 0, 0, pack(Event.from_line(line(paid("p", "1.00", ON), AT))))
    order = {0: [compact([("payments", 0)])]}

    [letter] = asyncio.run(
        replay(worker, [stray], order, partitions=2, elsewhere={"payments/0/0": 1})
    )

    assert dict(letter.content.headers)["dl-detail"] == "the contract is kept on partition 1"
    assert asyncio.run(replay(worker, [stray], order, partitions=2)) == []
