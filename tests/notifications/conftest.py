"""Fixtures of documents: a press, and the validators of others where they can be had."""

import os

import pytest

from services.notifications.rendering.page import typesetting
from tests.notifications.rendering.validators import Missing, Validators
from tests.support.absent import do_without


@pytest.fixture(scope="session")
def press():
    """One press for all tests: it is dear to make and holds nothing of what it has printed."""
    return typesetting.press()


@pytest.fixture(scope="session")
def validators():
    try:
        return Validators()
    except Missing as missing:
        do_without("validators", lack=str(missing), ci=os.environ.get("CI") == "true")
