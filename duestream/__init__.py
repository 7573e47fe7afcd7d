"""duestream as it is installed: one package, with the services and the messages inside it.

In the repository ``services`` and ``schemas`` stand beside this package and import each other by
these names. A wheel holds them inside it, so that nothing of ours lies under a general name among
other people's packages; the launcher makes their names known to its own process alone.
"""

import sys
from pathlib import Path


def cli() -> None:
    """Run the command line; ``duestream`` and ``python -m duestream`` call it."""
    inside = Path(__file__).parent
    if (inside / "services").is_dir():
        sys.path.insert(0, str(inside))
    from services.cli import cli as commands  # known only now

    commands()
