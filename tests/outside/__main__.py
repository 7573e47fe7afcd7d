"""``python -m tests.outside [WORD]``: run the checks that are called so, all else."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.outside.checks import CHECKS, Absent, Finding, Made


def main(word: str = "") -> int:
    """Run the checks; a tool that cannot be had skips its own, a finding fails the whole."""
    count = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory() as folder:
        made = Made(Path(folder))
        for name, check in CHECKS.items():
            if word.lower() not in name.lower():
                continue
            since = time.monotonic()
            outcome, said = _outcome(lambda check=check: check(made))
            count[outcome] += 1
            print(f"{outcome:8} {name}: {said} ({time.monotonic() - since:.0f} s)", flush=True)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**count))
    return 1 if count["failed"] else 0


def _outcome(check) -> tuple[str, str]:
    try:
        return "passed", check() or "clean"
    except Absent as absent:
        return "skipped", f"{absent}; nobody looked"
    except subprocess.TimeoutExpired as slow:
        return "skipped", f"{Path(slow.cmd[0]).name} did not end in time; nobody looked"
    except Finding as found:
        return "failed", str(found)


sys.exit(main(*sys.argv[1:]))
