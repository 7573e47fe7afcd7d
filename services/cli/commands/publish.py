"""``duestream publish``: events of files onto Kafka."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from schemas.envelope import Event, Malformed
from schemas.topics import CATALOGUE, topic_of
from services.cli.commands.run import progress, read
from services.cli.plumbing.cluster import deployed, reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.views import cautions
from services.cli.views.lines import InputLines
from services.cli.views.plain import plain
from services.runtime.kafka.agreement import Agreement
from services.runtime.kafka.clock import KafkaClock, topics_of_clock
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.kafka.retry import Patience
from services.runtime.ops.in_step import InStep
from services.runtime.settings import Settings

_BATCH = 5_000


def publish(
    files: Annotated[
        list[Path],
        typer.Argument(help="Files of CloudEvents, one a line (.jsonl); - is standard input"),
    ],
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="DATE", help="Say the days, too, up to this one"
        ),
    ] = None,
    in_step: Annotated[
        bool,
        typer.Option(
            "--in-step", help="Each wave only when every service is through with the last"
        ),
    ] = False,
) -> None:
    """Send the events of FILES to their topics, in the order of their time.

    Example: duestream publish examples/events.jsonl --in-step --until 2026-04-30

    With --until the days of the files are said as well, by the clock's own code: let no
    `duestream clock` run. Exit codes: 0 all was sent; 2 a line belongs to no topic, all else was
    sent; 1 nothing works.
    """
    if in_step and until is None:
        fail("no last day", where="--in-step", do="say which day is the last with --until")
    settings, console = read_settings(), Console(stderr=True, highlight=False)
    events, bad = _events(read(files), console)
    needed = {topic for each in events if (topic := topic_of(each.type))}
    if until is not None:
        needed |= set(topics_of_clock(settings))
    with reaching(settings):
        asyncio.run(Agreement(settings, needed, others=CATALOGUE).reach())
        if in_step and until is not None:
            asyncio.run(_in_step(settings, events, until.date(), console))
        else:
            asyncio.run(_at_once(settings, events, until.date() if until else None, console))
    raise typer.Exit(2 if bad else 0)


async def _in_step(
    settings: Settings, events: Sequence[Event], until: date, console: Console
) -> None:
    with progress(until) as watch:
        sent = await InStep(settings, deployed(settings), watch).run(events, until=until)
    console.print(
        f"{sent.events} events and {sent.days} days sent to {settings.kafka} in {sent.waves} waves"
        + (f", {sent.after_the_end} events after the end left out" if sent.after_the_end else "")
    )


async def _at_once(
    settings: Settings, events: Sequence[Event], until: date | None, console: Console
) -> None:
    async with sending(settings) as sender:
        for start in range(0, len(events), _BATCH):
            some = events[start : start + _BATCH]
            await sender.send([_said(each) for each in some])
    console.print(f"{len(events)} events sent to {settings.kafka}")
    if until is not None:
        almanac = KafkaClock(settings, now=lambda: None, last=until)
        await Patience().insist("clock", almanac.run)
        console.print(f"all days are done up to and including {almanac.done_until}")


def _said(event: Event) -> Outgoing:
    topic = topic_of(event.type)
    assert topic is not None, "what belongs to no topic was left out before"
    return Outgoing(topic.name, 0 if topic.partitions == 1 else None, event)


def _events(lines: InputLines, console: Console) -> tuple[list[Event], int]:
    """Return the events in order of time, and how many lines are none."""
    events, bad = [], 0
    for line in lines:
        try:
            event = Event.from_line(line.raw)
            if topic_of(event.type) is None:
                raise Malformed(f"{event.type} belongs to no topic")
            events.append(event)
            for each in cautions.of(event):
                note = Text.assemble(("note  ", "yellow"), f"{line.place}: {plain(each)}")
                console.print(note, soft_wrap=True)
        except Malformed as error:
            what = Text.assemble(("left out ", "bold red"), f"{line.place}: {plain(str(error))}")
            console.print(what, soft_wrap=True)
            bad += 1
    return sorted(events, key=lambda event: event.instant), bad
