"""What usage keeps is written in one order, in whatever order a process has its sets."""

import json
import string

from pydantic import TypeAdapter

from services.usage.model import Contract

NAMES = [f"component {letter}" for letter in string.ascii_lowercase]


def test_names_are_written_in_their_order():
    written = TypeAdapter(Contract).dump_json(
        Contract(contract_id="C1", by_event=frozenset(reversed(NAMES)))
    )

    assert json.loads(written)["by_event"] == NAMES
    assert TypeAdapter(Contract).validate_json(written).by_event == frozenset(NAMES)
