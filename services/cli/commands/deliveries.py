"""``duestream deliveries``: what is on its way to customers, and what nobody knows of it."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.deliveries import DeliveryIntended
from schemas.drafts import HandedOver, NotHandedOver
from schemas.outcomes import ActOutcome
from schemas.topics import CATALOGUE, NOTIFICATIONS_OUTCOMES
from services.cli.commands.returns import returns
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.stores import store_of
from services.cli.views.plain import plain
from services.runtime.kafka.agreement import Agreement
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.ops.open_acts import FoundAct, open_acts_of
from services.runtime.ops.state_reader import NoStore
from services.runtime.settings import Settings
from services.runtime.stream.acts import OpenAct, event_of

_SERVICE = "notifications"
_REASON = "settled_by_hand"

deliveries = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="What is on its way to customers: look, settle, retry.",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]
Id = Annotated[str, typer.Argument(help="The delivery, as unknown lists it")]


class OnItsWay(NamedTuple):
    """A delivery whose act is open."""

    found: FoundAct
    intended: DeliveryIntended

    @property
    def act(self) -> OpenAct:
        """How far it has come."""
        return self.found.act


deliveries.command("returns")(returns)


@deliveries.callback()
def _group() -> None:
    """What is on its way to customers: look at it, settle what nobody knows, try it again."""


@deliveries.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all deliveries that have no end yet, with attempts and when the next one is.

    Example: duestream deliveries list
    """
    _show(_on_their_way(), as_json=as_json)


@deliveries.command()
def unknown(as_json: AsJson = False) -> None:
    """List the deliveries of which nobody knows whether they left: a person has to settle them.

    Example: duestream deliveries unknown
    """
    _show([each for each in _on_their_way() if each.act.phase == "unknown"], as_json=as_json)


@deliveries.command()
def settle(
    delivery: Id,
    sent: Annotated[
        bool | None,
        typer.Option("--sent/--not-sent", help="Whether it left us", show_default=False),
    ] = None,
) -> None:
    """Say whether a delivery left: what did not goes the next way.

    Example: duestream deliveries settle 5f0c8f5e-0e5f-5f0e-8d0e-3c1f7a1d2b3c --sent

    To have it tried the same way once more, see duestream deliveries retry.
    """
    if sent is None:
        do = "look at the printer's list or the mail server's log, and say one of the two"
        fail("it is not said whether it left", where="--sent or --not-sent", do=do)
    _say(delivery, _left if sent else _did_not_leave)


@deliveries.command()
def retry(delivery: Id) -> None:
    """Say that a delivery did not leave, and have it handed over once more, the same way.

    Example: duestream deliveries retry 5f0c8f5e-0e5f-5f0e-8d0e-3c1f7a1d2b3c

    A reminder goes on the next day, if it still stands by then.
    """
    _say(delivery, _again, not_by="webhook")


def _left(each: OnItsWay) -> ActOutcome:
    return HandedOver(contract_id=each.intended.contract_id, effect_id=each.act.id)


def _did_not_leave(each: OnItsWay) -> ActOutcome:
    about = {"contract_id": each.intended.contract_id, "effect_id": each.act.id}
    return NotHandedOver.model_validate(about | {"reason": _REASON})


def _again(each: OnItsWay) -> ActOutcome:
    return _did_not_leave(each).model_copy(update={"again": True})


def _say(
    delivery_id: str, outcome: Callable[[OnItsWay], ActOutcome], *, not_by: str | None = None
) -> None:
    """Say the outcome of one delivery on Kafka, as its act would have."""
    each = _one(delivery_id)
    if each.intended.channel == not_by:
        do = "it is tried for two days by itself; after that, duestream endpoints replay"
        fail("an event is not sent anew", where=plain(delivery_id), do=do)
    now = datetime.now(UTC).isoformat()  # noqa: TID251 - what a person says has the world's time
    event = event_of(_SERVICE, outcome(each), time=now)
    settings = read_settings()
    with reaching(settings):
        said = Outgoing(NOTIFICATIONS_OUTCOMES.name, each.found.partition, event)
        asyncio.run(_send(settings, said))
    Console(highlight=False).print(Text(f"said {event.type} of {plain(delivery_id)}"))


async def _send(settings: Settings, said: Outgoing) -> None:
    await Agreement(settings, [NOTIFICATIONS_OUTCOMES], others=CATALOGUE).reach()
    async with sending(settings) as sender:
        await sender.send([said])


def _one(delivery_id: str) -> OnItsWay:
    found = [each for each in _on_their_way() if each.intended.delivery_id == delivery_id]
    if not found:
        do = "see duestream deliveries list: what is not there has an end, or was never intended"
        fail("no such delivery is on its way", where=plain(delivery_id), do=do)
    if found[0].act.phase == "began" or found[0].act.attempt == 0:
        do = "wait for what comes of it; see duestream deliveries list"
        fail("it is being handed over, or about to be", where=plain(delivery_id), do=do)
    return found[0]


def _on_their_way() -> list[OnItsWay]:
    address, where = store_of(_SERVICE, None, do="see DUESTREAM_STATE_DIR and DUESTREAM_DATABASE")
    try:
        acts = asyncio.run(open_acts_of(address, _SERVICE))
    except NoStore as error:
        fail(f"the store cannot be read: {error}", where=where, do="see the database's log")
    return [
        OnItsWay(each, DeliveryIntended.model_validate_json(each.act.event.data))
        for each in acts
        if each.act.event.type == DeliveryIntended.__name__
    ]


def _show(some: list[OnItsWay], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_as_json(each) for each in some], indent=2, ensure_ascii=False))
        return
    console, table = Console(highlight=False), Table(box=None, pad_edge=False, header_style="bold")
    for name in ("delivery", "by", "contract", "document", "how far", "attempts", "next at"):
        table.add_column(name, no_wrap=name == "delivery", overflow="fold")
    for each in some:
        table.add_row(*(Text(plain(str(value or "-"))) for value in _as_json(each).values()))
    if some:
        console.print(table)
    console.print(f"{len(some):,} deliveries")


def _as_json(each: OnItsWay) -> dict[str, Any]:
    document, event, until = each.intended.document, each.intended.event, each.act.until
    what = f"{document.kind} {document.number or document.id}" if document else None
    if event is not None:
        what = f"{event.type} {event.sequence} for {event.endpoint_id}"
    return {
        "delivery": each.intended.delivery_id,
        "channel": each.intended.channel,
        "contract": each.intended.contract_id,
        "document": what,
        "phase": each.act.phase,
        "attempts": each.act.attempt,
        "until": until.isoformat() if until else None,
    }
