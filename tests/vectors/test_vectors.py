"""The acceptance cases of this folder, run with the product's public command only."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.vectors.comparison import differences, learned
from tests.vectors.outputs import TOPICS, Output
from tests.vectors.shorthand import Case, Data, cloud_events, read_case, said_at, shared_entity

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CASES = [read_case(path) for path in sorted(HERE.glob("*.json"))]
COMMAND = Path(sys.executable).parent / "duestream"

# What dunning answers for. R-34 needs a clock that was down, R-56 a provider, R-65 invoicing.
RULES = """
    R-01 R-02 R-03 R-04 R-05 R-06 R-07 R-08 R-10 R-11 R-12 R-13 R-14 R-15 R-20 R-21 R-22
    R-30 R-31 R-31a R-31b R-32 R-33 R-40 R-41 R-42 R-43 R-50 R-51 R-52 R-53 R-54 R-55 R-57 R-58
    R-60 R-61 R-62 R-63 R-64 R-70 R-71 R-72 R-73 R-74 R-75 R-76 R-77 R-78 R-79 R-80 R-81
    R-82 R-83 R-84 R-85 R-86 R-87 R-90 R-92 R-93 R-94 R-98 R-99 R-115 R-116 R-117 R-118
"""

Runs = Callable[[str], Output]


def of_run(run: str) -> list[Case]:
    return [case for case in CASES if case.run == run]


def write_events(path: Path, cases: list[Case], known: dict[str, Data]) -> None:
    """All events of the cases in the order of time, after the entity that they share."""
    lines = [line for case in cases for line in cloud_events(case, known.get(case.name, {}))]
    if any(case.shares_entity for case in cases):
        first = min(said_at(event) for case in cases for event in case.text["events"])
        lines.insert(0, shared_entity(cases[0].run, first))
    lines.sort(key=lambda line: line[0])
    path.write_text("".join(f"{line}\n" for _, line in lines))


def run_once(cases: list[Case], folder: Path, known: dict[str, Data]) -> Output:
    folder.mkdir(parents=True)
    events = folder / "events.jsonl"
    write_events(events, cases, known)
    until = max(case.until for case in cases)
    return command(events, until.isoformat(), folder / "out", cases=len(cases))


def command(events: Path, until: str, out: Path, *more: str, cases: int = 1) -> Output:
    done = subprocess.run(
        [COMMAND, "run", events, "--until", until, "--out", out, *more],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    return Output(out, done.returncode, done.stdout + done.stderr, cases)


def run_all(cases: list[Case], folder: Path) -> Output:
    """Run until every id that an event names has been said; ids are the same in every run.

    The few cases whose events name ids run by themselves until these are known, then all at once.
    """
    learning = [case for case in cases if "learn" in case.text]
    known = learn(learning, folder / "learning", {})[1] if learning else {}
    return learn(cases, folder, known)[0]


def learn(
    cases: list[Case], folder: Path, known: dict[str, Data]
) -> tuple[Output, dict[str, Data]]:
    """Run until what the events name is what is said; return the last run and what was named."""
    names = sum(len(case.text.get("learn", {})) for case in cases)
    for attempt in range(names + 1):
        output = run_once(cases, folder / str(attempt), known)
        before, known = known, {c.name: learned(c, output) for c in cases if "learn" in c.text}
        if known == before:
            break
    return output, known


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    done: dict[str, Output] = {}

    def run(name: str) -> Output:
        if name not in done:
            folder = tmp_path_factory.mktemp("vectors") / name
            done[name] = run_all(of_run(name), folder)
        return done[name]

    return run


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_what_the_rules_say(case: Case, runs: Runs) -> None:
    output = runs(case.run)
    assert output.exit_code in (0, 2), output.screen
    found = differences(case, output)
    if found:
        told = [f"{case.name}: {case.text['title']}", f"  why: {case.text['why']}", *found]
        pytest.fail("\n".join(told), pytrace=False)


def test_every_rule_of_dunning_is_shown_by_a_case() -> None:
    shown = {rule for case in CASES for rule in case.text["rules"]}
    assert set(RULES.split()) - shown == set()


@pytest.mark.parametrize("run", sorted({case.run for case in CASES}))
def test_every_message_of_a_contract_has_the_next_number_and_an_id_of_its_own(
    run: str, runs: Runs
) -> None:
    numbers: dict[str, list[int]] = {}
    ids: list[str] = []
    for topic in TOPICS:
        for line in runs(run).lines(topic):
            if line["source"] == "/duestream/dunning" and "sequence" in line:
                numbers.setdefault(line["subject"], []).append(int(line["sequence"]))
                ids.append(line["id"])
    gaps = {of: sorted(n) for of, n in numbers.items() if sorted(n) != list(range(1, len(n) + 1))}
    assert gaps == {}
    assert len(ids) == len(set(ids))


def test_no_step_fires_twice_for_one_anchor_one_reopening_and_one_run(runs: Runs) -> None:
    fired: list[str] = []
    for name in sorted({case.run for case in CASES}):
        for line in runs(name).lines("escalations"):
            if line["type"] == "PaymentEscalated":
                said = line["data"]
                names = ("payment_escalation_process_id", "receivable_id", "reopening", "step")
                fired.append(json.dumps([line["subject"], *(said.get(key) for key in names)]))
    assert len(fired) == len(set(fired))


def test_the_same_input_leaves_the_same_bytes(tmp_path: Path, runs: Runs) -> None:
    first = runs("clean")
    again = run_all(of_run("clean"), tmp_path / "again")
    files = {path.name: path.read_bytes() for path in first.folder.glob("*.jsonl")}
    assert files
    assert {path.name: path.read_bytes() for path in again.folder.glob("*.jsonl")} == files


@pytest.mark.parametrize(("times", "partitions"), [(2, "1"), (1, "3")])
def test_what_is_said_depends_neither_on_duplicates_nor_on_partitions(
    times: int, partitions: str, tmp_path: Path, runs: Runs
) -> None:
    (case,) = of_run("clean")
    events = tmp_path / "events.jsonl"
    write_events(events, [case], {})
    events.write_text("".join(line * times for line in events.read_text().splitlines(True)))
    again = command(events, case.until.isoformat(), tmp_path / "out", "--partitions", partitions)
    for topic in TOPICS:
        assert said_of(again, topic) == said_of(runs("clean"), topic)
    assert again.exit_code == 0


def said_of(output: Output, topic: str) -> list[Data]:
    """A topic's messages of contracts, without the one attribute that may differ."""
    lines = [line | {"causedby": ""} for line in output.lines(topic) if "sequence" in line]
    return sorted(lines, key=lambda line: int(line["sequence"]))


def test_a_run_whose_events_cannot_be_read_ends_with_1(tmp_path: Path) -> None:
    missing = tmp_path / "missing.jsonl"
    assert command(missing, "2026-03-31", tmp_path / "out").exit_code == 1


def test_events_after_the_last_day_are_counted_and_not_read(tmp_path: Path, runs: Runs) -> None:
    (case,) = of_run("clean")
    events = tmp_path / "events.jsonl"
    write_events(events, [case], {})
    before = case.until - timedelta(days=21)
    output = command(events, before.isoformat(), tmp_path / "out")
    assert output.exit_code == 0
    assert [line["type"] for line in output.lines("payments")] == []
