"""``duestream write-off``: the mass run over all that is given up (R-85)."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.contracts import PaymentMethod
from schemas.currencies import EXPONENTS
from schemas.envelope import Event
from schemas.instructions import WriteOff
from schemas.values import ContractId
from services.cli.plumbing.failure import fail
from services.cli.plumbing.ordering import By, Order, Why, Write, check_target, give, ordered_by
from services.cli.plumbing.saying import event_of
from services.cli.plumbing.stores import store_of
from services.cli.views import proposals
from services.cli.views.proposals import Case, Review
from services.dunning.app import worker
from services.dunning.mass_write_off import Wanted, event_id, propose
from services.runtime.ops.state_reader import NoStore, reading_states

_SOURCE = "/duestream/write-off"

Orders = Callable[[ContractId], WriteOff]

AsOf = Annotated[
    datetime,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The day of the write-off"),
]
Method = Annotated[
    PaymentMethod | None,
    typer.Option(metavar="METHOD", help="Only what is on_account, direct_debit or card"),
]
Currency = Annotated[
    str | None, typer.Option(metavar="CODE", help="Only what is owed in it, such as EUR")
]
Overdue = Annotated[
    int | None,
    typer.Option(min=0, metavar="DAYS", help="The newest open receivable is so many days overdue"),
]
Ended = Annotated[int | None, typer.Option(min=0, metavar="DAYS", help="It ended so many days ago")]
Finished = Annotated[
    int | None,
    typer.Option(min=0, metavar="DAYS", help="Its escalation finished so many days ago"),
]
Unsuspended = Annotated[
    bool, typer.Option("--exclude-suspended", help="Leave contracts that are suspended")
]
State = Annotated[
    Path | None, typer.Option(help="Store of a run: state/dunning.sqlite in its folder")
]
Execute = Annotated[
    bool, typer.Option("--execute/--preview", help="Send the instructions, or only say them")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the review as JSON")]


def write_off(  # noqa: PLR0913 - each is an option
    as_of: AsOf,
    payment_method: Method = None,
    currency: Currency = None,
    newest_overdue_days: Overdue = None,
    ended_days: Ended = None,
    escalation_finished_days: Finished = None,
    exclude_suspended: Unsuspended = False,
    state: State = None,
    execute: Execute = False,
    by: By = None,
    reason: Why = None,
    write: Write = None,
    as_json: AsJson = False,
) -> None:
    """Say what would be written off on contracts that ended, and what not and why; or do it.

    Example: duestream write-off --as-of 2026-06-30 --ended-days 90

    It reads the store of dunning, and changes nothing without --execute. Then each contract gets
    the instruction WriteOff, whose id comes from contract and day: repeated, it changes nothing.
    """
    wanted = Wanted(
        on=as_of.date(),
        payment_method=payment_method,
        currency=_checked(currency),
        newest_overdue_days=newest_overdue_days,
        ended_days=ended_days,
        escalation_finished_days=escalation_finished_days,
        exclude_suspended=exclude_suspended,
    )
    order = _order(wanted.on, by, reason) if execute else None
    check_target(state, write, execute=execute)
    review = _review(wanted, state)
    if order is not None:
        _carry_out(review, order, write)
    if as_json:
        typer.echo(json.dumps(proposals.as_json(review, executed=execute), indent=2))
    else:
        proposals.show(review, Console(highlight=False), executed=execute)


def _checked(currency: str | None) -> str | None:
    if currency is not None and currency not in EXPONENTS:
        fail(f"{currency} is no currency", where="--currency", do="use a code of ISO 4217: EUR")
    return currency


def _order(on: date, by: str | None, reason: str | None) -> Orders:
    """Return what makes the instruction for a contract; end where *by* cannot give one."""

    def order(contract_id: ContractId) -> WriteOff:
        return WriteOff(contract_id=contract_id, on=on, by=by, reason=reason)

    ordered_by(by, lambda: order(ContractId("any")), command="write-off", on="--as-of")
    return order


def _review(wanted: Wanted, state: Path | None) -> Review:
    url, where = store_of(worker.name, state, do="see --state and DUESTREAM_DATABASE")
    try:
        return asyncio.run(_survey(wanted, url))
    except NoStore as error:
        fail(f"no store of dunning can be read: {error}", where=where, do="see --state")


async def _survey(wanted: Wanted, url: str) -> Review:
    cases = []
    async with reading_states(worker, url) as states:
        async for folder in states.contracts():
            proposal = propose(folder.state, wanted)
            if proposal is not None:
                entity = folder.state.registered.legal_entity_id
                cases.append(Case(proposal, folder.partition, entity))
        return Review(wanted.on, cases, states.come_to, states.entities)


def _carry_out(review: Review, order: Orders, write: Path | None) -> None:
    if review.come_to is None or review.come_to < review.on:
        do = f"choose --as-of no later than {review.come_to}, or let the day begin"
        what = f"the store has come to {review.come_to or 'no day'} only"
        fail(what, where="--as-of", do=do)
    orders = [
        Order(
            partition=each.partition,
            time_zone=review.entities[each.legal_entity_id].time_zone,
            say=partial(_event, order(each.proposal.contract_id)),
        )
        for each in review.written_off()
    ]
    give(orders, on=review.on, write=write)


def _event(message: WriteOff, at: datetime) -> Event:
    name = event_id(message.contract_id, message.on)
    return event_of(message, id_=name, source=_SOURCE, at=at)
