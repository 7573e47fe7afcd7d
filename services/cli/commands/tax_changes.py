"""``duestream tax-changes``: invoices that a change of VAT has made wrong (U-24)."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console

from schemas.envelope import Event
from schemas.orders import CorrectInvoice
from schemas.terms import LegalEntityPublished
from services.cli.plumbing.failure import fail
from services.cli.plumbing.ordering import By, Order, Why, Write, check_target, give, ordered_by
from services.cli.plumbing.saying import event_of
from services.cli.plumbing.stores import store_of
from services.cli.views import outdated as view
from services.invoicing.app import worker
from services.invoicing.billed import Invoice
from services.invoicing.documents.outdated import Outdated, outdated
from services.invoicing.model import Contract
from services.runtime.ops.state_reader import NoStore, StateReader, reading_states
from services.runtime.stream.contract import ContractRecord

_SOURCE = "/duestream/tax-changes"

State = Annotated[
    Path | None, typer.Option(help="Store of a run: state/invoicing.sqlite in its folder")
]
Execute = Annotated[
    bool,
    typer.Option("--execute/--preview", help="Order that they are corrected, or only list them"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the list as JSON")]


class _Case(NamedTuple):
    """An invoice that is wrong by now, where its contract is kept, and whose it is."""

    found: Outdated
    partition: int
    entity: LegalEntityPublished


class _Survey(NamedTuple):
    cases: list[_Case]
    come_to: date | None


def tax_changes(
    state: State = None,
    execute: Execute = False,
    by: By = None,
    reason: Why = None,
    write: Write = None,
    as_json: AsJson = False,
) -> None:
    """List invoices with another rate of VAT than the law says by now; or have them corrected.

    Example: duestream tax-changes --execute --by anna --reason "16 % from 1 July"

    A rate that becomes known after a period was billed ahead corrects nothing by itself. The law
    is what the legal entities have published last. With --execute each invoice gets the
    instruction CorrectInvoice: it is cancelled, and billed anew. Repeated, it changes nothing.
    """
    if execute:
        ordered_by(by, lambda: _correction("any", "any", by, reason), command="tax-changes")
    check_target(state, write, execute=execute)
    survey = _survey(state)
    if execute:
        _carry_out(survey, by, reason, write)
    found = [each.found for each in survey.cases]
    if as_json:
        typer.echo(json.dumps(view.as_json(found, executed=execute), indent=2))
    else:
        view.show(found, Console(highlight=False), executed=execute)


def _survey(state: Path | None) -> _Survey:
    url, where = store_of(worker.name, state, do="see --state and DUESTREAM_DATABASE")
    try:
        return asyncio.run(_read(url))
    except NoStore as error:
        fail(f"no store of invoicing can be read: {error}", where=where, do="see --state")


async def _read(url: str) -> _Survey:
    cases = list[_Case]()
    async with reading_states(worker, url) as states:
        async for record in states.contracts():
            contract: Contract = record.state
            entity = contract.agreed and states.entities.get(contract.agreed.legal_entity_id)
            if entity:
                invoices = [each async for each in _all_of(record, states)]
                found = outdated(contract, invoices, entity)
                cases += (_Case(each, record.partition, entity) for each in found)
        return _Survey(cases, states.come_to)


async def _all_of(
    record: ContractRecord[Contract], states: StateReader[Contract]
) -> AsyncIterator[Invoice]:
    """Yield the invoices that the contract holds, and those that it has filed away."""
    contract, link = record.state, record.state.filed
    for invoice in contract.invoices:
        yield invoice
    while link is not None:
        held = contract.invoice(link.invoice_id)
        piece = held or await states.filed(record, contract.contract_id, link.invoice_id)
        assert isinstance(piece, Invoice), "what was filed away stays"
        if held is None:
            yield piece
        link = piece.behind


def _carry_out(survey: _Survey, by: str | None, reason: str | None, write: Path | None) -> None:
    day = survey.come_to
    if day is None:
        fail("the store has come to no day", where="--execute", do="let the first day begin")
    orders = [
        Order(
            partition=each.partition,
            time_zone=each.entity.time_zone,
            say=partial(_event, each.found, by, reason),
        )
        for each in survey.cases
    ]
    give(orders, on=day, write=write)


def _correction(
    contract_id: str, invoice_id: str, by: str | None, reason: str | None
) -> CorrectInvoice:
    return CorrectInvoice.model_validate(
        {"contract_id": contract_id, "invoice_id": invoice_id, "by": by, "reason": reason}
    )


def _event(found: Outdated, by: str | None, reason: str | None, at: datetime) -> Event:
    message = _correction(found.contract_id, found.invoice_id, by, reason)
    return event_of(message, id_=found.order_id, source=_SOURCE, at=at)
