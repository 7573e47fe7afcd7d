"""``duestream deliveries returns``: what came back to the mailbox is said on Kafka."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console

from schemas.deliveries import DeliveryReturned
from schemas.topics import CATALOGUE, DELIVERIES
from schemas.values import ContractId
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.intended import intended
from services.cli.plumbing.saying import event_of, now
from services.cli.plumbing.world import returns_of
from services.notifications.posting import returns as returns_
from services.runtime.kafka.agreement import Agreement
from services.runtime.kafka.producer import Outgoing, sending
from services.runtime.settings import Settings

_SOURCE = "/duestream/returns"


class _Home(NamedTuple):
    """Of which contract a delivery is, and on which partition."""

    contract_id: ContractId
    partition: int


def returns(
    folder: Annotated[Path, typer.Argument(help="The Maildir to which mail comes back")],
) -> None:
    """Say which mails came back, by what stands in a mailbox; a hundred mails at the most.

    Example: duestream deliveries returns /var/mail/bounces

    Failures and complaints of our own mails are said and marked as read; what people wrote stays
    unread. Said again after a crash it counts once. Let a timer call it, one at a time.
    """
    settings = read_settings()
    try:
        mails = returns_.new_in(folder, return_path=returns_of(settings))
        wanted = {each.delivery_id for each in mails if each.delivery_id}
        with reaching(settings):
            homes = asyncio.run(_homes(settings, wanted)) if wanted else {}
            contracts = {name: each.contract_id for name, each in homes.items()}
            said = returns_.said_of(mails, contracts, at=now())
            asyncio.run(_send(settings, said, homes))
        left = returns_.put_away(folder, mails, homes)
    except OSError as error:
        what = f"the mailbox cannot be read: {(error.strerror or 'unknown').lower()}"
        fail(what, where=folder, do="name a Maildir, the folder in which new stands")
    console = Console(highlight=False)
    console.print(f"{len(said):,} deliveries came back, {left:,} mails are left to people")


async def _homes(settings: Settings, wanted: Collection[str]) -> dict[str, _Home]:
    """Return where the *wanted* deliveries are: the log knows, and holds them all for ever."""
    found: dict[str, _Home] = {}
    async for partition, each in intended(settings, lambda _event: True):
        if each.delivery_id in wanted:
            found[each.delivery_id] = _Home(each.contract_id, partition)
    return found


async def _send(
    settings: Settings, said: Collection[DeliveryReturned], homes: dict[str, _Home]
) -> None:
    if not said:
        return
    await Agreement(settings, [DELIVERIES], others=CATALOGUE).reach()
    async with sending(settings, writer="deliveries-returns") as sender:
        for each in said:
            event = event_of(each, id_=each.delivery_id, source=_SOURCE, at=now())
            partition = homes[each.delivery_id].partition
            await sender.send([Outgoing(DELIVERIES.name, partition, event)])
