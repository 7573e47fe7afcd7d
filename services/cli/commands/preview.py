"""``duestream preview``: the documents of a contract that are to come, and what an end would do."""

import asyncio
import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from schemas.contracts import ContractEnded, When
from schemas.message import Refused
from schemas.values import ContractId
from services.cli.plumbing.failure import fail
from services.cli.plumbing.stores import store_of
from services.cli.views import to_come
from services.cli.views.to_come import Preview
from services.invoicing.app import worker
from services.invoicing.model import Contract
from services.runtime.ops.forecast import Forecast, Foreseen
from services.runtime.ops.state_reader import NoStore, StateReader, reading_states

_DATE = ["%Y-%m-%d"]

Until = Annotated[
    datetime, typer.Option(formats=_DATE, metavar="DATE", help="The last day to look at")
]
End = Annotated[
    datetime | None,
    typer.Option(
        "--end", formats=_DATE, metavar="DATE", help="As if this day was the first without it"
    ),
]
WhenIt = Annotated[
    When, typer.Option("--when", metavar="WHEN", help="on_date, after_current_period, next_allowed")
]
From = Annotated[Path, typer.Option("--from", help="Folder that a run left")]
OnKafka = Annotated[
    bool, typer.Option("--kafka", help="Read the stores of the workers instead of a folder")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the documents as JSON")]


def preview(  # noqa: PLR0913 - each is an option
    contract: Annotated[str, typer.Argument(help="The contract_id")],
    until: Until,
    end: End = None,
    when: WhenIt = "on_date",
    source: From = Path("out"),
    on_kafka: OnKafka = False,
    as_json: AsJson = False,
) -> None:
    """Say which invoices and credit notes of CONTRACT are to come if nothing else is said of it.

    Example: duestream preview C-1 --until 2026-12-31 --end 2026-06-30 --when next_allowed

    It is what invoicing itself would say on those days, and has no effect: numbers are given when
    a document is issued. --end shows an end as if it was said today: its day, what is credited,
    and the final invoice.
    """
    if when != "on_date" and end is None:
        fail(f"{when} is no date", where="--when", do="say from when on with --end DATE")
    ended = _end(contract, end.date(), when) if end else None
    file = None if on_kafka else source / "state" / f"{worker.name}.sqlite"
    do = "make a run first: duestream run EVENTS --until DATE --out DIR"
    url, where = store_of(worker.name, file, do=do)
    try:
        found = asyncio.run(_foresee(url, ContractId(contract), until.date(), ended))
    except NoStore as error:
        fail(f"no store of invoicing can be read: {error}", where=where, do="see --from")
    except _NotHere as error:
        fail(str(error), where=where, do=error.do)
    except Refused as error:
        fail(f"the contract would not end: {error.detail}", where="--end", do="choose another day")
    if as_json:
        typer.echo(json.dumps(to_come.as_json(found), indent=2, ensure_ascii=False))
    else:
        to_come.show(found, Console(highlight=False))


class _NotHere(Exception):
    """There is nothing to be seen; *do* says what to try."""

    def __init__(self, what: str, *, do: str) -> None:
        super().__init__(what)
        self.do = do


def _end(contract: str, on: date, when: When) -> ContractEnded:
    try:
        return ContractEnded(contract_id=ContractId(contract), ends_on=on, when=when)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = "--end" if problem["loc"][0] == "ends_on" else "CONTRACT"
        fail(problem["msg"], where=where, do="see duestream preview --help")


async def _foresee(
    url: str, contract_id: ContractId, until: date, ended: ContractEnded | None
) -> Preview:
    async with reading_states(worker, url) as states:
        forecast = await _opened(states, contract_id)
        today = forecast.today
        if until < today:
            raise _NotHere(f"{today} has begun already", do=f"choose --until from {today} on")
        said = list[Foreseen](await forecast.hear(ended)) if ended else []
        said += await forecast.until(until)
        ends_on = forecast.state.agreement.ends_on
        return Preview(contract_id, today, until, ends_on, tuple(said))


async def _opened(states: StateReader[Contract], contract_id: ContractId) -> Forecast[Contract]:
    copy = await states.copy_of(contract_id)
    if copy is None:
        raise _NotHere(f"invoicing keeps no contract {contract_id}", do="name one of its contracts")
    state = copy.contract.state
    if state.agreed is None:
        what = f"{contract_id} is not registered: what was said of it waits"
        raise _NotHere(what, do="see duestream explain")
    if not state.has_plan:
        what = f"{contract_id} has no plan: somebody else invoices it"
        raise _NotHere(what, do="name a contract with a plan")
    return Forecast(states, copy, contract_id)
