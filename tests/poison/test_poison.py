"""Thousands of records that were spoiled by a seed; `make poison` serves a million."""

import asyncio
from dataclasses import replace

import pytest

from services.dunning import app as dunning
from tests.poison.feast import feast
from tests.support.tally import WORKER

pytestmark = pytest.mark.long


def test_each_spoiled_record_has_one_effect_or_one_dead_letter_and_stops_nothing(tmp_path):
    account = asyncio.run(feast(dunning.worker, 5_500, 1, folder=tmp_path))

    assert account.inputs > 7_000
    # It reached all that can become of a record, and not only the door.
    assert min(account.applied, account.letters) > 1_200
    assert min(account.duplicates, account.skipped, account.waiting) > 50
    assert account.reasons.keys() >= {
        *("undecodable", "invalid", "unknown_type", "conflict", "excess", "unreferenced"),
    }


def test_any_service_can_be_served_so(tmp_path):
    total = replace(WORKER, process=lambda tally, message, context: (tally, ()))

    account = asyncio.run(feast(total, 300, 1, folder=tmp_path))

    assert account.letters > 100


def test_the_inquest_finds_a_service_that_loses_what_it_was_given(tmp_path):
    def forgetful(state, message, context):
        if type(message).__name__ == "WriteOff":
            raise AssertionError("the books would not add up")
        return dunning.worker.process(state, message, context)

    worker = replace(dunning.worker, process=forgetful)

    with pytest.raises(Exception, match="the books would not add up"):
        asyncio.run(feast(worker, 300, 1, folder=tmp_path))
