"""Every charge and every document of the examples comes out again as it was said."""

import asyncio
import json
from pathlib import Path

import pytest

from examples import make
from services.cli.plumbing.said_again import Home, said_again, said_by
from services.invoicing.app import worker as invoicing
from services.runtime.ops.source import Folder
from services.runtime.store.database import Database
from services.runtime.store.store import Store
from services.usage.app import worker as usage
from tests.support.console import duestream

EXAMPLES = Path(make.__file__).parent


@pytest.fixture(scope="module", params=["usage", "billing"])
def out(request, tmp_path_factory):
    """The examples of usage, or those of billing, run to the end."""
    folder = tmp_path_factory.mktemp(request.param) / "out"
    events = EXAMPLES / f"{request.param}.jsonl"
    assert duestream("run", events, "--until", "2026-04-30", "--out", folder).exit_code == 0
    return folder


def contracts_of(out):
    lines = (out / "contracts.jsonl").read_bytes().splitlines()
    return sorted({json.loads(each)["subject"] for each in lines})


async def again(out, worker, contracts):
    url = f"sqlite+aiosqlite:///{out}/state/{worker.name}.sqlite"
    store = Store(Database(url, worker.name))
    home = Home(frozenset(contracts), partition=0, partitions=1)
    try:
        return await said_again(worker, Folder(out), store, home, instead={})
    finally:
        await store.close()


async def issued(out, worker, contracts):
    (topic,) = worker.writes
    return [
        record.content
        async for record in Folder(out).each([topic.name])
        if record.content.source == said_by(worker) and record.content.subject in contracts
    ]


@pytest.mark.parametrize("worker", [usage, invoicing], ids=lambda each: each.name)
def test_what_is_computed_again_is_what_was_said_byte_for_byte(out, worker):
    contracts = contracts_of(out)

    was = asyncio.run(issued(out, worker, contracts))

    assert was or (worker is usage and "billing" in str(out))
    assert asyncio.run(again(out, worker, contracts)) == was


@pytest.mark.parametrize("worker", [usage, invoicing], ids=lambda each: each.name)
def test_a_contract_by_itself_comes_out_the_same_with_the_numbers_it_was_given(out, worker):
    # Three that others stand between: all of them together are compared above.
    contracts = contracts_of(out)
    for contract_id in contracts[1 :: len(contracts) // 3]:
        was = asyncio.run(issued(out, worker, [contract_id]))
        assert asyncio.run(again(out, worker, [contract_id])) == was
