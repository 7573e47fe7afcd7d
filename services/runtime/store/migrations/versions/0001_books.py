"""The books: positions, state, identities, filed pieces, what was heard, outbox, order."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _number(name: str, kind: type[sa.Integer] | type[sa.BigInteger] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, primary_key=True)


def _contract_id() -> sa.Column[str]:
    in_code_points = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    return sa.Column("contract_id", in_code_points, primary_key=True)


def upgrade() -> None:
    """Make the first tables."""
    _make_standing()
    _make_contracts()
    _make_outbox()


def _make_standing() -> None:
    op.create_table(
        "partitions",
        _number("partition"),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
    )
    op.create_table(
        "positions",
        _text("topic"),
        _number("partition"),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "heard",
        _number("partition"),
        _text("id"),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("event", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "applied",
        _number("partition"),
        _number("seq", sa.BigInteger),
        sa.Column("runs", sa.String, nullable=False),
    )


def _make_contracts() -> None:
    op.create_table(
        "state",
        _contract_id(),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("legal_entity_id", sa.String),
        sa.Column("wake_on", sa.Date),
        sa.Column("at_new_terms", sa.Boolean, nullable=False),
        sa.Column("heard", sa.Date),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("waiting", sa.LargeBinary),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    op.create_index("state_wake", "state", ["partition", "legal_entity_id", "wake_on"])
    op.create_table(
        "known",
        _contract_id(),
        sa.Column("name", sa.LargeBinary, primary_key=True),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("until", sa.Date),
    )
    op.create_index("known_until", "known", ["partition", "until"])
    op.create_table(
        "filed",
        _contract_id(),
        _text("name"),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        _number("partition"),
        _number("seq", sa.BigInteger),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("headers", sa.String, nullable=False),
        sa.Column("value", sa.LargeBinary),
        sa.Column("timestamp", sa.BigInteger),
        sa.Column("last", sa.Boolean, nullable=False),
    )
