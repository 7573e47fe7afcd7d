"""A service small enough to see through, and the log, the store and the driver to run it with."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date

from schemas import chargebacks, payments, topics
from schemas.contracts import ContractChanged, ContractRegistered
from schemas.days import DayBegan
from schemas.deliveries import Bounced, DeliveryIntended, Dispatched
from schemas.envelope import Event
from schemas.message import NotYet, Refused
from services.runtime.engine import Engine
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.runtime.stream.record import Chunk, Record
from services.runtime.worker import Archive, Wake, Worker
from tests.support.events import line

PLACES = ("days", "contracts", "payments", "chargebacks")


@dataclass(frozen=True)
class Tally:
    """What came for a contract; a payment in EUR 13.00 is refused, one in 66.00 breaks it."""

    contract_id: str
    entity: str | None = None
    facts: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    wakes_on: date | None = None


def process(tally, message, context):
    match message:
        case ContractRegistered():
            told = replace(tally, entity=message.legal_entity_id, wakes_on=date(2026, 1, 1))
            return told, (_bounced(message, f"registered-{len(context.terms.policies)}"),)
        case ContractChanged():
            entity = message.legal_entity_id or tally.entity
            return replace(tally, entity=entity), ()
        case DayBegan():
            return tally, (_bounced(tally, f"day-{message.day}"),)
        case payments.PaymentReceived():
            return _paid(tally, message)
        case chargebacks.ChargebackReceived():
            return _after(tally, message, message.payment_id, message.chargeback_id)
        case chargebacks.ChargebackReversed():
            return _after(tally, message, message.chargeback_id, f"no {message.chargeback_id}")
    raise AssertionError(message)


def _paid(tally, message):
    if tally.entity is None:
        raise NotYet
    if message.money.amount == "13.00":
        raise Refused("unlucky", "13.00")
    assert message.money.amount != "66.00", "the books would not add up"
    intended = DeliveryIntended(
        contract_id=tally.contract_id, delivery_id=message.payment_id, channel="email"
    )
    sent = Dispatched(
        contract_id=tally.contract_id,
        delivery_id=message.payment_id,
        channel="email",
        dispatched_on=message.received_on,
    )
    return replace(tally, facts=(*tally.facts, message.payment_id)), (intended, sent)


def _after(tally, message, wanted, fact):
    if wanted not in tally.facts:
        raise NotYet
    return replace(tally, facts=(*tally.facts, fact)), (_bounced(message, fact),)


def _bounced(about, name):
    return Bounced(contract_id=about.contract_id, delivery_id=name, channel="email")


READS = (topics.DAYS, topics.CONTRACTS, topics.PAYMENTS, topics.CHARGEBACKS)
HANDLES = frozenset(
    {
        DayBegan,
        ContractRegistered,
        ContractChanged,
        payments.PaymentReceived,
        chargebacks.ChargebackReceived,
        chargebacks.ChargebackReversed,
    }
)
WORKER = Worker(
    name="tally",
    reads=READS,
    keeps=Tally,
    writes=(topics.DELIVERIES,),
    process=process,
    handles=HANDLES,
    wakes=lambda tally: Wake(tally.entity, on=tally.wakes_on),
    announces=topics.DUNNING_DAYS,
    skips=frozenset(message for topic in READS[1:] for message in topic.messages) - HANDLES,
)


def _recall(tally, pieces):
    return replace(tally, facts=(*tally.facts, *pieces), settled=())


def _file_away(tally):
    return replace(tally, facts=()), {fact: fact for fact in tally.facts}


def _wanted(tally, message):
    wanted = getattr(message, "payment_id", None) or getattr(message, "chargeback_id", None)
    return frozenset({wanted} if wanted and wanted not in tally.facts else ())


# The same service, which keeps nothing of what happened in a contract's state.
FILING = replace(
    WORKER, archive=Archive(holds=str, wanted=_wanted, recall=_recall, file_away=_file_away)
)


class Small(Engine):
    """An engine that wakes few contracts at once."""

    wakes_at_once = 2


def day(on, *, entity="acme", late=False):
    """Return the event of a day that begins in Berlin's winter."""
    return Event(
        id=f"{entity}-{on}",
        source="/duestream/clock",
        type="DayBegan",
        time=f"{on}T00:00:00+01:00",
        subject=entity,
        data=DayBegan(legal_entity_id=entity, day=on, late=late).model_dump_json().encode(),
    )


class Log:
    """Topics of partitions, with the markers that transactions leave; read in phases."""

    def __init__(self):
        self.phases = [[]]
        self.ends = {}

    def say(self, topic, *contents, partition=0, markers=0):
        """Add a chunk to this phase; markers behind it make a chunk without records."""
        start = self.ends.get((topic, partition), 0)
        records = tuple(
            _record(topic, partition, start + n, each) for n, each in enumerate(contents)
        )
        end = start + len(records)
        if records:
            self.phases[-1].append(Chunk(topic, partition, start, end, records))
        if markers:
            self.phases[-1].append(Chunk(topic, partition, end, end + markers, ()))
        self.ends[topic, partition] = end + markers
        return self

    def then(self):
        """What follows is not in the log before all of this is applied."""
        self.phases.append([])
        return self


def _record(topic, partition, offset, content):
    if isinstance(content, Record):
        return replace(content, topic=topic, partition=partition, offset=offset)
    event = content if isinstance(content, Event) else _event(content)
    return Record(topic, partition, offset, event, event.timestamp)


def _event(message, time="2026-02-01T09:00:00+01:00"):
    key = "-".join(message.business_key())
    name = f"{type(message).__name__}-{getattr(message, 'contract_id', '')}-{key}"
    return Event.from_line(line(message, time, name=name))


class Lost(OSError):
    """The connection to the database, in the middle of something."""


class Flaky(Store):
    """Books that lose the connection in the transactions that *plan* names by their number."""

    def __init__(self, database):
        super().__init__(database)
        self.plan, self.begun, self.failed = {}, 0, []

    @asynccontextmanager
    async def transaction(self):
        self.begun += 1
        how = self.plan.pop(self.begun, None)
        if how:
            self.failed.append(how)
        if how == "before":
            raise Lost(how)
        async with super().transaction() as tx:
            yield tx
            if how == "rolled back":
                raise Lost(how)
        if how == "committed":
            raise Lost(how)


def sqlite(tmp_path, name="books", *, service="tally"):
    """Return a database in a file, as fast as it gets."""
    url = f"sqlite+aiosqlite:///{tmp_path}/{name}.sqlite"
    return Database(url, service, synchronous="OFF")


class Nobody:
    """Publishes nothing: what is said stands in the outbox."""

    def __init__(self):
        self.said, self.reread_of = [], []

    def publish(self, outputs):
        self.said += outputs

    async def own(self, owned, *, kept):
        pass

    def loosen(self):
        """Fences nobody, and is fenced by nobody."""

    def reread(self, partitions):
        self.reread_of.append(set(partitions))


async def said(store, partition=0):
    """Return what stands in the outbox, without where it came from."""
    rows = await store.unpublished(partition, after=-1, most=100_000)
    return [(row.seq, row.topic, row.key, row.value, row.headers, row.last) for row in rows]


async def names(store, partition=0):
    """Return what was said to deliveries, each by contract and delivery."""
    rows = await store.unpublished(partition, after=-1, most=100_000)
    found = []
    for row in rows:
        if row.topic == "deliveries":
            message = topics.DELIVERIES.messages[0].model_validate_json(row.value)
            found.append(f"{message.contract_id} {message.delivery_id}")
        else:
            found.append(row.topic)
    return found
