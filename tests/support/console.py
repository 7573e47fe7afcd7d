"""The command line as a test calls it."""

from typer.main import get_command
from typer.testing import CliRunner

from services.cli import cli


def duestream(*words, columns=100, **environment):
    """Call the command line; the result has exit_code, stdout and stderr."""
    told = {"COLUMNS": str(columns), "TERM": "dumb"} | environment
    return CliRunner(env=told).invoke(cli, [str(w) for w in words])


def commands():
    """Return every command as its words, such as ``("topics", "list")``."""
    return list(_commands(get_command(cli)))


def _commands(group, *before):
    # Asked for by name: commands that are imported when they are called stand in no list.
    for name in group.list_commands(None):
        command, here = group.get_command(None, name), (*before, name)
        yield from _commands(command, *here) if hasattr(command, "list_commands") else [here]
