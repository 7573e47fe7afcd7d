"""Orders of a mass run: checked before anything is said, then sent as any producer would."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import typer
from pydantic import ValidationError

from schemas.envelope import Event
from schemas.topics import CATALOGUE, INSTRUCTIONS
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.saying import end_of_day, leave, now
from services.runtime.kafka.agreement import Agreement
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.settings import Settings

_BATCH = 5_000
_T = TypeVar("_T")

By = Annotated[str | None, typer.Option(metavar="WHO", help="Who orders --execute")]
Why = Annotated[str | None, typer.Option(help="Why, for the record")]
Write = Annotated[
    Path | None, typer.Option(help="With --execute: write them to this file, send nothing")
]


class Order(NamedTuple):
    """An order for a contract on a partition, whose days are of a time zone."""

    partition: int
    time_zone: str
    # What it is, as said at an instant.
    say: Callable[[datetime], Event]


def check_target(state: Path | None, write: Path | None, *, execute: bool) -> None:
    """End the command where what is ordered could not go where it is to go."""
    if write is not None and not execute:
        fail("a preview writes nothing", where="--write", do="add --execute --by WHO")
    if execute and state is not None and write is None:
        do = "add --write FILE.jsonl, or leave --state out to use the stores of the workers"
        fail("the store of an embedded run says nothing to Kafka", where="--state", do=do)
    if write is not None and write.exists():
        do = "choose another file with --write, or remove it"
        fail("the file is there already", where=write, do=do)


def ordered_by(by: str | None, make: Callable[[], _T], *, command: str, **options: str) -> _T:
    """Return what *make* makes of what was given; end the command where an order cannot be.

    *options* names the option that a field comes from, where it is not called as the field.
    """
    if by is None:
        fail("nobody orders it", where="--by", do="say who does: --by WHO")
    try:
        return make()
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = str(problem["loc"][0])
        fail(
            problem["msg"].removeprefix("Value error, "),
            where=options.get(field, f"--{field}"),
            do=f"see duestream {command} --help",
        )


def give(orders: Sequence[Order], *, on: date, write: Path | None) -> None:
    """Send *orders* to Kafka now, or *write* them to a file, said at the end of the day *on*."""
    if write is not None:
        leave((each.say(end_of_day(on, each.time_zone)) for each in orders), write)
        return
    at = now()
    said = [Outgoing(INSTRUCTIONS.name, each.partition, each.say(at)) for each in orders]
    settings = read_settings()
    with reaching(settings):
        asyncio.run(_send(settings, said))


async def _send(settings: Settings, said: Sequence[Outgoing]) -> None:
    await Agreement(settings, [INSTRUCTIONS], others=CATALOGUE).reach()
    async with sending(settings) as sender:
        for start in range(0, len(said), _BATCH):
            await sender.send(said[start : start + _BATCH])
