"""``duestream usage``: what runs, what it costs so far, and what became of usage."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from services.cli.plumbing.failure import Commands, fail
from services.cli.plumbing.kept import Kept, NotKept, reading_kept
from services.cli.plumbing.stores import store_of
from services.cli.views import running
from services.cli.words.language import Code, language
from services.runtime.ops.state_reader import NoStore
from services.usage import archive
from services.usage.app import worker
from services.usage.model import Contract
from services.usage.standing import Standing, question, standing

T = TypeVar("T")

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


def _of_contract(
    contract_id: str, find: Callable[[Kept[Contract]], Awaitable[T]], folder: Path | None
) -> T:
    """Return what is found of a contract in the store of a run, or of the workers."""

    async def found(url: str) -> T:
        async with reading_kept(worker, url, contract_id) as kept:
            return await find(kept)

    file = folder / "state" / f"{worker.name}.sqlite" if folder else None
    do = "make a run first: duestream run EVENTS --until DATE --out DIR"
    url, where = store_of(worker.name, file, do=do)
    try:
        return asyncio.run(found(url))
    except NoStore as error:
        fail(f"no store of {worker.name} can be read: {error}", where=where, do="see --from")
    except NotKept as error:
        fail(str(error), where=where, do=error.do)
