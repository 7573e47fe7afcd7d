"""``duestream explain``: what happened to a contract, when and why."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from schemas.decisions import StepDecided
from services.cli.plumbing import sources
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.views.plain import plain
from services.cli.views.story import Story, StoryEntry, StorySource, Topics
from services.cli.words import tell
from services.cli.words.language import Code, Language, language
from services.cli.words.names import Names, spaced
from services.runtime.ops.source import Folder, Kafka
from services.runtime.partitions import partition_of

CAME_IN, ANSWERED, DECIDED = ">", "=", "?"


def explain(
    contract: Annotated[str, typer.Argument(help="The contract_id")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Only this day")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that a run left")] = Path("out"),
    on_kafka: Annotated[
        bool, typer.Option("--kafka", help="Read Kafka's topics instead of a folder")
    ] = False,
    code: Annotated[Code, typer.Option("--language", metavar="en|de", help="Of the story")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print the story as JSON")] = False,
) -> None:
    """Tell what happened to CONTRACT: what came in, what was decided and why, what was said.

    Example: duestream explain C-601 --on 2026-02-21 --out out

    With --kafka all topics of the contract's partition are read from their beginning.
    """
    source = _from_kafka(contract) if on_kafka else _from_folder(out, contract)
    story = Topics(source).story(contract)
    if not story.told:
        _say_who_is_known(contract, source)
    names = Names.of((each.message for each in story.told if each.message), language(code))
    days = [(day, told) for day, told in story.days() if on is None or day == on.date()]
    if as_json:
        lines = [_as_json(each, day, names) for day, told in days for each in told]
        typer.echo(json.dumps(lines, indent=2, ensure_ascii=False))
    else:
        _show(story, days, names, on=on.date() if on else None)


def _from_folder(out: Path, contract: str) -> StorySource:
    return asyncio.run(sources.gather(Folder(out), contract, partition=0))


def _from_kafka(contract: str) -> StorySource:
    settings = read_settings()
    with reaching(settings):
        partition = partition_of(contract, settings.partitions)
        return asyncio.run(sources.gather(Kafka(settings), contract, partition=partition))


def _say_who_is_known(contract: str, source: StorySource) -> NoReturn:
    known = source.contracts()
    if not known:
        fail("nothing was said of any contract", where=source.name, do=source.begin)
    near = get_close_matches(contract, known, n=3) or known[:3]
    do = f"ask for another, such as {', '.join(near)}"
    fail(f"no contract {contract} among {len(known)}", where=source.name, do=do)


def _as_json(told: StoryEntry, day: date, names: Names) -> dict[str, Any]:
    fields = {
        "on": day.isoformat(),
        "said_by": told.event.source,
        "type": told.event.type,
        "sentence": _sentence(told, names),
        "dead_lettered": told.refused,
        "data": _value(told.event.data),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _value(data: bytes) -> Any:
    """Return what *data* says; what came to Kafka as no JSON is told as text."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return data.decode(errors="backslashreplace")


def _show(
    story: Story, days: Sequence[tuple[date, list[StoryEntry]]], names: Names, *, on: date | None
) -> None:
    console, says = Console(highlight=False), names.language
    heading = says.say("page.heading", contract=story.contract_id, zone=story.zone.key)
    console.print(Text(plain(heading), style="bold"))
    if not days:
        before = [day for day, _ in story.days() if on and day < on]
        last = says.part("page.before", day=before[-1] if before else None)
        console.print("\n" + says.say("page.nothing", on=on, before=last))
    for day, told in days:
        console.print(f"\n[bold]{says.written(day)}[/] [dim]{says.weekday(day)}[/]")
        for each in told:
            for line in _lines(each, names, width=console.width):
                console.print(line, soft_wrap=True)
    legend = says.say("page.legend", came_in=CAME_IN, decided=DECIDED, answered=ANSWERED)
    console.print(Text(f"\n{legend}", style="dim"))


def _lines(told: StoryEntry, names: Names, *, width: int) -> Iterator[Text]:
    """Set what came in to the left, what we answered below it, and reasons in a quiet colour."""
    text = Text(plain(_sentence(told, names)))
    if told.refused:
        text.append(plain(_refused(told.refused, names.language)), style="red")
    mark, indent = (CAME_IN, 2) if told.number is None else (ANSWERED, 4)
    if isinstance(told.message, StepDecided):
        mark = DECIDED
        text.stylize("dim")
    first = Text(f"{mark:>{indent}} ", style="green")
    for line in text.wrap(Console(width=width), max(width - len(first), 20)):
        line.rstrip()
        yield Text.assemble(first, line)
        first = Text(" " * len(first))


def _sentence(told: StoryEntry, names: Names) -> str:
    if told.message is None:
        return names.language.say("page.unread", what=spaced(told.event.type))
    return tell(told.message, names)


def _refused(said: str, says: Language) -> str:
    """Return why it was dead-lettered: the code in words, the detail as the service wrote it."""
    code, _, detail = said.partition(": ")
    key = "page.refused" if detail else "page.refused_code"
    return says.say(key, code=says.word("code", code), detail=detail)
