"""The command line: the one place that knows all services; one module per group of commands."""

import typer

from services.cli.commands import (
    books,
    dead_letters,
    explain,
    preview,
    publish,
    run,
    schemas,
    topics,
    verify,
    worker,
    write_off,
)
from services.cli.plumbing.failure import Commands

cli = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)
cli.command()(run.run)
cli.command()(explain.explain)
cli.command()(schemas.schemas)
cli.command()(worker.worker)
cli.command()(worker.clock)
cli.command()(publish.publish)
cli.command()(verify.verify)
cli.command()(books.books)
cli.command()(preview.preview)
cli.command("write-off")(write_off.write_off)
topics.topics.command("apply")(worker.apply_topics)
cli.add_typer(topics.topics, name="topics")
cli.add_typer(dead_letters.dead_letters, name="dead-letters")


@cli.callback()
def duestream() -> None:
    """Contract receivables as streams: who owes, who is reminded, and why."""
