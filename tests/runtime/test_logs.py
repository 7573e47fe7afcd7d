"""What a process logs: also what its libraries say, in the form that was asked for."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

from services.runtime.logs import EVENTS

ROOT = Path(__file__).parents[2]
LEVELS = ("debug", "info", "warning", "error", "exception", "critical")

SAYS = """
import logging
import structlog
from services.runtime.logs import set_up_logging
from services.runtime.settings import Settings

set_up_logging(Settings(log_format="{form}"))
structlog.contextvars.bind_contextvars(service="dunning")
structlog.get_logger().info("partitions.claimed", partitions=[1, 2], kept=0)
logging.getLogger("aiokafka").error("Unable to connect to %s", "127.0.0.1:9092")
logging.getLogger("aiokafka").warning("hardly worth a line")
logging.getLogger("aiokafka.consumer.group_coordinator").error("OffsetCommit failed for group")
try:
    customer = "Erika " + "Mustermann"
    customer.nothing
except AttributeError:
    logging.getLogger("asyncio").exception("Task exception was never retrieved")
"""


def said(form):
    ran = subprocess.run(
        [sys.executable, "-c", SAYS.format(form=form)], capture_output=True, text=True, check=True
    )
    assert ran.stdout == ""
    return ran.stderr


def test_for_machines_every_line_is_an_object_the_lines_of_libraries_too():
    ours, theirs, broken = map(json.loads, said("json").splitlines())

    assert (ours["event"], ours["level"], ours["partitions"]) == (
        "partitions.claimed",
        "info",
        [1, 2],
    )
    assert theirs["event"] == "Unable to connect to 127.0.0.1:9092"
    assert (theirs["level"], theirs["logger"], theirs["service"]) == (
        "error",
        "aiokafka",
        "dunning",
    )
    assert broken["exception"][0]["exc_type"] == "AttributeError"
    assert {"timestamp"} <= ours.keys() & theirs.keys() & broken.keys()


def test_a_traceback_does_not_say_what_variables_held():
    assert "Mustermann" not in said("json")
    assert "Mustermann" not in said("console")


def test_for_people_the_lines_of_libraries_look_like_ours():
    lines = said("console").splitlines()

    assert "[info     ] partitions.claimed" in lines[0]
    assert "[error    ] Unable to connect to 127.0.0.1:9092" in lines[1]
    assert "AttributeError: 'str' object has no attribute 'nothing'" in lines[-1]


def logged():
    """Yield the name of each event that our own code logs, with its fields; None where unknown."""
    for path in sorted((ROOT / "services").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("log"), attr=level),
                    args=[ast.Constant(value=name)],
                    keywords=fields,
                ) if level in LEVELS:
                    yield name, tuple(each.arg for each in fields)
                case ast.Call(
                    func=ast.Attribute(attr="on_news"), args=[ast.Constant(value=name), _]
                ):
                    yield name, EVENTS.get(name)
                case ast.Call(func=ast.Attribute(value=ast.Name("log"), attr=level)) if (
                    level in LEVELS and path.name != "app.py"
                ):
                    raise AssertionError(f"{path.name} logs what has no name")


def test_whatever_is_logged_has_a_name_and_the_same_fields_everywhere():
    assert sorted(set(logged())) == sorted(EVENTS.items())


def test_the_page_on_operations_says_of_each_what_it_means():
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| `([a-z_.]+)` \| \w+ \| ([^|]*) \|", page, re.MULTILINE)

    assert {name: tuple(re.findall(r"`(\w+)`", fields)) for name, fields in rows} == dict(EVENTS)
