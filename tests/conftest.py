"""Fixtures that need a real server; a test that uses one is marked by its name."""

import os
import signal
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from hypothesis import settings

from deploy.kafka.broker import Missing
from tests.support.absent import do_without, summary
from tests.support.servers import Kafka, Postgres, Server

# The machines are shared: how long an example takes says nothing. What lands is held against the
# same examples as its change was; new ones are searched for wherever people work.
settings.register_profile("shared", deadline=None)
settings.register_profile("landing", deadline=None, derandomize=True)
settings.load_profile("landing" if os.environ.get("CI") == "true" else "shared")

SERVERS = ("kafka", "postgres", "validators")
S = TypeVar("S", bound=Server)


def served(make: Callable[[], S]) -> Iterator[S]:
    try:
        server = make()
    except Missing as missing:
        ci = os.environ.get("CI") == "true"
        do_without(make.__name__.lower(), lack=str(missing), ci=ci)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    """A broker that no other module has used.

    To delete all topics instead would take 0.1 s, not 4 s. But the marks of groups go a moment
    later than their topics, and a worker that was killed stays in its group for a session.
    """
    yield from served(Kafka)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One cluster for all tests: each makes a database of its own."""
    yield from served(Postgres)


def pytest_configure(config: pytest.Config) -> None:
    for name in SERVERS:
        config.addinivalue_line("markers", f"{name}: needs a real {name}; set by the fixture")
    config.addinivalue_line("markers", "long: left out by make test, run by make test-long")
    config.addinivalue_line("markers", "files: runs whole files; left out by make check")
    config.addinivalue_line("markers", "alone: long, and measures time: nothing runs beside it")
    # What a time limit sends must end the servers too, as ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in set(SERVERS) & set(getattr(item, "fixturenames", ())):
            item.add_marker(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if line := summary(report.longrepr[2] for report in skipped):
        terminalreporter.write_sep("!", "servers are missing", red=True, bold=True)
        terminalreporter.write_line(line, red=True, bold=True)
