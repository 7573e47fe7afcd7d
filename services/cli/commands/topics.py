"""``duestream topics``: the catalogue of topics."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from schemas.topics import CATALOGUE, Topic

topics = typer.Typer(no_args_is_help=True, help="The topics: their names, writers and messages.")


@topics.callback()
def _group() -> None:
    """The topics: their names, writers and messages."""


@topics.command("list")
def list_topics(
    as_json: Annotated[bool, typer.Option("--json", help="Print the catalogue as JSON")] = False,
) -> None:
    """List every topic with its one writer and the messages it carries.

    Example: duestream topics list --json
    """
    if as_json:
        lines = [each._asdict() | {"messages": _names(each)} for each in CATALOGUE]
        typer.echo(json.dumps(lines, indent=2))
        return
    table = Table("topic", "written by", "messages", box=None, header_style="bold", pad_edge=False)
    for topic in CATALOGUE:
        table.add_row(topic.name, topic.writer, ", ".join(_names(topic)))
    Console(highlight=False).print(table)


def _names(topic: Topic) -> list[str]:
    return [each.__name__ for each in topic.messages]
