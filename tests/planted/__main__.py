"""Plants each bug in a copy of the tree, and says what caught it: python -m tests.planted [WORD]

With a word only the bugs whose name has it.
"""

import sys
import tempfile
from pathlib import Path

from tests.planted.bugs import BUGS
from tests.planted.planting import Bug, copy_tree, look_for, planted

NOTHING = "the tree as it is"


def main() -> int:
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="duestream-planted-") as folder:
        tree = copy_tree(Path(folder))
        bugs = [bug for bug in BUGS if word in bug.name]
        for bug in bugs:
            missed += not _is_caught(bug, tree)
    print(f"{len(bugs) - missed} of {len(bugs)} caught")
    return min(missed, 1)


def _is_caught(bug: Bug, tree: Path) -> bool:
    with planted(bug, tree):
        catch = look_for(bug, tree)
    found = catch.where if catch.caught else f"NOT CAUGHT ({catch.where})"
    print(f"{bug.name:<62} {found:<58} {catch.seconds:6.1f} s", flush=True)
    return catch.caught


if __name__ == "__main__":
    sys.exit(main())
