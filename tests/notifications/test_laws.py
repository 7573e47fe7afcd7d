"""Whatever comes in whatever order: nobody is told twice, nothing is lost."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.deliveries import Bounced, DeliveryIntended, Dispatched
from schemas.message import Refused
from schemas.reminders import ReminderCancelled
from services.notifications import audit
from tests.support.correspondent import (
    MAIL,
    PostRoom,
    cancelled,
    moved,
    our_credit_note,
    our_invoice,
    released,
    reminded,
    resend,
    reset,
    returned,
)
from tests.support.events import customer
from tests.support.properties import up_to

WAYS = [None, "email", "letter", "archive"]
BOXES = [(), ("a@example.org",), ("a@example.org", "b@example.org")]
customers = st.builds(
    lambda email, boxes, way: customer(
        **({"email": MAIL} if email else {}) | ({"dispatch": way} if way else {}),
        invoice_recipients=boxes,
    ),
    st.booleans(),
    st.sampled_from(BOXES),
    st.sampled_from(WAYS),
)
# Of each topic in its order; between topics any order may come.
topics = st.fixed_dictionaries(
    {
        "invoices": st.just(
            [our_invoice("R1"), our_invoice("R2"), our_credit_note("G1", "40.00", invoice_id="R1")]
        ),
        "reminders": st.sampled_from(
            [
                [reminded("D1", "R1")],
                [reminded("D1", "R1", "R2"), cancelled("D1"), reminded("D2", "R1")],
                [reminded("D1", "R1", send="manual"), released("D1")],
                [reminded("D1", "R1", send="manual"), cancelled("D1")],
                [reminded("D1", "R1", dispatch="letter"), reminded("D2", "R2", step=2)],
            ]
        ),
        "escalations": st.sampled_from([[], [reset()], [reset("run-0")]]),
        "contracts": st.sampled_from([[], [moved(email="new@example.org")], [moved()]]),
        "instructions": st.sampled_from([[], [resend("R1")], [resend("D1"), resend("G1")]]),
    }
)
# What comes next: a record of a topic, an outcome, something that came back, or a day.
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["record", "record", "make", "make", "fail", "leave", "leave", "refuse", "back", "day"]
        ),
        st.integers(0, 99),
    ),
    max_size=60,
)


class World:
    """A post room, and the records of each topic that it has not heard yet."""

    def __init__(self, who, said):
        self.post = PostRoom(customer=who)
        # From which of what was said on a reminder is over.
        self.over = {}
        self.left = {"contracts": [self.post.registration, *said.pop("contracts")], **said}

    def step(self, kind, number):
        post = self.post
        if kind == "record":
            some = [each for each in self.left.values() if each]
            if some:
                self._hear(some[number % len(some)].pop(0))
        elif kind == "make" and post.drafts:
            post.make()
        elif kind == "fail" and post.drafts:
            post.fail_to_make()
        elif kind == "leave" and post.deliveries:
            post.hand_over()
        elif kind == "refuse" and post.deliveries:
            post.fail_to_hand_over(closes=number % 2 == 0)
        elif kind == "back" and (sent := self._may_come_back()):
            post.hear(returned(sent[number % len(sent)]))
        elif kind == "day":
            post.until(post.day.month, post.day.day + 1) if post.day.day < 28 else None

    def end(self):
        """Let all be heard and done."""
        while any(self.left.values()):
            self.step("record", 0)
        for _ in range(4):
            self.post.work()
            self.step("day", 0)
        self.post.work()
        return self

    def _hear(self, message):
        # A copy of what is on its way, or was never sent, is refused.
        with suppress(Refused):
            self.post.hear(message)
        if message not in self.post.waiting:
            self.over |= dict.fromkeys(ended_by(message) - self.over.keys(), len(self.post.said))

    def _may_come_back(self):
        back = {each.delivery_id for each in self.post.all_of("Bounced")}
        sent = [each for each in self.post.all_of("Dispatched") if each.channel != "archive"]
        return [each.delivery_id for each in sent if each.delivery_id not in back]


def ended_by(message):
    if message == reset():
        return {"D1", "D2"}
    return {message.dunning_id} if isinstance(message, ReminderCancelled) else set()


def played(who, said, some):
    world = World(who, {topic: [*records] for topic, records in said.items()})
    for kind, number in some:
        world.step(kind, number)
    return world.end()


@settings(max_examples=up_to(150), deadline=None)
@given(customers, topics, steps)
def test_in_any_order_what_was_said_holds_together(who, said, some):
    post = played(who, said, some).post

    assert [*audit.faults(each for _, each in post.said)] == []
    assert (post.contract.acts, post.waiting) == ({}, [])


@settings(max_examples=up_to(150), deadline=None)
@given(customers, topics, steps)
def test_every_document_that_stands_reached_somebody_or_is_said_to_reach_nobody(who, said, some):
    world = played(who, said, some)

    post = world.post
    stands = {"R1", "R2", "G1", *(each.document_id for each in post.all_of("DocumentDrafted"))}
    ends = {each.document.id for each in post.all_of("Dispatched") if not each.is_copy}
    ends |= {each.document.id for each in post.all_of("DispatchFailed") if each.fallback is None}
    assert stands - world.over.keys() <= ends


@settings(max_examples=up_to(150), deadline=None)
@given(customers, topics, steps)
def test_a_reminder_is_never_good_on_two_ways_and_leaves_no_more_once_it_is_over(who, said, some):
    world = played(who, said, some)

    told = [each for _, each in world.post.said]
    for name in ("D1", "D2"):
        good = 0
        for each in told:
            if getattr(each, "dunning_id", None) == name:
                good += isinstance(each, Dispatched) - isinstance(each, Bounced)
            assert good <= 1, f"{name} is told twice"
        after = told[world.over.get(name, len(told)) :]
        assert not [e for e in after if isinstance(e, DeliveryIntended) and e.dunning_id == name]
