"""``duestream topics``: the catalogue of topics."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from schemas.topics import CATALOGUE, Topic
from services.cli.plumbing.lazily import lazily

topics = typer.Typer(
    add_completion=False,
    cls=lazily(
        {
            "apply": "services.cli.commands.worker:apply_topics",
            "strimzi": "services.cli.commands.access:strimzi",
        }
    ),
    no_args_is_help=True,
    help="The topics: their names, writers and messages.",
)


@topics.callback()
def _group() -> None:
    """The topics: their names, writers and messages."""


@topics.command("list")
def list_topics(
    as_json: Annotated[bool, typer.Option("--json", help="Print the catalogue as JSON")] = False,
) -> None:
    """List every topic with who may write it and the messages it carries.

    Example: duestream topics list --json
    """
    if as_json:
        lines = [_as_json(each) for each in CATALOGUE]
        typer.echo(json.dumps(lines, indent=2))
        return
    table = Table("topic", "written by", "messages", box=None, header_style="bold", pad_edge=False)
    for topic in CATALOGUE:
        table.add_row(topic.name, " or ".join(topic.writers), ", ".join(_names(topic)))
    Console(highlight=False).print(table)


def _as_json(topic: Topic) -> dict[str, object]:
    return topic._asdict() | {"writers": topic.writers, "messages": _names(topic)}


def _names(topic: Topic) -> list[str]:
    return [each.__name__ for each in topic.messages]
