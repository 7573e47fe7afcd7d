"""``duestream templates``: texts and letterheads of legal entities, tried before they count."""

import json
from pathlib import Path
from typing import Annotated

import typer

from schemas.envelope import Event, Malformed
from schemas.message import Refused
from schemas.templates import TemplatesPublished
from schemas.topics import TERMS
from services.cli.plumbing.failure import fail
from services.notifications.rendering.page.typesetting import Press, press
from services.notifications.rendering.templates import faults_of
from services.runtime.stream import codec

templates = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Texts and letterheads: check."
)


@templates.callback()
def _group() -> None:
    """Texts and letterheads, before they are published."""


@templates.command("check")
def check(
    file: Annotated[
        Path, typer.Argument(help="CloudEvents, one a line, as they are to be published")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print what is wrong as JSON")] = False,
) -> None:
    """Try each TemplatesPublished of FILE: built-in samples are rendered with it.

    Example: duestream templates check templates.jsonl

    Notifications would dead-letter one that fails, and go on with the version before it.
    Exit codes: 0 all render; 1 one does not, or there is none.
    """
    found = _tried(_lines(file))
    if not found:
        fail("no TemplatesPublished is in it", where=file, do="write one CloudEvent a line")
    if as_json:
        told = [{"line": n, "template": what, "faults": faults} for n, what, faults in found]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for number, what, faults in found:
            typer.echo(f"{file}:{number}  {what}  {'; '.join(faults) or 'renders'}")
    raise typer.Exit(any(faults for _, _, faults in found))


def _lines(file: Path) -> list[bytes]:
    try:
        return file.read_bytes().splitlines()
    except OSError as error:
        what = f"the templates cannot be read: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="name a file of CloudEvents, one JSON object a line")


def _tried(lines: list[bytes]) -> list[tuple[int, str, list[str]]]:
    """Return of each line that is a template its number, its name and what is wrong with it."""
    found, used = [], press()
    for number, line in enumerate(lines, 1):
        try:
            event = Event.from_line(line)
        except Malformed as why:
            if line.strip():
                found.append((number, "?", [str(why)]))
            continue
        if event.type == TemplatesPublished.__name__:
            found.append((number, event.subject, _faults(event, used)))
    return found


def _faults(event: Event, used: Press) -> list[str]:
    try:
        template = codec.decode(event, TERMS.name)
    except Refused as why:
        return [why.detail]
    assert isinstance(template, TemplatesPublished), "its type says so"
    if event.subject != (subject := "@".join(template.business_key())):
        return [f"subject is not {subject}"]
    return faults_of(template, press=used)
