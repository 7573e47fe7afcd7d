"""The command line: the one place that knows all services; one module per group of commands."""

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
    "books": "books:books",
    "preview": "preview:preview",
    "usage": "usage:usage",
    "recompute": "recompute:recompute",
    "write-off": "write_off:write_off",
    "payments": "payments:payments",
    "topics": "topics:topics",
    "deliveries": "deliveries:deliveries",
    "dead-letters": "dead_letters:dead_letters",
}
cli = typer.Typer(
    cls=lazily({name: f"services.cli.commands.{place}" for name, place in COMMANDS.items()}),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.callback()
def duestream() -> None:
    """Contract receivables as streams: who owes, who is reminded, and why."""
