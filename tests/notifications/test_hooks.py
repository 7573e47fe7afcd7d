"""Events on their way to an endpoint: posted, put off, given up, and when it is asked no more."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.deliveries import DeliveryIntended
from schemas.drafts import HandedOver, NotHandedOver
from schemas.outcomes import PutOff
from services.notifications.channels.outcome import Later, Refused, Sent, Unknown
from services.notifications.channels.secret import Secret, SecretMissing
from services.notifications.posting.attempts import Attempt
from services.notifications.posting.hooks import HookPost
from services.notifications.posting.standings import Standings

BEGAN = datetime(2026, 2, 1, 9, tzinfo=UTC)
KEY = Secret(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DOWN = Later("endpoint_unreachable")


class World:
    """An endpoint that comes to one outcome, its operator, and a clock that the test moves."""

    def __init__(self, folder, outcome=DOWN):
        self.folder, self.outcome, self.at = folder, outcome, BEGAN
        self.asked, self.told, self.hears = [], [], True
        self.post = self.started()

    def started(self):
        """Return what a process makes that starts now: it knows what stands in the folder."""
        return HookPost(
            Standings(self.folder), poster=self, keys=self.keys, tell=self.tell, now=lambda: self.at
        )

    def keys(self, reference):
        if reference != "file:shop":
            raise SecretMissing(reference)
        return (KEY,)

    async def send(self, payload, *, message_id, at, endpoint):
        self.asked.append((message_id, payload, endpoint.url))
        return self.outcome

    async def tell(self, standing):
        self.told.append((standing.endpoint_id, standing.reason))
        return self.hears

    def attempt(self, number=1, *, began_at=BEGAN, **posting):
        said = intended(**posting)
        return asyncio.run(self.post.post(said, Attempt("act-1", number, began_at)))

    def waits(self, **more):
        """Return until when an attempt is put off."""
        with pytest.raises(PutOff) as put_off:
            self.attempt(**more)
        return put_off.value.until

    def fails_for(self, days):
        """Let an attempt fail every hour, each of an event of its own."""
        for _ in range(days * 24):
            self.waits(began_at=self.at)
            self.at += HOUR


def intended(**posting):
    said = {
        "url": "https://shop.example/hook",
        "secret_ref": "file:shop",
        "body": '{"a":1}',
        "lane": 0,
    }
    return DeliveryIntended(
        contract_id="C1",
        delivery_id="d-1",
        channel="webhook",
        event={"endpoint_id": "shop", "sequence": 1, "type": "InvoiceIssued"},
        posting=said | posting,
        intended_on=date(2026, 2, 1),
    )


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "endpoints")


def test_what_an_endpoint_takes_is_handed_over_with_the_text_that_was_intended(world):
    world.outcome = Sent("200")

    done = world.attempt()

    assert (type(done), done.effect_id, done.sent_at) == (HandedOver, "act-1", BEGAN)
    assert world.asked == [("d-1", b'{"a":1}', "https://shop.example/hook")]
    assert not world.folder.exists()


@pytest.mark.parametrize("outcome", [DOWN, Unknown("endpoint_silent")])
def test_what_was_not_taken_is_tried_again_with_a_gap(world, outcome):
    world.outcome = outcome

    # 5 seconds, and up to a tenth of them.
    assert BEGAN + timedelta(seconds=5) <= world.waits() <= BEGAN + timedelta(seconds=5.5)


@pytest.mark.parametrize("outcome", [DOWN, Unknown("endpoint_unreachable")])
def test_after_two_days_an_event_is_given_up(world, outcome):
    world.outcome, world.at = outcome, BEGAN + 2 * DAY - timedelta(seconds=1)
    assert world.waits(number=20) == BEGAN + 2 * DAY

    world.at = BEGAN + 2 * DAY
    lost = world.attempt(number=21)

    assert (type(lost), lost.reason, lost.disabled_at) == (
        NotHandedOver,
        "endpoint_unreachable",
        None,
    )


def test_after_five_failures_an_endpoint_rests_and_then_one_event_is_tried(world):
    for _ in range(5):
        world.waits()
    assert world.waits() == BEGAN + MINUTE
    assert len(world.asked) == 5

    world.at = BEGAN + MINUTE
    world.waits()
    # The sixth failure: the rest is twice as long.
    assert world.waits() == BEGAN + 3 * MINUTE
    assert len(world.asked) == 6


def test_a_process_that_starts_knows_that_the_endpoint_rests(world):
    for _ in range(5):
        world.waits()
    world.post = world.started()

    assert world.waits() == BEGAN + MINUTE
    assert len(world.asked) == 5


def test_one_answer_and_all_is_forgotten(world):
    for _ in range(5):
        world.waits()
    world.at, world.outcome = BEGAN + MINUTE, Sent("200")

    world.attempt()

    assert [*world.folder.iterdir()] == []
    assert isinstance(world.attempt(), HandedOver)


def test_an_event_whose_two_days_went_by_while_the_endpoint_rested_is_given_up_untried(world):
    for _ in range(5):
        world.waits()

    lost = world.attempt(began_at=BEGAN - 2 * DAY)

    assert (lost.reason, len(world.asked)) == ("endpoint_unreachable", 5)


def test_one_that_fails_for_five_days_is_disabled_and_its_operator_is_told_once(world):
    world.fails_for(5)
    assert world.told == []

    lost = world.attempt(began_at=world.at)
    again = world.attempt(began_at=world.at)

    assert (lost.reason, lost.disabled_at) == ("endpoint_failed_for_days", BEGAN + 5 * DAY)
    assert (again.reason, again.disabled_at) == ("endpoint_failed_for_days", BEGAN + 5 * DAY)
    assert world.told == [("shop", "endpoint_failed_for_days")]
    # 120 hours and the last attempt; the one after it was not tried.
    assert len(world.asked) == 121


def test_who_says_that_he_wants_no_more_is_disabled_at_once(world):
    world.outcome = Refused("endpoint_gone", "410", closes_address=True)

    lost = world.attempt()

    assert (lost.reason, lost.disabled_at) == ("endpoint_gone", BEGAN)
    assert world.told == [("shop", "endpoint_gone")]


def test_an_operator_who_could_not_be_told_is_told_an_hour_later(world):
    world.outcome, world.hears = Refused("endpoint_gone", closes_address=True), False
    world.attempt()
    world.attempt()
    assert len(world.told) == 1

    world.at, world.hears = BEGAN + HOUR, True
    world.attempt()
    world.at = BEGAN + 3 * HOUR
    world.attempt()
    assert len(world.told) == 2


def test_an_endpoint_that_is_enabled_is_asked_again(world):
    world.outcome = Refused("endpoint_gone", closes_address=True)
    world.attempt()
    world.outcome = Sent("200")

    assert Standings(world.folder).enable("shop")
    assert isinstance(world.attempt(), HandedOver)
    assert not Standings(world.folder).enable("shop")


def test_without_a_key_nothing_is_posted_and_it_is_tried_again(world):
    world.waits(secret_ref="file:other")

    assert world.asked == []
    assert [each.circuit.failures for each in Standings(world.folder).all()] == [1]


def test_a_url_that_leads_nowhere_is_refused_for_good_and_disables_nothing(world):
    lost = world.attempt(url="https://127.1/")

    assert (lost.reason, lost.disabled_at, world.asked) == ("endpoint_refused", None, [])


def test_a_standing_that_nobody_can_read_is_none(world):
    world.waits()
    [file] = world.folder.iterdir()
    file.write_text("{")

    assert Standings(world.folder).all() == []
    world.outcome = Sent("200")
    assert isinstance(world.attempt(), HandedOver)


def test_a_standing_names_neither_url_nor_key(world):
    world.fails_for(5)
    world.attempt(began_at=world.at)

    [file] = world.folder.iterdir()
    assert "example" not in file.read_text() and "whsec" not in file.read_text()
