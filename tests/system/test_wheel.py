"""The wheel, as somebody has it who installs duestream and never sees the repository."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder with the wheel's files, made from a copy without what was built before."""
    wheels, folder = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    build = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation")
    subprocess.run([*build, "-w", str(wheels), str(ROOT)], check=True)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return folder


def duestream(installed, *words, cwd):
    """Run the installed command line; the repository is not on its path."""
    path = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path}
    command = [sys.executable, "-S", "-P", "-m", "duestream", *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_it_has_one_package(installed):
    assert sorted(each.name for each in installed.iterdir()) == [
        "duestream",
        "duestream-0.1.0.dist-info",
    ]


def test_it_runs_in_an_empty_folder(installed, tmp_path):
    events = ROOT / "examples" / "usage.jsonl"
    ran = duestream(installed, "run", events, "--until", "2026-03-01", "--out", "out", cwd=tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "out" / "invoices.jsonl").stat().st_size > 0


def test_a_package_of_somebody_else_with_a_general_name_is_not_taken_for_ours(installed, tmp_path):
    for name in ("services", "schemas"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise ImportError('not this one')\n")
    other = Path(f"{installed}{os.pathsep}{tmp_path}")

    assert duestream(other, "topics", "list", cwd=tmp_path).returncode == 0
