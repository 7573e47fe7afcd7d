"""The chart and the compose file speak of settings and services that there are."""

import json
import re
from pathlib import Path

import pytest

from services.registry import WORKERS
from services.runtime.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
CHART = DEPLOY / "helm/duestream"
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
VALUES = (CHART / "values.yaml").read_text(encoding="utf-8")
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


def test_the_chart_runs_the_services_that_there_are():
    assert SCHEMA["properties"]["services"]["propertyNames"]["enum"] == list(WORKERS)
    assert re.findall(r"^  (\w+): \{replicas: 2", VALUES, re.MULTILINE) == list(WORKERS)


def test_every_setting_that_it_names_is_one():
    named = set(SCHEMA["properties"]["settings"]["properties"])

    assert named - set(Settings.model_fields) == set()


@pytest.mark.parametrize("secret", ["database", "sasl_password"])
def test_what_is_secret_cannot_stand_among_the_values(secret):
    assert SCHEMA["properties"]["settings"]["properties"][secret]["not"] == {}


def test_every_value_is_in_the_schema():
    named = set(re.findall(r"^(\w+):", VALUES, re.MULTILINE))

    assert named <= set(SCHEMA["properties"])


def test_compose_runs_the_clock_and_every_worker_with_settings_that_there_are():
    words = re.findall(r"^    command: \[(.*)\]$", COMPOSE, re.MULTILINE)
    names = {each.lower() for each in re.findall(r"DUESTREAM_(\w+)", COMPOSE)}

    assert [f"worker, {each}" for each in WORKERS] == [each for each in words if "worker" in each]
    assert {"topics, apply", "clock"} <= set(words)
    assert names - set(Settings.model_fields) == set()


def test_every_port_of_compose_is_on_loopback():
    ports = re.findall(r'^      - "(.*:\d+)"$', COMPOSE, re.MULTILINE)

    assert len(ports) == 4
    assert [each for each in ports if not each.startswith("127.0.0.1:")] == []
