"""The service among the others, over a log in memory, its acts done by the test."""

import asyncio
import hashlib
import json
from datetime import date

import pytest

from schemas.deliveries import DeliveryIntended
from schemas.drafts import DocumentMade, HandedOver, NotHandedOver
from schemas.endpoints import EndpointPublished
from schemas.instructions import DispatchReminder
from services.notifications import app
from services.notifications.channels.letter.handover import LetterServer
from services.notifications.channels.secret import Secret
from services.registry import WORKERS, in_order
from services.runtime.embedded.embedded import Embedded
from tests.support.events import (
    ACME,
    customer,
    invoice,
    line,
    paid,
    policy,
    registered,
    reminder,
)

# Overdue since 16 January: level 1 on the 30th, level 2 on 6 February.
WORLD = [
    line(ACME, "2026-01-02T08:00:00+01:00", name="entity"),
    line(policy(reminder(14), reminder(21)), "2026-01-02T08:01:00+01:00", name="policy"),
    line(
        registered(customer=customer(email="erika@example.org")),
        "2026-01-02T09:00:00+01:00",
        name="contract",
    ),
    line(invoice("A", "100.00", date(2026, 1, 16)), "2026-01-02T10:00:00+01:00", name="A"),
]
NOON = "2026-01-30T12:00:00+01:00"


class Acts:
    """Makes and sends all at once; the first *refused* mails are refused."""

    def __init__(self, refused=0):
        self.refused, self.sent = refused, []

    async def make(self, intent):
        content = hashlib.sha256(intent.message.model_dump_json().encode()).hexdigest()
        return DocumentMade(contract_id="C1", effect_id=intent.id, hash=content)

    async def send(self, intent):
        self.sent.append(intent.message.channel)
        if len(self.sent) <= self.refused:
            return NotHandedOver(contract_id="C1", effect_id=intent.id, reason="refused")
        return HandedOver(contract_id="C1", effect_id=intent.id)

    def worker(self):
        return app.declare(
            app.effects(make=self.make, mail=self.send, post=self.send, hook=self.send)
        )


def run(folder, *more, refused=0, until=date(2026, 2, 10), world=WORLD):
    """Return what was said on each topic in a run of the world and *more*."""
    workers = [*WORKERS.values(), Acts(refused).worker()]
    embedded = Embedded(workers, folder)
    summary = asyncio.run(embedded.run([*world, *more], until=until))
    assert (summary.dead_letters, summary.waiting) == (0, ())
    embedded.write()
    return lambda topic: [
        json.loads(each) for each in (folder / f"{topic}.jsonl").read_text().splitlines()
    ]


def told(said):
    """Return what was said of deliveries, by day, a line each."""
    return [
        f"{each['time'][5:10]} {each['type']} {each['data']['channel']}"
        for each in said("deliveries")
    ]


def levels(said):
    created = [e for e in said("reminders") if e["type"] == "ReminderCreated"]
    return [(each["data"]["level"], each["data"]["created_on"]) for each in created]


def test_it_stands_behind_dunning_in_the_order_of_a_day():
    assert [*in_order(*WORKERS.values(), Acts().worker())][-2:] == ["dunning", "notifications"]


def test_each_reminder_is_made_intended_and_dispatched_on_its_day(tmp_path):
    said = run(tmp_path)

    assert levels(said) == [(1, "2026-01-30"), (2, "2026-02-06")]
    assert told(said) == [
        "01-30 DeliveryIntended email",
        "01-30 Dispatched email",
        "02-06 DeliveryIntended email",
        "02-06 Dispatched email",
    ]


def test_a_mail_that_is_refused_delays_the_later_step_by_the_day_of_its_letter(tmp_path):
    said = run(tmp_path, refused=1)

    assert told(said)[:4] == [
        "01-30 DeliveryIntended email",
        "01-30 DispatchFailed email",
        "01-31 DeliveryIntended letter",
        "01-31 Dispatched letter",
    ]
    assert levels(said) == [(1, "2026-01-30"), (2, "2026-02-07")]


def test_who_pays_after_a_mail_was_refused_gets_no_letter(tmp_path):
    payment = line(paid("P1", "100.00", date(2026, 1, 30)), NOON, name="P1")

    said = run(tmp_path, payment, refused=1)

    assert told(said) == ["01-30 DeliveryIntended email", "01-30 DispatchFailed email"]


def test_who_pays_a_part_after_a_mail_was_refused_gets_one_letter_over_the_rest(tmp_path):
    payment = line(paid("P1", "40.00", date(2026, 1, 30)), NOON, name="P1")

    said = run(tmp_path, payment, refused=1, until=date(2026, 2, 5))

    assert told(said)[2:] == ["01-31 DeliveryIntended email", "01-31 Dispatched email"]
    assert said("documents")[-1]["data"]["reminder"]["demanded"] == {
        "amount": "60.00",
        "currency": "EUR",
    }


MANUAL = [
    line(policy(reminder(14, send="manual"), reminder(21)), "2026-01-02T08:01:00+01:00", name="p2")
    if b"PolicyPublished" in each
    else each
    for each in WORLD
]


def dunning_id(folder):
    """Return the id that the first reminder of the world has in every run."""
    return run(folder, world=MANUAL)("reminders")[0]["data"]["dunning_id"]


def test_a_manual_reminder_goes_when_dunning_releases_it_and_delays_the_next_by_three_days(
    tmp_path,
):
    name = dunning_id(tmp_path / "first")
    order = DispatchReminder(contract_id="C1", dunning_id=name, by_us=True)

    said = run(
        tmp_path / "out", line(order, "2026-02-02T09:00:00+01:00", name="order"), world=MANUAL
    )

    assert told(said) == [
        "02-02 DeliveryIntended email",
        "02-02 Dispatched email",
        "02-09 DeliveryIntended email",
        "02-09 Dispatched email",
    ]


def test_a_manual_reminder_that_somebody_sent_by_hand_is_not_sent_again(tmp_path):
    name = dunning_id(tmp_path / "first")
    by_hand = DispatchReminder(contract_id="C1", dunning_id=name, dispatched_on=date(2026, 2, 2))

    said = run(
        tmp_path / "out",
        line(by_hand, "2026-02-02T09:00:00+01:00", name="order"),
        world=MANUAL,
        until=date(2026, 2, 8),
    )

    assert not (tmp_path / "out" / "deliveries.jsonl").exists()
    assert levels(said) == [(1, "2026-01-30")]


def test_two_runs_leave_the_same_bytes(tmp_path):
    run(tmp_path / "one", refused=1)
    run(tmp_path / "two", refused=1)

    for topic in ("deliveries", "documents", "notifications.outcomes", "notifications.days"):
        one, two = ((tmp_path / n / f"{topic}.jsonl").read_bytes() for n in ("one", "two"))
        assert one == two


@pytest.mark.parametrize("channel", ["email", "letter"])
def test_a_delivery_has_the_act_of_its_channel_and_a_letter_is_never_sent_blindly(channel):
    intended = DeliveryIntended(contract_id="C1", delivery_id="d", channel=channel)
    effect = Acts().worker().effects.of(intended)

    assert (effect.name, effect.unknown) == (channel, "again" if channel == "email" else "ask")


def test_the_archive_needs_no_act():
    intended = DeliveryIntended(contract_id="C1", delivery_id="d", channel="archive")

    assert Acts().worker().effects.of(intended) is None


def test_an_endpoint_hears_of_the_day_of_the_letter_in_order(tmp_path):
    published = EndpointPublished(
        endpoint_id="shop",
        version=1,
        legal_entity_id="acme",
        url="https://shop.example/",
        types=("PaymentEscalated", "ReminderCreated", "Dispatched"),
        secret_ref="file:shop",
    )
    endpoint = line(published, "2026-01-02T08:00:30+01:00", name="shop")

    said = run(tmp_path, world=[WORLD[0], endpoint, *WORLD[1:]], until=date(2026, 1, 31))

    posted = [each for each in said("deliveries") if each["data"]["channel"] == "webhook"]
    assert [
        (each["type"], each["data"]["event"]["sequence"], each["data"]["event"]["type"])
        for each in posted
    ] == [
        ("DeliveryIntended", 1, "ReminderCreated"),
        ("Dispatched", 1, "ReminderCreated"),
        ("DeliveryIntended", 2, "Dispatched"),
        ("Dispatched", 2, "Dispatched"),
    ]


def test_a_printers_server_is_waited_for_longer_than_its_own_attempt_lasts(tmp_path):
    server = LetterServer(
        hostname="h", username="u", known_hosts=tmp_path, folder="/in", password=Secret(b"x")
    )
    declared = app.effects(make=None, mail=None, post=None, hook=None).effects

    [letter] = [each for each in declared if each.name == "letter"]
    assert letter.longest.total_seconds() > server.timeout_s
