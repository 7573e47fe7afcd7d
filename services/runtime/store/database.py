"""The database of a service: a file of its own in SQLite, or a schema of its own in PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

_MIGRATIONS = Path(__file__).parent / "migrations"
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
            await tx.run_sync(_upgrade)

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()


def _upgrade(connection: Connection) -> None:
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
