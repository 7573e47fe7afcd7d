"""Alerts and dashboard speak of figures that there are, and the runbook of every alert and code."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.runtime.kafka.app import FAULT, TEMPORARY
from services.runtime.partitions import partition_of
from tests.runtime.kafka import test_clock_health
from tests.runtime.kafka.test_health import exposed

ROOT = Path(__file__).parents[2]
RULES = (ROOT / "deploy/prometheus/alerts.yaml").read_text(encoding="utf-8")
DASHBOARD = (ROOT / "deploy/grafana/duestream.json").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
PRODUCING = (ROOT / "docs/producing.md").read_text(encoding="utf-8")
ALERTS = re.findall(r"- alert: (\w+)", RULES)


@pytest.mark.parametrize("text", [RULES, DASHBOARD], ids=["alerts", "dashboard"])
def test_what_is_asked_for_is_what_a_worker_or_the_clock_tells(tmp_path, text):
    told = (exposed(tmp_path), test_clock_health.exposed())
    families = [each for text in told for each in text_string_to_metric_families(text)]
    said = {sample.name for each in families for sample in each.samples}
    # Counted by reason: before the first there is none.
    said |= {f"{each.name}_total" for each in families if each.type == "counter"}
    asked = set(re.findall(r"\b(?:duestream|process)_\w+", text))

    assert asked - said == set()
    assert len(asked) >= 8


def test_the_dashboard_has_a_title_and_an_expression_in_each_panel():
    panels = json.loads(DASHBOARD)["panels"]

    assert len({each["id"] for each in panels}) == len(panels)
    assert [each for each in panels if not (each["title"] and each["targets"][0]["expr"])] == []


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_has_its_section_in_the_runbook(alert):
    assert f"\n### {alert}\n" in RUNBOOK
    assert f"runbook: docs/runbook.md#{alert.lower()}\n" in RULES


@pytest.mark.parametrize("code", [0, 1, 2, 3, FAULT, TEMPORARY])
def test_every_exit_code_is_in_the_runbook(code):
    assert f"\n| {code} | " in RUNBOOK


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool comes with prometheus")
def test_promtool_finds_no_fault_with_the_rules():
    for words in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]):
        done = subprocess.run(
            ["promtool", *words], cwd=ROOT / "deploy/prometheus", capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_partitions_that_a_producer_checks_itself_by_are_ours():
    said = re.search(
        r"of 12 partitions `(.*?)` belongs on (\d+), `(.*?)` on (\d+), `(.*?)` on (\d+)", PRODUCING
    ).groups()

    for contract_id, partition in zip(said[::2], said[1::2], strict=True):
        assert partition_of(contract_id, 12) == int(partition)


@pytest.mark.parametrize("page", ["runbook", "producing", "operations", "access", "sql-engines"])
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")

    for target, heading in re.findall(r"\]\(([\w/.-]*)(?:#([\w-]+))?\)", text):
        path = ROOT / "docs" / target if target else ROOT / f"docs/{page}.md"
        assert path.is_file(), target
        if heading:
            lines = path.read_text(encoding="utf-8").splitlines()
            headings = {
                re.sub(r"[^\w -]", "", each.lstrip("# ").lower()).replace(" ", "-")
                for each in lines
                if each.startswith("#")
            }
            assert heading in headings
