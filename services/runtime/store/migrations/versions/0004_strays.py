"""State, identities and filed pieces are kept by contract and partition; strays are recorded."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEYS = {
    "state": ("contract_id", "partition"),
    "known": ("contract_id", "partition", "name"),
    "filed": ("contract_id", "partition", "name"),
}
_WHERE = "legal_entity_id is not null"


def upgrade() -> None:
    """Widen the keys; what is there stays where it is kept."""
    op.add_column("filed", sa.Column("partition", sa.Integer))
    op.execute(
        "update filed set partition = "
        "(select partition from state where state.contract_id = filed.contract_id)"
    )
    widen = _on_postgresql if op.get_bind().dialect.name == "postgresql" else _on_sqlite
    for table, key in _KEYS.items():
        widen(table, key)
    where = sa.text(_WHERE)
    op.create_index(
        "state_home",
        "state",
        ["contract_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "strays",
        sa.Column("place", sa.String, primary_key=True),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("home", sa.Integer, nullable=False),
    )


def _on_postgresql(table: str, key: tuple[str, ...]) -> None:
    op.alter_column(table, "partition", nullable=False)
    op.drop_constraint(f"{table}_pkey", table)
    op.create_primary_key(f"{table}_pkey", table, list(key))


def _on_sqlite(table: str, key: tuple[str, ...]) -> None:
    """Make the table anew: SQLite changes no key."""
    old = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
    for index in old.indexes:
        op.drop_index(str(index.name), table)
    op.rename_table(table, f"{table}_before")
    columns = [
        sa.Column(
            each.name,
            each.type,
            primary_key=each.name in key,
            nullable=each.nullable and each.name not in key,
            server_default=each.server_default,
            autoincrement=False,
        )
        for each in old.columns
    ]
    op.create_table(table, *columns)
    names = ", ".join(each.name for each in old.columns)
    op.execute(f"insert into {table} ({names}) select {names} from {table}_before")
    op.drop_table(f"{table}_before")
    for index in old.indexes:
        op.create_index(str(index.name), table, [each.name for each in index.columns])
