"""The tables of the store; migrations/ makes them, and a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    true,
)

META = MetaData()


# In the order of code points everywhere, whatever the locale of the database: a day wakes its
# contracts in this order, and a replay must find the same.
IDENTIFIER = String().with_variant(String(collation="C"), "postgresql")


def _key(name: str, kind: type[Integer] | type[BigInteger]) -> "Column[int]":
    return Column(name, kind, primary_key=True, autoincrement=False)


PARTITIONS = Table(
    "partitions",
    META,
    _key("partition", Integer),
    Column("epoch", Integer, nullable=False),
    Column("owner", String, nullable=False),
)
ORIGIN = Table(  # of which service, cluster and topics the store is
    "origin",
    META,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)
# Before the name of a figure, in the place of a topic.
FIGURES = "#figure"
POSITIONS = Table(  # of topics, and under names with a # our own counters
    "positions",
    META,
    Column("topic", String, primary_key=True),
    _key("partition", Integer),
    Column("next", BigInteger, nullable=False),
)
STATE = Table(  # of a contract on its partition; on others only what waits there by mistake
    "state",
    META,
    Column("contract_id", IDENTIFIER, primary_key=True),
    _key("partition", Integer),
    Column("legal_entity_id", String),
    Column("wake_on", Date),
    Column("at_new_terms", Boolean, nullable=False),
    Column("heard", Date),  # the last day it was woken for
    Column("sequence", BigInteger, nullable=False),
    Column("waiting", LargeBinary),
    Column("value", LargeBinary, nullable=False),
    Column("recent", LargeBinary),  # the last identities, packed
    Column("spilled", Boolean, nullable=False, server_default=true()),  # others stand in known
    Column("acts", LargeBinary),  # intended and not settled
    Index("state_wake", "partition", "legal_entity_id", "wake_on"),
)
_OPEN = STATE.c.acts.is_not(None)
Index(
    "state_acts",
    STATE.c.partition,
    STATE.c.contract_id,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
# A contract is registered on one partition only.
Index(
    "state_home",
    STATE.c.contract_id,
    unique=True,
    sqlite_where=STATE.c.legal_entity_id.is_not(None),
    postgresql_where=STATE.c.legal_entity_id.is_not(None),
)
KNOWN = Table(  # identities that a row has no room for; those without a bound are kept for ever
    "known",
    META,
    Column("contract_id", IDENTIFIER, primary_key=True),
    _key("partition", Integer),
    Column("name", LargeBinary, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("until", Date),
    Index("known_until", "partition", "until"),
)
FILED = Table(  # what is settled, loaded only when a message names it
    "filed",
    META,
    Column("contract_id", IDENTIFIER, primary_key=True),
    _key("partition", Integer),
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
STRAYS = Table(  # records that were dead-lettered: their contract had its home elsewhere
    "strays",
    META,
    Column("place", String, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("home", Integer, nullable=False),
)
HEARD = Table(  # on `days`: terms, and the last day of each legal entity; and of DayDone upstream
    "heard",
    META,
    _key("partition", Integer),
    Column("id", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("event", LargeBinary, nullable=False),
)
OUTBOX = Table(
    "outbox",
    META,
    _key("partition", Integer),
    _key("seq", BigInteger),
    Column("topic", String, nullable=False),
    Column("key", LargeBinary),
    Column("headers", String, nullable=False),
    Column("value", LargeBinary),
    Column("timestamp", BigInteger),
    Column("last", Boolean, nullable=False),
)
APPLIED = Table(
    "applied",
    META,
    _key("partition", Integer),
    _key("seq", BigInteger),
    Column("runs", String, nullable=False),
)
CHAIN = Table(  # order records, until they are published; the last stays
    "chain",
    META,
    _key("partition", Integer),
    _key("number", BigInteger),
    Column("first", BigInteger, nullable=False),
    Column("record", String, nullable=False),
)
