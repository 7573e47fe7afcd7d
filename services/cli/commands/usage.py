"""``duestream usage``: what runs, what it costs so far, and what became of usage."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Coroutine
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import typer
from rich.console import Console

from schemas.envelope import Event
from services.cli.commands.recompute import reading_again
from services.cli.plumbing import backfills as sets
from services.cli.plumbing import itemising, usage_fates, usage_heard
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import Commands, fail
from services.cli.plumbing.kept import Kept, NotKept, reading_kept
from services.cli.plumbing.stores import store_of
from services.cli.plumbing.usage_fates import Judge
from services.cli.views import backfills, fates, running
from services.cli.views import statement as statements
from services.cli.views.backfills import SetOfUsage
from services.cli.views.fates import FateOfLine
from services.cli.views.lines import InputLines
from services.cli.words.language import Code, language
from services.runtime.ops.source import Folder, Kafka, RecordSource
from services.runtime.ops.state_reader import NoStore, reading_states
from services.usage import archive
from services.usage.app import worker
from services.usage.model import Contract
from services.usage.standing import Standing, question, standing

T = TypeVar("T")


class ToRead(NamedTuple):
    """Where topics are read, on which partitions, and the address of the store beside them."""

    source: RecordSource
    partitions: Collection[int]
    store: str


_OPTIONS_OF_THE_GROUP = ("--help",)


class OfAContract(Commands):
    """Lets ``usage CONTRACT`` be said for ``usage show CONTRACT``."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Show the contract that is named where a command would be."""
        if args and args[0] not in self.commands and args[0] not in _OPTIONS_OF_THE_GROUP:
            args = ["show", *args]
        return super().parse_args(ctx, args)


usage = typer.Typer(
    add_completion=False,
    cls=OfAContract,
    no_args_is_help=True,
)

From = Annotated[Path, typer.Option("--from", help="Folder that a run left")]
OnKafka = Annotated[
    bool, typer.Option("--kafka", help="Read the stores of the workers instead of a folder")
]
In = Annotated[Code, typer.Option("--language", metavar="en|de", help="Of the sentences")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON")]


@usage.callback()
def of_a_contract() -> None:
    """Say how usage stands: duestream usage CONTRACT, or one of these commands."""


@usage.command()
def show(
    contract: Annotated[str, typer.Argument(help="The contract_id")],
    source: From = Path("out"),
    on_kafka: OnKafka = False,
    code: In = "en",
    as_json: AsJson = False,
) -> None:
    """Say what CONTRACT used in the periods that are not closed, and what it costs so far.

    Example: duestream usage show U-109 --from out

    Quantities, tiers, prices, the distance to alerts, and what prepaid balances would have left.
    It is rated as it would be charged now, and has no effect; a minimum is known at the end only.
    """
    found = _of_contract(contract, _stands, None if on_kafka else source)
    if as_json:
        typer.echo(json.dumps(running.as_json(found), indent=2, ensure_ascii=False))
    else:
        running.RunningView(found, language(code)).show(Console(highlight=False))


async def _stands(kept: Kept[Contract]) -> Standing:
    asked = question(kept.state)
    contract = await kept.recalled(lambda state: archive.wanted(state, asked))
    return standing(contract, kept.terms)


@usage.command()
def fate(
    file: Annotated[Path, typer.Argument(help="A file of CloudEvents, one a line (.jsonl)")],
    source: From = Path("out"),
    on_kafka: OnKafka = False,
    code: In = "en",
    as_json: AsJson = False,
) -> None:
    """Say what became of each event of FILE: where it counts, or why it does not.

    Example: duestream usage fate examples/usage.jsonl --from out

    The counts at the end add up to the lines of the file. Exit codes: 0 all that came was taken;
    2 some of it was dead-lettered; 1 nothing can be said.
    """
    lines = _lines(file)
    found = _read_beside(None if on_kafka else source, lambda topics: _fates(topics, lines))
    if as_json:
        typer.echo(json.dumps(fates.as_json(found), indent=2, ensure_ascii=False))
    else:
        fates.FatesView(language(code)).show(found, Console(highlight=False))
    raise typer.Exit(2 if any(each.kind in fates.PUT_ASIDE for each in found) else 0)


@usage.command()
def backfill(
    backfill_id: Annotated[str, typer.Argument(metavar="ID", help="The backfill_id")],
    source: From = Path("out"),
    on_kafka: OnKafka = False,
    code: In = "en",
    as_json: AsJson = False,
) -> None:
    """Say how the sets of usage ID stand, and what closing them now would change, in money.

    Example: duestream usage backfill U-106-B1 --from out

    One line for each contract that has such a set; what it would change is told by period, and with
    the document that would be corrected. Nothing is done.
    """
    found = _read_beside(None if on_kafka else source, lambda topics: _sets(topics, backfill_id))
    if not found:
        where = "the topic usage"
        fail(f"no set of usage is called {backfill_id}", where=where, do="see duestream explain")
    if as_json:
        typer.echo(json.dumps(backfills.as_json(found), indent=2, ensure_ascii=False))
    else:
        backfills.show(found, Console(highlight=False), language(code))


@usage.command()
def statement(
    invoice: Annotated[str, typer.Argument(help="The number or the id of a document")],
    source: From = Path("out"),
    on_kafka: OnKafka = False,
    as_json: AsJson = False,
) -> None:
    """List the usage behind INVOICE as CSV: each event with its time, quantity, price and amount.

    Example: duestream usage statement TR2026-16 --from out

    It is what was known when each charge was made; with --json one JSON object a line. Per charge
    the amounts add up to the lines of the invoice: a line "rest" holds what no event has by itself
    (parts that are paid once, bounds, rounding), "prepaid" what a balance paid.
    """
    found = reading_again(
        None if on_kafka else source, lambda again: itemising.statement(again, invoice)
    )
    told = statements.as_json_lines(found) if as_json else statements.as_csv(found)
    typer.echo(told, nl=False)


async def _sets(topics: ToRead, backfill_id: str) -> list[SetOfUsage]:
    contracts = await sets.contracts_with(topics.source, backfill_id)
    heard = await usage_heard.hear(topics.source, contracts, partitions=topics.partitions)
    said = sets.last_said(heard, backfill_id)
    async with reading_states(worker, topics.store) as states:
        return [
            await sets.told(states, each, heard, backfill_id) for _, each in sorted(said.items())
        ]


def _lines(file: Path) -> InputLines:
    try:
        return InputLines.of([file])
    except OSError as error:
        what = f"the events cannot be read: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="name a file of CloudEvents, one JSON object a line")


async def _fates(topics: ToRead, lines: InputLines) -> list[FateOfLine]:
    events = usage_fates.events_of(lines)
    asked = [each for each in events.values() if isinstance(each, Event)]
    # The topics first: what the store has by then may be more, and is never less.
    contracts = {each.subject for each in asked}
    heard = await usage_heard.hear(topics.source, contracts, partitions=topics.partitions)
    async with reading_states(worker, topics.store) as states:
        judge = Judge(heard, await usage_fates.usage_of(states, asked), set())
    return [judge.of(line, event) for line, event in events.items()]


def _read_beside(folder: Path | None, read: Callable[[ToRead], Coroutine[Any, Any, T]]) -> T:
    """Return what is read from topics and store of a run, or of the workers."""
    url, where = _store(folder)
    try:
        if folder is not None:
            return asyncio.run(read(ToRead(Folder(folder), [0], url)))
        settings = read_settings()
        with reaching(settings):
            partitions = range(settings.partitions)
            return asyncio.run(read(ToRead(Kafka(settings), partitions, url)))
    except NoStore as error:
        fail(f"no store of {worker.name} can be read: {error}", where=where, do="see --from")


def _store(folder: Path | None) -> tuple[str, object]:
    file = folder / "state" / f"{worker.name}.sqlite" if folder else None
    do = "make a run first: duestream run EVENTS --until DATE --out DIR"
    return store_of(worker.name, file, do=do)


def _of_contract(
    contract_id: str, find: Callable[[Kept[Contract]], Awaitable[T]], folder: Path | None
) -> T:
    """Return what is found of a contract in the store of a run, or of the workers."""

    async def found(url: str) -> T:
        async with reading_kept(worker, url, contract_id) as kept:
            return await find(kept)

    url, where = _store(folder)
    try:
        return asyncio.run(found(url))
    except NoStore as error:
        fail(f"no store of {worker.name} can be read: {error}", where=where, do="see --from")
    except NotKept as error:
        fail(str(error), where=where, do=error.do)
