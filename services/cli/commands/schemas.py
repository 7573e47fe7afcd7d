"""``duestream schemas``: all messages as JSON Schemas, as AsyncAPI, and as a page for people."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

import schemas as public
from schemas.publish import asyncapi, compatibility, jsonschema, page
from schemas.topics import CATALOGUE
from services.cli.commands import access
from services.cli.plumbing.cluster import read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.registry import RULES, Registry, Unregistered
from services.cli.views.plain import plain

SNAPSHOTS = Path(public.__file__).parent / "snapshots"
DOCS = Path(public.__file__).parents[1] / "docs"


def schemas(
    out: Annotated[Path, typer.Option(help="Folder for the documents")] = Path("out/schemas"),
    write: Annotated[
        bool, typer.Option("--write", help="Renew the committed snapshots and pages in docs/")
    ] = False,
    accept_breaking: Annotated[
        bool, typer.Option("--accept-breaking", help="With --write: nobody reads them yet")
    ] = False,
    registry: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Register them at a registry with Confluent's API"),
    ] = None,
    rule: Annotated[
        str, typer.Option(help=f"With --registry, of each subject: {', '.join(RULES)}")
    ] = RULES[0],
) -> None:
    """Write the JSON Schema of every message, an AsyncAPI 3 document and pages for people.

    Example: duestream schemas --out out/schemas

    With --registry nothing is written, and each message is a subject TOPIC-MESSAGE. Exit code 1
    where the registry refuses one of them.
    """
    if registry is not None:
        _register(registry, rule)
        return
    files = documents()
    if write and not accept_breaking and (found := breaking_changes(SNAPSHOTS)):
        typer.echo("\n".join(found), err=True)
        fail("the snapshots were not renewed", where=SNAPSHOTS, do=compatibility.WHAT_TO_DO)
    folder = SNAPSHOTS if write else out
    try:
        _leave(files, folder, alone=write)
        for name, text in pages().items():
            ((DOCS if write else out) / name).write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"the schemas cannot be written: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="choose a folder that you may write with --out")
    typer.echo(f"{len(files) - 1} schemas, asyncapi.json, messages.md and access.md in {folder}")


def _register(url: str, rule: str) -> None:
    if rule not in RULES:
        fail(f"there is no rule {rule}", where="--rule", do=f"choose {', '.join(RULES)}")
    refused = []
    try:
        for outcome in Registry(url).register(subjects(read_settings().topic_prefix), rule=rule):
            said = f"id {outcome.schema_id}" if outcome.schema_id is not None else outcome.why
            typer.echo(f"{outcome.subject}: {plain(said)}")
            refused += [outcome.subject] if outcome.schema_id is None else []
    except Unregistered as error:
        fail(f"the registry cannot be had: {error}", where="--registry", do="look at its address")
    if refused:
        what = f"the registry refuses {len(refused)} of the messages"
        fail(what, where=", ".join(refused), do=compatibility.WHAT_TO_DO)


def subjects(prefix: str = "") -> Mapping[str, str]:
    """Return the schema of each message by its subject: several messages share a topic."""
    return {
        f"{prefix}{topic.name}-{message.__name__}": json.dumps(jsonschema.schema_of(message))
        for topic in CATALOGUE
        for message in topic.messages
    }


def _leave(files: Mapping[str, str], folder: Path, *, alone: bool) -> None:
    """Write *files* into *folder*; *alone*, so that no other document stays there."""
    folder.mkdir(parents=True, exist_ok=True)
    if alone:
        for stale in set(folder.glob("*.json")) - {folder / name for name in files}:
            stale.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def documents() -> Mapping[str, str]:
    """Return the text of every document by its file name."""
    files = {
        f"{name}.json": jsonschema.as_text(jsonschema.schema_of(each))
        for name, each in jsonschema.messages().items()
    }
    return files | {"asyncapi.json": jsonschema.as_text(asyncapi.document())}


def pages() -> Mapping[str, str]:
    """Return the text of every page for people by its file name."""
    return {"messages.md": page.text(), "access.md": access.page()}


def breaking_changes(folder: Path) -> list[str]:
    """Return a sentence for each thing that the models took away since *folder* was written."""
    found: list[str] = []
    now = jsonschema.messages()
    for path in sorted(folder.glob("*.json")):
        if path.name == "asyncapi.json":
            continue
        if path.stem not in now:
            found.append(f"{path.stem}: the message was removed")
            continue
        old = json.loads(path.read_text(encoding="utf-8"))
        found += compatibility.breaks(path.stem, old, jsonschema.schema_of(now[path.stem]))
    return found
