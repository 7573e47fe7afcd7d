"""The command line as a test calls it."""

from typer.testing import CliRunner

from services.cli import cli


def duestream(*words, columns=100, **environment):
    """Call the command line; the result has exit_code, stdout and stderr."""
    told = {"COLUMNS": str(columns), "TERM": "dumb"} | environment
    return CliRunner(env=told).invoke(cli, [str(w) for w in words])
