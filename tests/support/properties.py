"""How many examples a property is tried on: fewer where somebody waits for the answer."""

import os

# `make check` says 40; without it each property has what it asks for.
_AT_MOST = int(os.environ.get("EXAMPLES_AT_MOST", "1000000"))


def up_to(examples: int) -> int:
    """Return *examples*, or fewer where the environment says so."""
    return min(examples, _AT_MOST)
