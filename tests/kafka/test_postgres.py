"""The store on a real PostgreSQL: the same tests as on SQLite, over another address."""

import itertools

import pytest

from tests.runtime.store.test_store import *  # noqa: F403 - all of them

NUMBER = itertools.count()


@pytest.fixture
def address(postgres):
    """Where an empty database is."""
    return postgres.database(f"books{next(NUMBER)}")


@pytest.fixture
def elsewhere(postgres):
    """Where a server is, without the database."""
    return postgres.database("gone").replace("/gone?", "/never_made?")
