"""Whatever a log holds, however it is cut and mixed: the rows are the same."""

import asyncio
import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.days import DayDone
from schemas.deliveries import Bounced, DeliveryIntended, Dispatched
from schemas.envelope import Event
from schemas.payments import PaymentFailed, PaymentPending
from services.runtime.ops.verify.rows import differences, made_again
from services.runtime.stream.record import Chunk, Record
from tests.support.events import eur, line, paid
from tests.support.properties import up_to
from tests.support.receipts import PROJECTION, opened

T, DAY = "2026-02-01T09:00:00+01:00", date(2026, 2, 1)
NAMES = st.sampled_from(["1", "2", "3"])


def payments(kind, name, cents):
    told = {"contract_id": "C1", "payment_id": name}
    match kind:
        case "pending":
            return PaymentPending(**told, money=eur("1.00"), method="card", initiated_on=DAY)
        case "failed":
            return PaymentFailed(**told, failed_on=DAY)
    return paid(name, f"{cents}.00", DAY)


def deliveries(kind, name):
    told = {"contract_id": "C1", "delivery_id": name, "channel": "email"}
    match kind:
        case "intended":
            return DeliveryIntended(**told)
        case "sent":
            return Dispatched(**told, dispatched_on=DAY)
    return Bounced(**told)


PAID = st.builds(payments, st.sampled_from(["pending", "failed", "paid"]), NAMES, st.integers(1, 2))
DELIVERED = st.builds(deliveries, st.sampled_from(["intended", "sent", "bounced"]), NAMES)
DONE = st.just(DayDone(legal_entity_id="acme", day=DAY))


def records(topic, messages):
    events = [
        Event.from_line(line(each, T, name=f"{topic}-{n}")) for n, each in enumerate(messages)
    ]
    return [Record(topic, 0, n, event, event.timestamp) for n, event in enumerate(events)]


async def content_of(logs, cuts):
    """Return the rows of *logs*, read by turns as *cuts* say: which topic, and how many records."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder)) as projector:
            at = dict.fromkeys(logs, 0)
            for topic, size in [*cuts, *((topic, 1_000) for topic in logs)]:
                some = logs[topic][at[topic] : at[topic] + size]
                start, at[topic] = at[topic], at[topic] + len(some)
                await projector.take([Chunk(topic, 0, start, at[topic], tuple(some))])
            return await projector.store.content(0)


async def each_of(logs):
    for some in logs.values():
        for record in some:
            yield record


@settings(max_examples=up_to(20))
@given(
    st.lists(PAID, max_size=12),
    st.lists(DELIVERED, max_size=8),
    st.lists(DONE, max_size=3),
    st.lists(
        st.tuples(st.sampled_from(["payments", "deliveries", "dunning.days"]), st.integers(1, 4)),
        max_size=8,
    ),
)
def test_rows_do_not_depend_on_how_topics_are_cut_and_mixed(paid_, delivered, done, cuts):
    said = {"payments": paid_, "deliveries": delivered, "dunning.days": done}
    logs = {topic: records(topic, messages) for topic, messages in said.items()}

    async def run():
        whole, cut = await content_of(logs, []), await content_of(logs, cuts)
        again = await made_again(PROJECTION, each_of(logs), cut, 0)
        return whole, cut, again

    whole, cut, again = asyncio.run(run())
    assert cut == whole
    assert list(differences(cut, again, "")) == []
    received = [row for key, row in cut.rows.items() if key.table == "received"]
    # Each name once: what is said again counts once, with other content the first counts.
    first = {}
    for each in paid_:
        if type(each).__name__ == "PaymentReceived":
            first.setdefault(each.payment_id, each.money.minor)
    assert sum(row["minor"] for row in received) == sum(first.values())
