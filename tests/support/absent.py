"""What becomes of tests whose server this machine cannot run, and what is said about it."""

from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

import pytest

LOUD = "NOT TESTED"


def do_without(name: str, *, lack: str, ci: bool) -> NoReturn:
    """End the test: where changes are checked it fails, on a desk it is skipped."""
    reason = f"{LOUD} with {name}: {lack}"
    if ci:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def summary(reasons: Iterable[str]) -> str | None:
    """Put into one line why tests that want a server were skipped; None where none were."""
    loud = (each.removeprefix("Skipped: ") for each in reasons)
    counted = Counter(each for each in loud if each.startswith(LOUD))
    told = [f"{reason} ({count} skipped)" for reason, count in sorted(counted.items())]
    return "; ".join(told) or None
