"""Effects: what is declared, what the fold keeps of them, and an embedded run that acts."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.envelope import Event
from schemas.outcomes import ActBegan, ActPutOff, ActUnknown, PutOff
from services.runtime.embedded.embedded import Embedded
from services.runtime.stream.calendar import PartitionCalendar
from services.runtime.stream.contract import Contracts
from services.runtime.stream.fold import Fold
from services.runtime.stream.record import Record
from tests.support.events import ACME, line, paid
from tests.support.letters import (
    OUTCOMES,
    WORKER,
    NotSent,
    Sent,
    effects,
    nothing,
    sent,
    with_acts,
)

T = "2026-02-01T09:00:00+01:00"
DAY = date(2026, 2, 1)


def test_gaps_between_attempts_double_up_to_the_longest():
    mail = replace(
        effects(nothing).effects[1], gap=timedelta(seconds=1), longest_gap=timedelta(seconds=7)
    )

    assert [mail.gap_after(n).total_seconds() for n in (1, 2, 3, 4, 5, 99)] == [1, 2, 4, 7, 7, 7]


def test_a_service_that_does_not_read_its_outcomes_is_refused():
    reads = tuple(each for each in WORKER.reads if each is not OUTCOMES)

    with pytest.raises(TypeError, match="letters: it does not read"):
        replace(WORKER, reads=reads, handles=WORKER.handles - {Sent, NotSent})


def test_an_intent_on_no_topic_that_it_writes_is_refused():
    with pytest.raises(TypeError, match="letters: DeliveryIntended: intended on no topic"):
        replace(WORKER, writes=())


class Folded:
    """One contract, folded; outcomes and notes come at the next offset."""

    def __init__(self):
        self.contracts = Contracts()
        self.fold = Fold(WORKER, self.contracts)
        self.fold.calendars = {0: PartitionCalendar()}
        self._offset = 0

    def take(self, topic, message):
        self._offset += 1
        event = Event.from_line(line(message, T, name=f"e{self._offset}"))
        record = Record(topic, 0, self._offset, event, event.timestamp)
        self.fold.apply(self.fold.read(record))
        return self

    @property
    def acts(self):
        return [(each.effect, each.attempt, each.phase) for each in self.contracts["C1", 0].acts]

    @property
    def id(self):
        return self.contracts["C1", 0].acts[0].id

    @property
    def counts(self):
        return self.fold.changes.counts


def intended(amount="1.00"):
    return Folded().take("payments", paid("p1", amount, DAY))


def note(kind, folded, attempt=1):
    return kind(contract_id="C1", effect_id=folded.id, attempt=attempt)


def test_an_intent_that_is_said_is_open():
    assert intended("1.00").acts == [("letter", 0, "waits")]
    assert intended("2.00").acts == [("mail", 0, "waits")]


def test_how_far_an_act_has_come_is_noted_and_decides_nothing():
    folded = intended()
    said, state = len(folded.fold.changes.outputs), folded.contracts["C1", 0].state

    folded.take(OUTCOMES.name, note(ActBegan, folded))
    assert folded.acts == [("letter", 1, "began")]
    folded.take(OUTCOMES.name, note(ActPutOff, folded))
    assert folded.acts == [("letter", 1, "waits")]
    folded.take(OUTCOMES.name, note(ActBegan, folded, 2))
    folded.take(OUTCOMES.name, note(ActPutOff, folded, 1))  # of a past attempt
    assert folded.acts == [("letter", 2, "began")]
    folded.take(OUTCOMES.name, note(ActUnknown, folded, 2))
    assert folded.acts == [("letter", 2, "unknown")]
    assert (len(folded.fold.changes.outputs), folded.contracts["C1", 0].state) == (said, state)


def test_it_is_remembered_since_when_an_act_is_tried_and_when_it_is_tried_again():
    folded = intended()
    first, second = datetime(2026, 2, 1, 9, tzinfo=UTC), datetime(2026, 2, 1, 10, tzinfo=UTC)
    said = {"contract_id": "C1", "effect_id": folded.id, "attempt": 1}

    def times():
        act = folded.contracts["C1", 0].acts[0]
        return act.first_at, act.until

    folded.take(OUTCOMES.name, ActBegan(**said, first_at=first))
    assert times() == (first, None)
    folded.take(OUTCOMES.name, ActPutOff(**said, until=second))
    assert times() == (first, second)
    folded.take(OUTCOMES.name, ActBegan(**said | {"attempt": 2}, first_at=first))
    assert times() == (first, None)


def test_a_note_of_nothing_that_is_known_makes_no_contract():
    folded = Folded().take(OUTCOMES.name, ActBegan(contract_id="C1", effect_id="no", attempt=1))

    assert "C1" not in folded.contracts


def test_an_outcome_settles_its_act_and_is_decided_from():
    folded = intended()
    outcome = Sent(contract_id="C1", effect_id=folded.id)
    folded.take(OUTCOMES.name, outcome)

    assert folded.acts == []
    said = [each.content.type for each in folded.fold.changes.outputs]
    assert said == ["DeliveryIntended", "Dispatched"]
    assert folded.fold.changes.settled == [(0, outcome.effect_id)]


def test_a_second_outcome_of_an_act_is_a_duplicate_or_is_dead_lettered():
    folded = intended()
    effect_id = folded.id
    for _ in range(2):
        folded.take(OUTCOMES.name, Sent(contract_id="C1", effect_id=effect_id))
    folded.take(OUTCOMES.name, NotSent(contract_id="C1", effect_id=effect_id))

    assert folded.counts["duplicates"] == 1
    assert folded.counts["dead letters: conflict"] == 1
    assert len(folded.fold.changes.settled) == 1


def test_an_outcome_of_what_was_never_intended_is_dead_lettered():
    folded = Folded().take(OUTCOMES.name, Sent(contract_id="C1", effect_id="never"))

    assert folded.counts["dead letters: conflict"] == 1
    assert "C1" not in folded.contracts


def test_what_is_not_sent_is_intended_anew_under_another_id():
    folded = intended()
    first = folded.id
    folded.take(OUTCOMES.name, NotSent(contract_id="C1", effect_id=first))

    assert folded.acts == [("letter", 0, "waits")]
    assert folded.id != first


class Post:
    """Does what is intended; the first two attempts of a mail are put off."""

    def __init__(self):
        self.done = []

    async def __call__(self, intent):
        if intent.message.channel == "email" and intent.attempt < 3:
            raise PutOff
        self.done.append((intent.message.delivery_id, intent.attempt))
        return sent(intent)


def embedded(folder, act, *payments):
    run = Embedded((with_acts(act),), folder)
    lines = [line(ACME, "2026-02-01T00:00:00+01:00", name="acme")]
    lines += [line(each, T, name=each.payment_id) for each in payments]
    asyncio.run(run.run(lines, until=date(2026, 2, 10)))
    return run


def test_an_embedded_run_acts_when_the_intent_is_on_the_log_and_tries_again_the_next_day(tmp_path):
    post = Post()
    payments = [paid(*each, DAY) for each in (("p1", "2.00"), ("p2", "1.00"), ("p3", "2.00"))]
    run = embedded(tmp_path, post, *payments)

    # The mail of the third payment waits for that of the first, which left on the 3rd of February.
    assert post.done == [("p2", 1), ("p1", 3), ("p3", 3)]
    said = [(each.type, each.time[:10]) for each in run.log.topics["letters.outcomes"]]
    assert [each for each in said if each[0] == "Sent"] == [
        ("Sent", "2026-02-01"),
        ("Sent", "2026-02-03"),
        ("Sent", "2026-02-05"),
    ]
    types = [each.type for each in run.log.topics["deliveries"]]
    assert (types.count("DeliveryIntended"), types.count("Dispatched")) == (3, 3)


def test_two_embedded_runs_leave_the_same_log(tmp_path):
    payments = [paid(f"p{n}", f"{n % 2 + 1}.00", DAY) for n in range(6)]
    logs = []
    for name in ("one", "other"):
        run = embedded(tmp_path / name, Post(), *payments)
        logs.append({topic: [e.to_line() for e in said] for topic, said in run.log.topics.items()})

    assert logs[0] == logs[1]
