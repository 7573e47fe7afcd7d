"""The database of a service: a file of its own in SQLite, or a schema of its own in PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

_MIGRATIONS = Path(__file__).parent / "migrations"
VERSION = "alembic_version"
# A migration's number is the beginning of its file's name, so that nobody has to load them all.
_NEWEST = max(path.name.split("_")[0] for path in _MIGRATIONS.glob("versions/[0-9]*.py"))
# The statements that make a new file, once this process has migrated one.
_MADE: list[str] = []
_POSTGRESQL = {
    "timeout": 5,
    "command_timeout": 60,
}


class Database:
    """Connections to the tables of *service*; SQLite or PostgreSQL by *url*."""

    def __init__(self, url: str, service: str, *, synchronous: str = "FULL") -> None:
        self._service = service
        self.is_postgresql = make_url(url).get_backend_name() == "postgresql"
        if self.is_postgresql:
            # A worker that freezes inside a transaction must not keep the fence locked.
            told = {"idle_in_transaction_session_timeout": "5000", "search_path": service}
            options: dict[str, Any] = {"connect_args": _POSTGRESQL | {"server_settings": told}}
        else:
            options = {"connect_args": {"timeout": 30}}
        self._engine = create_async_engine(url, **options)
        if not self.is_postgresql:
            _set_pragmas(self._engine.sync_engine, synchronous)

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Begin a transaction that commits at the end of the block."""
        return self._engine.begin()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Begin a transaction whose every read is of the same moment."""
        async with self.transaction() as tx:
            await tx.exec_driver_sql(
                "set transaction isolation level repeatable read, read only"
                if self.is_postgresql
                else "begin"
            )
            yield tx

    async def migrate(self) -> None:
        """Bring the tables to the newest version; of several workers one does it."""
        async with self.transaction() as tx:
            if self.is_postgresql:
                # The lock, 'due' in ASCII, ends with the transaction.
                await tx.execute(text("select pg_advisory_xact_lock(6583653)"))
                await tx.execute(text(f'create schema if not exists "{self._service}"'))
            else:
                # Else each statement commits by itself, and what a kill leaves is no version.
                await tx.exec_driver_sql("begin immediate")
            await tx.run_sync(_bring_up)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


def _bring_up(connection: Connection) -> None:
    tables = inspect(connection).get_table_names()
    if connection.dialect.name == "sqlite" and not tables:
        _make_anew(connection)
    elif VERSION not in tables or _version(connection) != _NEWEST:
        upgrade(connection)


def _version(connection: Connection) -> str | None:
    return connection.exec_driver_sql(f"select version_num from {VERSION}").scalar_one_or_none()


def _make_anew(connection: Connection) -> None:
    """Make what the migrations made of the first empty file of this process.

    An embedded run makes a file for each service, and to migrate one takes longer than its day.
    """
    if not _MADE:
        upgrade(connection)
        _MADE[:] = _statements(connection)
    else:
        for statement in _MADE:
            connection.exec_driver_sql(statement)


def _statements(connection: Connection) -> Iterator[str]:
    """Yield what makes tables and indexes as they are here, and the version that they are of."""
    made = "select sql from sqlite_master where sql is not null order by rowid"
    yield from connection.exec_driver_sql(made).scalars()
    for table in inspect(connection).get_table_names():
        rows = connection.exec_driver_sql(f'select * from "{table}"').all()
        assert table == VERSION or not rows, "migrations of an empty file leave no rows"
    yield f"insert into {VERSION} values ('{_version(connection)}')"


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing."""
    # It takes longer to load than most commands to run, and few have anything to migrate.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _set_pragmas(engine: Any, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("pragma journal_mode=wal")
        cursor.execute(f"pragma synchronous={synchronous}")
        cursor.close()
