"""The command line: the one place that knows all services; one module per group of commands."""

from importlib.metadata import version
from typing import Annotated

import typer

from services.cli.plumbing.lazily import lazily

COMMANDS = {
    "run": "run:run",
    "explain": "explain:explain",
    "schemas": "schemas:schemas",
    "worker": "worker:worker",
    "clock": "worker:clock",
    "top": "top:top",
    "publish": "publish:publish",
    "verify": "verify:verify",
    "rebuild": "rebuild:rebuild",
    "backup": "backup:backup",
    "books": "books:books",
    "preview": "preview:preview",
    "usage": "usage:usage",
    "recompute": "recompute:recompute",
    "write-off": "write_off:write_off",
    "tax-changes": "tax_changes:tax_changes",
    "payments": "payments:payments",
    "templates": "templates:templates",
    "documents": "documents:documents",
    "topics": "topics:topics",
    "deliveries": "deliveries:deliveries",
    "endpoints": "endpoints:endpoints",
    "dead-letters": "dead_letters:dead_letters",
}
cli = typer.Typer(
    cls=lazily({name: f"services.cli.commands.{place}" for name, place in COMMANDS.items()}),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"duestream {version('duestream')}")
        raise typer.Exit


@cli.callback()
def duestream(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Say the version and exit."
        ),
    ] = False,
) -> None:
    """Contract receivables as streams: who owes, who is reminded, and why."""
