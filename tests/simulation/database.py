"""The store's database on one thread: SQLite in a file, every statement between two effects."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import NullPool, TextClause, create_engine
from sqlalchemy.schema import ExecutableDDLElement

from services.runtime.store.database import Database
from tests.simulation.faults import Lost
from tests.simulation.process import Spectator


class File:
    """The file of one service; one transaction writes at a time, as on a server the fence makes."""

    _opening = ""
    # One for all worlds: what SQLAlchemy has compiled once serves every seed.
    _engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(File._opening, isolation_level=None),
        poolclass=NullPool,
    )

    def __init__(self, path, empty):
        self._path, self.id = str(path), Path(path).stem
        self.writing = asyncio.Lock()
        self._opened = []
        connection = self.connect()
        empty.backup(connection.connection.driver_connection)
        connection.exec_driver_sql("pragma journal_mode=wal")
        self.give_back(connection)

    def connect(self):
        """Return a connection that nobody else uses."""
        if self._opened:
            return self._opened.pop()
        File._opening = self._path
        connection = self._engine.connect()
        connection.exec_driver_sql("pragma synchronous=off")
        connection.rollback()
        return connection

    def give_back(self, connection):
        connection.rollback()
        self._opened.append(connection)

    def look(self, query):
        """Return the rows of *query*, as committed."""
        connection = self.connect()
        rows = connection.connection.driver_connection.execute(query).fetchall()
        self.give_back(connection)
        return rows

    def copy(self):
        """Return a copy of all that is committed now, in memory."""
        memory = sqlite3.connect(":memory:", isolation_level=None)
        connection = self.connect()
        connection.connection.driver_connection.backup(memory)
        self.give_back(connection)
        return memory

    def close(self):
        for connection in self._opened:
            connection.close()
        for path in Path(self._path).parent.glob(Path(self._path).name + "*"):
            path.unlink()


class SimulatedDatabase:
    """What Store needs of a database, for one process."""

    is_postgresql = False

    def __init__(self, file, process=None):
        self._file, self._process = file, process or Spectator()

    @asynccontextmanager
    async def transaction(self):
        """Begin a transaction that commits at the end of the block."""
        await self._process.at("sql begin", Lost)
        tx = Transaction(self._file, self._process)
        try:
            yield tx
            await self._process.at("sql commit", Lost)
            tx.commit()
        finally:
            tx.end()
        await self._process.at("sql committed", Lost)

    snapshot = transaction

    async def migrate(self):
        """Do nothing: the file is a copy of one that was migrated."""

    async def close(self):
        """Do nothing: what a process leaves open, its end closes."""


class Transaction:
    """A connection as long as a transaction lasts; a server breaks one that does not move."""

    def __init__(self, file, process):
        self._file, self._process = file, process
        self._connection, self._writes, self._open = file.connect(), False, True
        self._results = []
        if isinstance(process.to_break, list):
            process.to_break.append(self.end)

    async def execute(self, statement, rows=None):
        """Execute *statement*; the connection may be lost before and behind it."""
        name = _name(statement)
        await self._process.at(name, Lost)
        if not statement.is_select and not self._writes:
            await self._lock()
        self._must_be_open()
        result = self._connection.execute(statement, rows)
        self._results.append(result)
        await self._process.at(f"{name} done", Lost)
        self._must_be_open()
        return result

    def commit(self):
        """Make it durable."""
        self._must_be_open()
        self._connection.commit()

    def end(self):
        """Roll back what was not committed, and let others write."""
        if self._open:
            self._open = False
            for result in self._results:
                result.close()  # what was not read would keep the next transaction in the past
            self._file.give_back(self._connection)
            if self._writes:
                self._file.writing.release()
            if self.end in self._process.to_break:
                self._process.to_break.remove(self.end)

    async def _lock(self):
        """Wait until no other transaction writes; it may be broken before that."""
        await self._file.writing.acquire()
        if not self._open:
            self._file.writing.release()
        self._must_be_open()
        self._writes = True
        self._connection.exec_driver_sql("begin immediate")

    def _must_be_open(self):
        if not self._open:
            raise Lost("the server closed the connection")


def _name(statement):
    """Name a statement; to ask a select for its table would cost more than to run it."""
    if statement.is_select:
        return "sql select"
    if isinstance(statement, TextClause):
        return f"sql {' '.join(statement.text.split()[:2])}"
    is_ddl = isinstance(statement, ExecutableDDLElement)
    table = statement.element if is_ddl else statement.table
    return f"sql {statement.__visit_name__} {table.name}"


def empty_books(folder):
    """Return a connection to a migrated store in memory, to copy from."""
    url = f"sqlite+aiosqlite:///{folder / 'empty.sqlite'}"

    async def make():
        database = Database(url, "simulation", synchronous="OFF")
        await database.migrate()
        await database.close()

    asyncio.run(make())
    memory = sqlite3.connect(":memory:", isolation_level=None)
    found = sqlite3.connect(folder / "empty.sqlite")
    found.backup(memory)
    found.close()
    return memory
