"""The page of all messages in docs/ says what the models say, and every field has a meaning."""

import json
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from schemas.publish import page
from schemas.publish.examples import example
from schemas.publish.jsonschema import messages, schema_of

ROOT = Path(__file__).parents[2]
MEANINGS = tomllib.loads((ROOT / "schemas/publish/meanings.toml").read_text(encoding="utf-8"))


@cache
def shapes():
    """Return the fields of every message, and of every shape that stands within one."""
    found = {}
    for name, message in messages().items():
        schema = schema_of(message)
        for shape, of in ((name, schema), *schema.get("$defs", {}).items()):
            found[shape] = set(of.get("properties", {}))
    return found


def test_the_page_is_up_to_date():
    written = (ROOT / "docs/messages.md").read_text(encoding="utf-8")

    assert written == page.text(), "make snapshots renews it"


@pytest.mark.parametrize("name", sorted(shapes()))
def test_every_field_has_a_meaning(name):
    missing = [
        field
        for field in shapes()[name]
        if field not in MEANINGS.get(name, {}) and field not in MEANINGS["every"]
    ]

    assert missing == []


def test_no_meaning_is_of_a_field_that_is_gone():
    every = {field for fields in shapes().values() for field in fields}
    own = {(shape, f) for shape, of in MEANINGS.items() if shape != "every" for f in of}

    assert set(MEANINGS["every"]) - every == set()
    assert {(shape, f) for shape, f in own if f not in shapes().get(shape, ())} == set()


@pytest.mark.parametrize("name", sorted(messages()))
def test_an_example_is_what_its_message_accepts(name):
    message = messages()[name]

    assert message.model_validate_json(json.dumps(example(message)))


def test_every_link_of_the_page_leads_to_a_heading():
    text = page.text()
    headings = {line.strip("# ").lower() for line in text.splitlines() if line.startswith("#")}

    assert set(re.findall(r"\]\(#([a-z]+)\)", text)) - headings == set()


def test_a_field_is_told_with_type_unit_and_meaning():
    lines = page.text().splitlines()

    assert "| **`received_on`** | date | day on which the money arrived |" in lines
    assert (
        "| **`payment_terms_days`** | days, whole number | days to pay, from the issue |" in lines
    )
    assert "| `percent` | percent | what comes off the price |" in lines
    assert "| **`money`** | [Money](#money) | amount |" in lines
