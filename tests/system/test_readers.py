"""No reader refuses what a service says: usage, invoicing, dunning and the books in one house."""

from collections import deque
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.contracts import ContractChanged
from schemas.message import NotYet, PartlyRefused, Refused
from services.bookkeeping.books import books
from services.bookkeeping.checks import check
from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.usage import app as usage
from tests.invoicing.test_invariants import KINDS as AGREED
from tests.invoicing.test_invariants import ORDERS, message_of, order_of
from tests.support import life
from tests.support.bookkeeper import SKR03, Bookkeeper
from tests.support.events import (
    Source,
    end_contract,
    eur,
    pause_contract,
    policy,
    registered,
    reminder,
    terms,
    webhook,
)
from tests.support.metering import BERLIN, MeterRoom, take_back, use
from tests.support.meters import metered
from tests.support.office import Office
from tests.support.properties import up_to
from tests.support.tariffs import flat, plan, seats

CALLS = metered("calls", meter="seconds", unit_price="0.10")
BASIC = plan(
    flat("base", "29.99"),
    flat("after", "9.95", bill="in_arrears"),
    flat("year", "100.00", billing_period="P1Y", optional=True),
    seats("7.77"),
    one_time=(flat("setup", "49.00"),),
    metered=(CALLS,),
    minimum=eur("60.00"),
    maximum=eur("200.00"),
)
WEEKS = plan(flat("base", "13.37"), seats("3.33"), plan_id="weeks", billing_period="P2W")
POLICIES = (
    policy(webhook(1), reminder(2), pause_contract(3), end_contract(4), min_notice_days=1),
    policy(
        reminder(1, fee=eur("2.00")),
        end_contract(3, when="after_current_period"),
        interest=True,
        lump_sum=True,
        min_notice_days=1,
        resume_on_reset=True,
    ),
)
HANDLES = {each.worker.name: each.worker.handles for each in (usage, invoicing, dunning)}


class House:
    """What one service says the others hear, as it comes through JSON; who refuses it breaks."""

    def __init__(self, steps, **more):
        self.rooms = {
            "usage": MeterRoom(BASIC, WEEKS),
            "invoicing": Office(BASIC, WEEKS),
            "dunning": Bookkeeper(terms(steps)),
        }
        self.heard, self.inbox = dict.fromkeys(self.rooms, 0), life.Inbox()
        self.told, self.count = 0, 0
        self.tell(registered(plan_id="basic", quantities={"seats": "2"}, **more))

    @property
    def office(self):
        return self.rooms["invoicing"]

    @property
    def desk(self):
        return self.rooms["dunning"]

    def tell(self, message):
        """Say it from outside: each for himself may refuse it."""
        self.told += 1
        if not self.inbox.is_new(message):
            return
        for name, room in self.rooms.items():
            if type(message) in HANDLES[name]:
                try:
                    room.hear(message)
                except (Refused, NotYet):
                    continue
        self.pass_on()

    def pass_on(self):
        """Let each hear what the others have said, until nobody says anything more."""
        said = deque(self._new())
        while said:
            writer, message = said.popleft()
            self.count += 1
            message = type(message).model_validate_json(message.model_dump_json(exclude_none=True))
            message = message.said_by(Source(f"/duestream/{writer}", f"{self.count}"))
            for name, room in self.rooms.items():
                if name != writer and type(message) in HANDLES[name]:
                    room.hear(message)
            said.extend(self._new())

    def _new(self):
        for name, room in self.rooms.items():
            new, self.heard[name] = room.said[self.heard[name] :], len(room.said)
            for _, message in new:
                if not isinstance(message, PartlyRefused):
                    yield name, message

    def until(self, day):
        """Let each day begin for usage, then for invoicing, then for dunning."""
        while self.desk.day < day:
            on = self.desk.day + timedelta(days=1)
            for room in self.rooms.values():
                if isinstance(room, MeterRoom):
                    room.until(on.month, on.day)
                else:
                    room.until(on)
                self.pass_on()


def said_of(house, kind, days, count):
    desk, office, number = house.desk, house.office, house.told
    if kind == "use":
        day = desk.day + timedelta(days=min(days, 0))
        at = datetime.combine(day, time(count), BERLIN)
        name = f"use-{number}"
        return use(name, at, f"{count * 100}", said_at=at)
    if kind == "take back":
        return take_back(f"use-{max(1, number - count)}")
    if kind in AGREED or kind in ORDERS:
        return message_of(office, kind, days, count) or order_of(office, kind, days, count)
    action = (kind, abs(days) * 100 + count + 1, abs(days) % 31)
    return life.message_for(desk.account, desk.day, house.told, action)


OURS = tuple(k for k in life.KINDS if k not in ("days", "invoice", "credit", "credit named"))
KINDS = (
    *("days", "days", "days", "days", "days", "use", "use", "use", "take back"),
    *(kind for kind in AGREED if kind not in ("days", "late", "request")),
    *ORDERS,
    *OURS,
)
ACTIONS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(-40, 40), st.integers(0, 9)), max_size=20
)


@settings(max_examples=up_to(150), deadline=None)
@given(st.sampled_from(POLICIES), ACTIONS)
def test_no_reader_refuses_what_a_service_says_whatever_it_was_told(steps, actions):
    house = House(steps)
    for kind, days, count in actions:
        if kind == "days":
            house.until(house.desk.day + timedelta(days=min(abs(days), 15)))
            continue
        message = said_of(house, kind, days, count)
        if message is not None:
            house.tell(message)
    house.tell(ContractChanged(contract_id="C1", switches={"billing": True}))
    house.until(house.desk.day + timedelta(days=1))

    check(books(house.desk.facts, SKR03, as_of=date(2999, 12, 31)))
