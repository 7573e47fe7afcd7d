"""Commands whose modules are imported when they are called, or listed in a help.

To import all of them takes two seconds, of which ``duestream topics list`` needs a fifth.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from services.cli.plumbing.failure import Commands


def lazily(places: Mapping[str, str]) -> type[TyperGroup]:
    """Return a group that has the commands of *places* besides those it is given.

    *places* says, by the command's name, ``module:name`` of its function or of its own group.
    """

    class Lazily(Commands):
        """Finds a command by its name, and imports what it needs then."""

        def list_commands(self, ctx: Any) -> list[str]:
            return [*super().list_commands(ctx), *places]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            place = places.get(cmd_name)
            return super().get_command(ctx, cmd_name) if place is None else _found(place, cmd_name)

    return Lazily


def _found(place: str, name: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_command(found)
    else:
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name)(found)
        command = typer.main.get_command(alone)
    command.name = name
    return command
