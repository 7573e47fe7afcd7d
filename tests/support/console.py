"""The command line as a test calls it."""

from typer.testing import CliRunner

from services.cli import cli


def duestream(*words):
    """Call the command line; the result has exit_code, stdout and stderr."""
    return CliRunner(env={"COLUMNS": "100", "TERM": "dumb"}).invoke(cli, [str(w) for w in words])
