"""The command line: the one place that knows all services; one module per group of commands."""

import typer

from services.cli import (
    books,
    catalogue,
    dead_letters,
    explain,
    kafka,
    preview,
    publish,
    published,
    run,
    verify,
    write_off,
)
from services.cli.failure import Commands

cli = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
cli.command()(run.run)
cli.command()(explain.explain)
cli.command()(published.schemas)
cli.command()(kafka.worker)
cli.command()(kafka.clock)
cli.command()(publish.publish)
cli.command()(verify.verify)
cli.command()(books.books)
cli.command()(preview.preview)
cli.command("write-off")(write_off.write_off)
catalogue.topics.command("apply")(kafka.apply_topics)
cli.add_typer(catalogue.topics, name="topics")
cli.add_typer(dead_letters.dead_letters, name="dead-letters")


@cli.callback()
def duestream() -> None:
    """Contract receivables as streams: who owes, who is reminded, and why."""
