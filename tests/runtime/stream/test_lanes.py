"""Which acts may begin: in order per contract, each effect by itself, none unpublished."""

from collections import Counter

from schemas.envelope import Event
from schemas.frozen import replace
from services.runtime.stream.acts import OpenAct
from services.runtime.stream.lanes import Lanes
from tests.support.letters import effects, nothing


def act(name, seq, *, contract="C1", effect="letter"):
    time = "2026-02-01T09:00:00+01:00"
    event = Event(id=name, source="/s", type="T", time=time, subject=contract, data=b"{}")
    return OpenAct(effect, "deliveries", event, seq)


def lanes(*acts, at_once=2, most=10, busy=None):
    made = Lanes(effects(nothing, at_once=at_once), Counter() if busy is None else busy, most=most)
    for each in acts:
        made.add(each)
    return made


def taken(made, published=99):
    return [each.id for each in made.take(published=published)]


def test_acts_of_one_contract_begin_one_after_the_other():
    made = lanes(act("a", 0), act("b", 1), act("c", 2, contract="C2"))

    assert taken(made) == ["a", "c"]
    made.give_back("a")
    assert taken(made) == []  # its outcome is not taken yet
    made.remove("a")
    assert taken(made) == ["b"]


def test_what_is_not_published_does_not_begin():
    made = lanes(act("a", 5), act("b", 6, contract="C2"))

    assert taken(made, published=4) == []
    assert taken(made, published=5) == ["a"]
    assert taken(made, published=6) == ["b"]


def test_no_more_begin_than_may_be_done_at_once_by_all_partitions_together():
    busy = Counter()
    one, other = lanes(act("a", 0), at_once=1, busy=busy), lanes(act("b", 0), at_once=1, busy=busy)

    assert (taken(one), taken(other)) == (["a"], [])
    one.give_back("a")
    assert taken(other) == ["b"]


def test_another_effect_waits_for_no_slot_and_no_lane_of_this_one():
    made = lanes(act("a", 0), act("b", 1), act("m", 2, effect="mail"), at_once=1)

    assert taken(made) == ["a", "m"]


def test_what_is_put_off_keeps_its_lane_and_frees_its_slot():
    first = act("a", 0)
    made = lanes(first, act("b", 1), act("c", 2, contract="C2"), at_once=1)

    assert taken(made) == ["a"]
    made.give_back("a")
    assert taken(made) == ["c"]
    made.give_back("c")
    made.offer_again(replace(first, attempt=1))
    assert [each.attempt for each in made.take(published=99)] == [1]


def test_what_was_settled_by_hand_while_it_waited_lets_the_next_come():
    made = lanes(at_once=1)
    made.add(act("a", 0), rests=True)
    made.add(act("b", 1))

    assert taken(made) == []
    made.remove("a")
    assert taken(made) == ["b"]


def test_an_effect_that_is_not_declared_any_more_is_never_begun():
    assert taken(lanes(act("a", 0, effect="fax"))) == []


def test_it_is_full_of_one_effect_and_has_room_for_another():
    made = lanes(act("a", 0), act("b", 1), most=2)

    assert (made.is_full("letter"), made.is_full("mail")) == (True, False)
    made.remove("a")
    assert (made.is_full("letter"), made.is_half_full("letter")) == (False, False)
