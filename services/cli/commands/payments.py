"""``duestream payments``: a payment that was meant for another contract (R-118)."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import ProducerFenced
from pydantic import ValidationError
from rich.console import Console

from schemas.envelope import Event
from schemas.message import ContractMessage, Refused
from schemas.payments import PaymentReassigned
from schemas.topics import CATALOGUE, PAYMENTS
from schemas.values import ContractId, Money, PaymentId, ReceivableId
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.saying import end_of_day, event_of, leave, now
from services.cli.plumbing.stores import store_of
from services.cli.views import moves
from services.cli.views.moves import Foretold
from services.dunning.app import worker
from services.dunning.archive import wanted
from services.dunning.model import Account
from services.dunning.moved_payments import Move
from services.dunning.open_items import Receipt
from services.runtime.kafka.agreement import Agreement
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.ops.forecast import Forecast, Foreseen
from services.runtime.ops.state_reader import ContractCopy, NoStore, StateReader, reading_states
from services.runtime.settings import Settings
from services.runtime.stream.changes import Missing

_SOURCE = "/duestream/payments"

payments = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Payments that were booked where they are not.",
)

From = Annotated[str, typer.Option("--from", metavar="CONTRACT", help="Where it is booked")]
To = Annotated[str, typer.Option("--to", metavar="CONTRACT", help="What it was meant for")]
Sum = Annotated[
    tuple[str, str], typer.Option("--money", metavar="CURRENCY AMOUNT", help="Such as EUR 12.34")
]
Invoice = Annotated[
    str | None, typer.Option(metavar="ID", help="What it is to pay there; else the oldest")
]
Number = Annotated[
    int, typer.Option(min=1, help="2 for a second move of the same amount, and so on")
]
State = Annotated[
    Path | None, typer.Option(help="Store of a run: state/dunning.sqlite in its folder")
]
Write = Annotated[
    Path | None, typer.Option(help="Write both halves to this file, send nothing to Kafka")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would become of both, no more")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what becomes of both as JSON")]


@payments.callback()
def _group() -> None:
    """Payments that were booked where they are not."""


@payments.command("move")
def move(  # noqa: PLR0913 - each is an option
    payment: Annotated[str, typer.Argument(help="The payment_id")],
    from_: From,
    to: To,
    money: Sum,
    invoice: Invoice = None,
    number: Number = 1,
    state: State = None,
    write: Write = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Move so much of PAYMENT from one contract to another.

    Example: duestream payments move P-17 --from C-1 --to C-2 --money EUR 12.34 --dry-run

    It says both halves in one transaction: PaymentReassigned of the one contract, PaymentReceived
    of the other, as of the day on which the money came. Their ids come from what is moved:
    repeated, it changes nothing. What the store would refuse is not sent.
    """
    wish = _wish(payment, (from_, to), money, invoice=invoice, number=number)
    _check_target(state, write, dry_run=dry_run)
    foretold = _foretold(wish, state)
    console = Console(stderr=as_json, highlight=False)
    moves.show(foretold, console)
    if not dry_run:
        if not yes:
            typer.confirm("Move it?", abort=True, err=as_json)
        _carry_out(foretold, write)
    if as_json:
        typer.echo(json.dumps(moves.as_json(foretold, sent=not dry_run), indent=2))
    else:
        console.print("nothing was done" if dry_run else "moved", style="dim")


def _wish(
    payment: str,
    contracts: tuple[str, str],
    money: tuple[str, str],
    *,
    invoice: str | None,
    number: int,
) -> Move:
    """Return what is to be moved; end where the words cannot say that."""
    currency, amount = money
    with _saying("--money"):
        of = Money(amount=amount, currency=currency)
    wish = Move(
        payment_id=PaymentId(payment),
        from_contract=ContractId(contracts[0]),
        to_contract=ContractId(contracts[1]),
        money=of,
        invoice_id=ReceivableId(invoice) if invoice else None,
        number=number,
    )
    with _saying("--to"):
        wish.taken_off()
    with _saying("--invoice"):
        wish.designated()
    return wish


_OPTIONS = {"payment_id": "PAYMENT", "contract_id": "--from", "to": "--to", "money": "--money"}


@contextmanager
def _saying(where: str) -> Iterator[None]:
    """End the command where what was given is no such value, of *where* unless it says itself."""
    try:
        yield
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        named = _OPTIONS.get(str(next(iter(problem["loc"]), "")), where)
        do = "see duestream payments move --help"
        fail(problem["msg"].removeprefix("Value error, "), where=named, do=do)


def _check_target(state: Path | None, write: Path | None, *, dry_run: bool) -> None:
    if state is not None and write is None and not dry_run:
        do = "add --write FILE.jsonl, or leave --state out to use the stores of the workers"
        fail("the store of an embedded run says nothing to Kafka", where="--state", do=do)
    if write is not None and write.exists():
        fail("the file is there already", where=write, do="choose another with --write")


class _NotHere(Exception):
    """It cannot be moved; *where* is the option that is wrong."""

    def __init__(self, what: str, *, where: str, do: str = "see duestream explain") -> None:
        super().__init__(what)
        self.where, self.do = where, do


def _foretold(wish: Move, state: Path | None) -> Foretold:
    url, where = store_of(worker.name, state, do="see --state and DUESTREAM_DATABASE")
    try:
        return asyncio.run(_foretell(url, wish))
    except NoStore as error:
        fail(f"no store of dunning can be read: {error}", where=where, do="see --state")
    except _NotHere as error:
        fail(str(error), where=error.where, do=error.do)


async def _foretell(url: str, wish: Move) -> Foretold:
    async with reading_states(worker, url) as states:
        giver = await _opened(states, wish.from_contract, where="--from")
        taker = await _opened(states, wish.to_contract, where="--to")
        accounts = giver.contract.state, taker.contract.state
        if await _receipt(states, taker, wish.taken_back()):
            do = "add --number 2 if as much is to be moved once more"
            raise _NotHere("it was moved before", where=wish.payment_id, do=do)
        receipt = await _receipt(states, giver, wish.taken_off())
        if receipt is None:
            what = f"{wish.from_contract} has no payment {wish.payment_id}"
            raise _NotHere(what, where="PAYMENT")
        there = Forecast(states, taker, wish.to_contract)
        given = await _heard(there, wish.received(receipt.booked_on), where="--to")
        here = Forecast(states, giver, wish.from_contract)
        taken = await _heard(here, wish.taken_off(), where="--money")
        entity = accounts[0].registered.legal_entity_id
        before = tuple(Money.of(each.balance, each.currency) for each in accounts)
        return Foretold(
            move=wish,
            received_on=receipt.booked_on,
            before=(before[0], before[1]),
            after=(moves.balance_after(taken, before[0]), moves.balance_after(given, before[1])),
            partitions=(giver.contract.partition, taker.contract.partition),
            said_on=here.today,
            time_zone=states.entities[entity].time_zone,
        )


async def _opened(
    states: StateReader[Account], contract_id: ContractId, *, where: str
) -> ContractCopy[Account]:
    copy = await states.copy_of(contract_id)
    if copy is None or copy.contract.state.contract is None:
        raise _NotHere(f"dunning knows no contract {contract_id}", where=where)
    return copy


async def _receipt(
    states: StateReader[Account], copy: ContractCopy[Account], half: PaymentReassigned
) -> Receipt | None:
    """Return the payment that *half* names, also where it is filed away, for it is settled."""
    key = half.contract_id, copy.contract.partition
    await states.look_up(copy, Missing(key, wanted(copy.contract.state, half)))
    known = [*copy.contract.state.receipts, *copy.contract.pieces.values()]
    receipts = (each for each in known if isinstance(each, Receipt) and each.kind == "payment")
    return next((each for each in receipts if each.receipt_id == half.payment_id), None)


async def _heard(
    forecast: Forecast[Account], message: ContractMessage, *, where: str
) -> list[Foreseen]:
    try:
        return await forecast.hear(message)
    except Refused as error:
        raise _NotHere(f"{error.code}: {error.detail}", where=where) from error


def _carry_out(foretold: Foretold, write: Path | None) -> None:
    if write is not None:
        at = end_of_day(foretold.said_on, foretold.time_zone)
        leave(_events(foretold, at), write)
        return
    halves = zip(_events(foretold, now()), foretold.partitions, strict=True)
    settings = read_settings()
    with reaching(settings):
        try:
            asyncio.run(_send(settings, [Outgoing(PAYMENTS.name, at, each) for each, at in halves]))
        except ProducerFenced:
            do = "see with --dry-run what is left, and move it again"
            fail("another move took over", where=settings.kafka, do=do)


async def _send(settings: Settings, halves: list[Outgoing]) -> None:
    await Agreement(settings, [PAYMENTS], others=CATALOGUE).reach()
    # In one transaction: nobody reads that one contract lost what the other never got.
    async with sending(settings, writer="payments-move") as sender:
        await sender.send(halves)


def _events(foretold: Foretold, at: datetime) -> list[Event]:
    wish = foretold.move
    received = wish.received(foretold.received_on)
    return [
        event_of(wish.taken_off(), id_=wish.event_id, source=_SOURCE, at=at),
        event_of(received, id_=wish.moved_payment_id, source=_SOURCE, at=at),
    ]
