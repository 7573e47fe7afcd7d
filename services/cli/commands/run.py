"""``duestream run``: all services over files of events, in one process, day by day."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.topics import CATALOGUE
from services.cli.plumbing.failure import fail
from services.cli.views import summary
from services.cli.views.lines import InputLines
from services.registry import PROJECTIONS, WORKERS
from services.runtime.embedded.embedded import Embedded, Summary
from services.runtime.stream.changes import Broken
from services.runtime.worker import Worker

# What a run leaves of documents: a hash, or a day and a delivery, so that nothing else goes.
_SENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f-]{36}"
LEFT = re.compile(
    rf"documents/[0-9a-f]{{64}}\.(pdf|xml)|mail/{_SENT}\.eml|letters/{_SENT}(-[0-9]+)?\.pdf"
)


def run(
    events: Annotated[
        list[Path],
        typer.Argument(help="Files of CloudEvents, one a line (.jsonl); - is standard input"),
    ],
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The last day to begin")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the topics and the state")] = Path("out"),
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of every topic")] = 1,
    documents: Annotated[
        bool, typer.Option("--documents", help="Make documents, too, and leave mails and letters")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON")] = False,
) -> None:
    """Run all services over EVENTS and leave every topic as a file in --out.

    Example: duestream run examples/events.jsonl --until 2026-04-30 --out out

    With --documents what customers are told is made, too: each PDF in documents/, mails in mail/,
    letters in letters/. Nothing is sent.

    Exit codes: 0 everything was read; 2 there are dead letters, all else is done; 1 no run.
    """
    lines = read(events)
    _make_room(out, events)
    workers, projections = list(WORKERS.values()), list(PROJECTIONS.values())
    if documents:
        workers.append(_telling_customers(out))
    embedded = Embedded(workers, out, partitions=partitions, projections=projections)
    told = _follow(embedded, lines, until.date())
    report = summary.report(told, embedded.log.topics, lines, out=out, until=until.date())
    if as_json:
        typer.echo(json.dumps(summary.as_json(report), indent=2, ensure_ascii=False))
    else:
        summary.show(report, Console(highlight=False))
    raise typer.Exit(2 if report.dead_letters else 0)


def _telling_customers(out: Path) -> Worker[Any]:
    # What sets pages is dear to import, and most commands need none of it.
    from services.notifications.embedded import leaving_in

    return leaving_in(out)


def _follow(embedded: Embedded, lines: InputLines, until: date) -> Summary:
    """Run to the end; the topics are written also where a service had to stop."""
    try:
        with progress(until) as watch:
            running = embedded.run([each.raw for each in lines], until=until, watch=watch)
            return asyncio.run(running)
    except Broken as broken:
        say_stopped(broken)
    finally:
        embedded.write()


def say_stopped(broken: Broken) -> NoReturn:
    """Say where a service met what its invariants rule out."""
    place, _, error = str(broken).partition(": ")
    do = "look at that line of the topic's file in --out; it is a mistake of ours, report it"
    fail(f"a service had to stop: {error}", where=f"topic/partition/offset {place}", do=do)


def read(events: Sequence[Path]) -> InputLines:
    try:
        return InputLines.of(events)
    except OSError as error:
        what = f"the events cannot be read: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="name files of CloudEvents, one JSON object a line")


def _make_room(out: Path, events: Sequence[Path]) -> None:
    """Remove what an earlier run left in *out*, and nothing else."""
    stale = [out / f"{topic.name}.jsonl" for topic in CATALOGUE]
    stale += [*out.glob("*.dead-letters.jsonl"), *out.glob("state/*.sqlite*")]
    stale += [path for path in out.glob("*/*") if LEFT.fullmatch("/".join(path.parts[-2:]))]
    inputs = {path.resolve() for path in events}
    if taken := [path for path in stale if path.resolve() in inputs]:
        do = "choose another folder with --out, or move the file"
        fail("the run would overwrite a file that it has to read", where=taken[0], do=do)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path in stale:
            path.unlink(missing_ok=True)
    except OSError as error:
        what = f"the output cannot be written: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="choose a folder that you may write with --out")


@contextmanager
def progress(until: date) -> Iterator[Callable[[date], None] | None]:
    """Show the days passing where a person watches; a pipe or a log gets nothing."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        first: list[date] = []

        def watch(day: date) -> None:
            first[:] = first or [day]
            total, done = (until - first[0]).days + 1, (day - first[0]).days + 1
            bar.update(task, description=f"{day}", total=total, completed=done)

        yield watch
