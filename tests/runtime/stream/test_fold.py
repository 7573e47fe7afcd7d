"""The fold on plain values: identities, what waits, what is dead-lettered, filed pieces."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.contracts import ContractChanged
from schemas.days import DayBegan
from schemas.deliveries import Bounced
from schemas.envelope import Event
from schemas.message import Refused
from schemas.payments import PaymentReceived
from schemas.topics import DELIVERIES
from services.runtime.stream import dedup
from services.runtime.stream.calendar import PartitionCalendar
from services.runtime.stream.changes import Missing
from services.runtime.stream.contract import Contracts
from services.runtime.stream.fold import Fold
from services.runtime.stream.record import Record
from services.runtime.worker import Wake
from tests.support.events import charged_back, line, paid, policy, registered, reversed_, webhook
from tests.support.tally import FILING, WORKER, day, process

ON = date(2026, 2, 1)
T = "2026-02-01T09:00:00+01:00"


def refuses_first(tally, message, context):
    if isinstance(message, PaymentReceived):
        raise Refused("unlucky", "13.00")
    return process(tally, message, context)


# Refuses money of a contract that it does not know, where the other waits.
UNLUCKY = replace(WORKER, process=refuses_first)


class Table:
    """A fold with one partition's desk, told messages one after the other."""

    def __init__(self, worker=WORKER):
        self.contracts = Contracts()
        self.fold, self.offset = Fold(worker, self.contracts), 0
        self.fold.calendars[0] = PartitionCalendar()
        self.known = {}

    def tell(self, topic, message, *, time=T, name=None, partition=0):
        record = self._record(topic, message, time, name, partition)
        decoded = self.fold.read(record)
        self.fold.apply(decoded)
        if decoded.message is not None:
            self.fold.retry(record.key)
        return self

    def begin(self, on, *contracts, entity="acme"):
        event = day(on, entity=entity)
        began = DayBegan(legal_entity_id=entity, day=on)
        self.fold.calendars[0].hear(event, began)
        for contract in contracts:
            for step in self.fold.steps_of_day((contract, 0), Record("days", 0, 0, event), began):
                step()
        return self

    def _record(self, topic, message, time, name, partition):
        self.offset += 1
        event = Event.from_line(line(message, time, name=name))
        return Record(topic, partition, self.offset, event, event.timestamp)

    @property
    def said(self):
        found = []
        for output in self.fold.changes.outputs:
            if output.topic == DELIVERIES.name:
                message = DELIVERIES.messages[0].model_validate_json(output.content.data)
                found.append(message.delivery_id)
            else:
                found.append(dict(output.content.headers)["dl-reason"])
        return found

    @property
    def lasts(self):
        return [output.last for output in self.fold.changes.outputs]


class Looking(Table):
    """As an engine does, it looks up what is missing, finds nothing, and does the step again."""

    def tell(self, topic, message):
        decoded = self.fold.read(self._record(topic, message, T, None, 0))
        self._surely(lambda: self.fold.apply(decoded))
        self._surely(lambda: self.fold.retry(decoded.record.key))
        return self

    def _surely(self, step):
        while True:
            try:
                return step()
            except Missing as missing:
                nothing = dict.fromkeys(missing.names)
                self.contracts[missing.key].pieces |= nothing


def test_the_same_event_again_is_counted_and_has_no_effect():
    table = (
        Table().tell("contracts", registered(), name="a").tell("contracts", registered(), name="a")
    )
    assert table.said == ["registered-0"]
    assert table.fold.changes.counts["duplicates"] == 1


def test_the_same_fact_under_another_event_id_is_a_duplicate_for_ever():
    table = Table().tell("contracts", registered())
    table.tell("payments", paid("p", "1.00", ON))
    table.begin(date(2029, 1, 1)).tell("payments", paid("p", "1.00", ON))
    assert table.said == ["registered-0", "p", "p"]


def test_another_fact_under_the_same_event_id_is_a_conflict_within_400_days():
    table = Table().begin(date(2026, 1, 1)).tell("contracts", registered())
    table.tell("payments", paid("p", "1.00", ON), name="same")
    table.begin(date(2027, 2, 4)).tell("payments", paid("q", "1.00", ON), name="same")
    assert table.said[3:] == ["conflict"]

    table.begin(date(2027, 2, 5)).tell("payments", paid("r", "1.00", ON), name="same")
    assert table.said[4:] == ["r", "r"]


def test_a_refused_message_is_not_remembered_so_that_it_may_be_sent_again():
    table = Table().tell("contracts", registered())
    table.tell("payments", paid("p", "13.00", ON), name="x")
    table.tell("payments", paid("p", "12.00", ON), name="x")
    assert table.said == ["registered-0", "unlucky", "p", "p"]


def test_what_waited_is_applied_in_the_order_in_which_it_can_be():
    table = Table().tell("chargebacks", reversed_("cb", ON))
    table.tell("chargebacks", charged_back("cb", "p", "1.00", ON))
    table.tell("payments", paid("p", "1.00", ON))
    table.tell("contracts", registered())

    assert table.said == ["registered-0", "p", "p", "cb", "no cb"]
    assert table.contracts["C1", 0].waiting == ()


def test_of_two_that_waited_for_the_same_the_first_to_come_is_applied_first():
    table = Table()
    for name in ("b", "a", "c"):
        table.tell("payments", paid(name, "1.00", ON))
    table.tell("contracts", registered())
    assert table.said == ["registered-0", "b", "b", "a", "a", "c", "c"]


@pytest.mark.parametrize("cached", [True, False])
def test_a_piece_that_must_be_looked_up_does_not_change_the_order_of_what_waited(cached):
    table = Looking(FILING)
    table.tell("chargebacks", charged_back("c1", "p1", "1.00", ON))
    table.tell("payments", paid("p1", "1.00", ON)).tell("payments", paid("p2", "1.00", ON))
    if not cached:
        table.contracts["C1", 0].pieces.clear()

    table.tell("contracts", registered())

    facts = [name for _, name in table.fold.changes.filed]
    assert facts == ["p1", "c1", "p2"]


def test_what_waits_is_remembered_and_its_repetition_a_duplicate():
    table = Table().tell("payments", paid("p", "1.00", ON)).tell("payments", paid("p", "1.00", ON))
    assert len(table.contracts["C1", 0].waiting) == 1
    assert table.tell("payments", paid("p", "2.00", ON)).said == ["conflict"]


def test_what_waited_and_is_refused_in_the_end_may_be_sent_again():
    table = Table().tell("payments", paid("p", "13.00", ON)).tell("contracts", registered())
    assert table.said == ["registered-0", "unlucky"]
    assert table.tell("payments", paid("p", "12.00", ON)).said[2:] == ["p", "p"]


@pytest.mark.parametrize(("days", "said"), [(29, []), (30, ["unreferenced"])])
def test_what_waits_in_vain_is_dead_lettered_after_30_days(days, said):
    table = Table().begin(ON).tell("payments", paid("p", "1.00", ON))
    assert table.begin(ON + timedelta(days=days), "C1").said == said


def test_what_came_before_the_first_day_waits_30_days_from_that_day():
    table = Table().tell("payments", paid("p", "1.00", ON))

    table.begin(ON, "C1")
    assert [each.until for each in table.contracts["C1", 0].waiting] == [ON + timedelta(days=30)]
    assert table.begin(ON + timedelta(days=29), "C1").said == []
    assert table.begin(ON + timedelta(days=30), "C1").said == ["unreferenced"]


def test_each_day_asks_for_a_contract_that_is_not_known_and_the_bound_for_one_that_is():
    table = Table().tell("payments", paid("p", "1.00", ON)).begin(ON, "C1")
    assert table.fold.index(("C1", 0)).on == date.min

    known = Table().tell("contracts", registered()).begin(ON)
    known.tell("chargebacks", charged_back("cb", "p", "1.00", ON))
    known.contracts["C1", 0].wake = Wake("acme")
    assert known.fold.index(("C1", 0)).on == ON + timedelta(days=30)


def test_what_was_dead_lettered_in_vain_may_be_sent_again():
    table = Table().begin(ON).tell("payments", paid("p", "1.00", ON))
    table.begin(ON + timedelta(days=30), "C1").tell("contracts", registered())
    assert table.tell("payments", paid("p", "2.00", ON)).said == [
        "unreferenced",
        "registered-0",
        "p",
        "p",
    ]


def test_no_more_than_100_records_of_a_contract_wait():
    table = Table()
    for number in range(101):
        table.tell("payments", paid(f"p{number}", "1.00", ON))
    assert table.said == ["unreferenced"]
    assert len(table.contracts["C1", 0].waiting) == 100

    # The one too many was not remembered.
    table.tell("contracts", registered()).tell("payments", paid("p100", "1.00", ON))
    assert len(table.said) == 1 + 1 + 2 * 101


def test_no_more_than_a_million_bytes_of_a_contract_wait():
    table = Table()
    invoices = [f"{number:0200}" for number in range(1_000)]
    for number in range(4):
        table.tell("payments", paid(f"long {number}", "1.00", ON, *invoices))
    assert (table.said, len(table.contracts["C1", 0].waiting)) == ([], 4)

    table.tell("payments", paid("long 4", "1.00", ON, *invoices))
    assert (table.said, len(table.contracts["C1", 0].waiting)) == (["unreferenced"], 4)
    table.tell("payments", paid("short", "1.00", ON))
    assert (table.said, len(table.contracts["C1", 0].waiting)) == (["unreferenced"], 5)


def test_what_would_make_a_service_say_too_much_is_dead_lettered_and_changes_nothing():
    def says(tally, message, context):
        said = Bounced(contract_id=tally.contract_id, delivery_id="d", channel="email")
        return replace(tally, facts=("f",)), (said.model_copy(update={"reason": "x" * 1_000_000}),)

    table = Table(replace(WORKER, process=says)).tell("payments", paid("p", "1.00", ON))

    assert (table.said, "C1" in table.contracts) == (["too_large"], False)


def test_only_the_last_output_of_a_cause_is_marked():
    table = Table().tell("payments", paid("p", "1.00", ON)).tell("contracts", registered())
    table.begin(ON, "C1")
    assert table.said == ["registered-0", "p", "p", "day-2026-02-01"]
    assert table.lasts == [True, False, True, True]


def stray(table, *, number=1):
    """Tell of a payment that came to partition 1 of a contract that is not known there."""
    table.fold.calendars.setdefault(1, PartitionCalendar())
    return table.tell("payments", paid(f"p{number}", "1.00", ON), partition=1)


def test_what_comes_to_another_partition_waits_there_and_takes_nothing_from_the_contract():
    table = stray(Table())
    table.tell("contracts", registered()).tell("payments", paid("q", "1.00", ON))

    assert table.said == ["registered-0", "q", "q"]
    assert len(table.contracts["C1", 1].waiting) == 1
    assert table.contracts["C1", 0].state.facts == ("q",)


def test_where_the_contract_is_known_to_be_elsewhere_a_record_is_dead_lettered_at_once():
    table = Table()
    table.fold.homes["payments/1/1"] = 0
    stray(table)

    assert table.said == ["elsewhere"]
    assert dict(table.fold.changes.outputs[0].content.headers)["dl-detail"] == (
        "the contract is kept on partition 0"
    )
    assert table.fold.changes.strays == {"payments/1/1": 0}
    assert table.contracts == {}


def test_also_a_second_registration_is_dead_lettered_where_the_contract_is_elsewhere():
    table = Table()
    table.fold.calendars[1] = PartitionCalendar()
    table.fold.homes["contracts/1/1"] = 0

    assert table.tell("contracts", registered(), partition=1).said == ["elsewhere"]


def test_a_contract_that_is_known_here_is_here_whatever_is_said_of_elsewhere():
    table = Table().tell("contracts", registered())
    table.fold.homes["payments/0/2"] = 1

    assert table.tell("payments", paid("p", "1.00", ON)).said == ["registered-0", "p", "p"]


def test_what_waits_on_another_partition_is_dead_lettered_on_the_day_its_home_is_known():
    table = stray(stray(Table()), number=2)
    assert table.fold.index(("C1", 1)).on == date.min
    event = day(ON)
    began, record = DayBegan(legal_entity_id="acme", day=ON), Record("days", 1, 0, event)
    known = {f"payments/1/{n} on days/1/0": 0 for n in (1, 2)}
    for home in ({}, known):
        table.fold.homes |= home
        for step in table.fold.steps_of_day(("C1", 1), record, began):
            step()
        waiting = len(table.contracts["C1", 1].waiting)
        assert (table.said, waiting) == ((["elsewhere"] * 2, 0) if home else ([], 2))
    assert table.fold.changes.strays == known


def test_what_was_known_on_a_day_only_puts_nothing_aside_when_it_comes():
    """As a replay is told from the start what was found out later."""
    table = Table()
    table.fold.homes["payments/1/1 on days/1/0"] = 0

    assert stray(table).said == []


def test_a_record_that_was_refused_leaves_no_contract_behind():
    other = Table(UNLUCKY)
    other.fold.calendars[1] = PartitionCalendar()
    other.tell("payments", paid("p", "13.00", ON), partition=1)
    assert (other.said, other.contracts) == (["unlucky"], {})
    assert other.tell("contracts", registered()).said == ["unlucky", "registered-0"]


def says_nonsense(tally, message, context):
    if isinstance(message, PaymentReceived):
        Bounced(contract_id=tally.contract_id, delivery_id="", channel="email")
    return process(tally, message, context)


def test_where_a_message_of_ours_would_be_refused_by_its_readers_the_cause_is_dead_lettered():
    table = Table(replace(WORKER, process=says_nonsense)).tell("contracts", registered())
    table.tell("payments", paid("p", "1.00", ON))

    assert table.said == ["registered-0", "invalid"]
    assert dict(table.fold.changes.outputs[1].content.headers)["dl-detail"] == (
        "a Bounced that follows would be wrong at delivery_id: "
        "String should have at least 1 character"
    )
    assert table.contracts["C1", 0].state.facts == ()


def test_a_refusal_leaves_what_is_known_of_a_contract_as_it_was():
    table = Table().tell("contracts", registered(), name="a")
    table.tell("payments", paid("p", "13.00", ON)).tell("contracts", registered(), name="a")
    assert table.said == ["registered-0", "unlucky"]


def test_a_contract_of_another_entity_does_not_hear_a_day():
    table = Table().tell("contracts", registered(legal_entity_id="other"))
    assert table.begin(ON, "C1").said == ["registered-0"]


def test_a_contract_that_moves_to_an_entity_whose_day_comes_later_hears_that_day():
    table = Table().tell("contracts", registered()).begin(ON, "C1")
    assert table.contracts["C1", 0].heard == ON

    table.tell("contracts", ContractChanged(contract_id="C1", legal_entity_id="west"))
    assert table.contracts["C1", 0].heard is None


def test_what_waited_without_an_entity_keeps_no_contract_from_the_first_day_of_its_own():
    table = Table().tell("payments", paid("p", "1.00", ON)).begin(ON, "C1", entity="east")
    table.tell("contracts", registered())
    assert table.contracts["C1", 0].heard is None


def test_time_is_that_of_the_cause_but_not_before_the_day_that_has_begun():
    table = Table().tell("contracts", registered(), time="2026-02-01T09:00:00+01:00")
    table.begin(date(2026, 2, 3))
    table.tell("payments", paid("p", "1.00", ON), time="2026-02-02T09:00:00Z")
    table.tell("payments", paid("q", "1.00", ON), time="2026-02-03T09:00:00Z")
    assert [output.content.time for output in table.fold.changes.outputs] == [
        "2026-02-01T09:00:00+01:00",
        "2026-02-03T00:00:00+01:00",
        "2026-02-03T00:00:00+01:00",
        "2026-02-03T09:00:00Z",
        "2026-02-03T09:00:00Z",
    ]


def test_sequences_count_over_all_that_is_said_of_a_contract():
    table = Table().tell("contracts", registered()).tell("payments", paid("p", "1.00", ON))
    extensions = [dict(output.content.extensions) for output in table.fold.changes.outputs]
    assert [each["sequence"] for each in extensions] == ["1", "2", "3"]
    assert [each["causedby"] for each in extensions] == [
        "contracts/0/1",
        "payments/0/2",
        "payments/0/2",
    ]


def test_filed_pieces_are_asked_for_before_anything_is_done():
    table = Table(FILING).tell("contracts", registered())
    with pytest.raises(Missing) as raised:
        table.tell("payments", paid("p", "1.00", ON))
    assert raised.value.names == {"p"}
    assert table.said == ["registered-0"]
    assert len(dedup.unpack(table.contracts["C1", 0].recent)) == 2

    table.contracts["C1", 0].pieces["p"] = None
    table.tell("payments", paid("p", "1.00", ON))
    assert table.fold.changes.filed == {(("C1", 0), "p"): "p"}
    assert table.contracts["C1", 0].state.facts == ()


def test_a_filed_piece_is_put_back_for_the_message_that_names_it():
    table = Table(FILING).tell("contracts", registered())
    table.contracts["C1", 0].pieces = {"p": "p"}
    table.tell("chargebacks", charged_back("cb", "p", "1.00", ON))
    assert table.said == ["registered-0", "cb"]
    assert table.fold.changes.filed == {(("C1", 0), "p"): "p", (("C1", 0), "cb"): "cb"}


def test_terms_in_force_are_those_heard_so_far():
    table = Table().tell("contracts", registered())
    terms = Event.from_line(line(policy(webhook(3)), T))
    table.fold.calendars[0].hear(terms, policy(webhook(3)))
    second = registered().model_copy(update={"contract_id": "C2"})
    assert table.tell("contracts", second).said == ["registered-0", "registered-1"]


def test_news_of_an_entity_last_until_its_next_day():
    calendar = PartitionCalendar()
    calendar.hear(Event.from_line(line(policy(webhook(3)), T)), policy(webhook(3)))
    assert calendar.news == {"acme"}
    calendar.hear(day(ON, entity="other"), DayBegan(legal_entity_id="other", day=ON))
    assert calendar.news == {"acme"}
    calendar.hear(day(ON), DayBegan(legal_entity_id="acme", day=ON))
    assert calendar.news == set()
    earlier = ON - timedelta(days=1)
    calendar.hear(day(earlier), DayBegan(legal_entity_id="late", day=earlier))
    assert calendar.today == ON
