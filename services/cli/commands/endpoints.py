"""``duestream endpoints``: where events are posted to, how that goes, and what is posted again."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from schemas.deliveries import DeliveryIntended
from schemas.endpoints import EndpointPublished
from schemas.envelope import Event
from schemas.topics import TERMS
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.intended import intended
from services.cli.plumbing.world import hooks_of
from services.cli.views.plain import plain
from services.notifications.channels.webhook.endpoints import EndpointRefused
from services.notifications.channels.webhook.sending import Poster
from services.notifications.posting.replaying import Replayed, post_again
from services.notifications.posting.standings import Standing, Standings
from services.runtime.kafka.reader import reading
from services.runtime.settings import Settings

endpoints = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Where events are posted to: look, enable, post again.",
)
Id = Annotated[str, typer.Argument(help="The endpoint, as list has it")]


@endpoints.callback()
def _group() -> None:
    """Where events are posted to: look at it, enable it again, post again what it has missed."""


@endpoints.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False) -> None:
    """List all endpoints in their last version, and since when one fails or is disabled.

    Example: duestream endpoints list
    """
    settings = read_settings()
    known = _published(settings)
    standings = Standings(settings.standings)
    rows = [_row(each, standings.of(each.endpoint_id)) for each in known.values()]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    console, table = Console(highlight=False), Table(box=None, pad_edge=False, header_style="bold")
    for name in ("endpoint", "version", "of", "types", "payload", "failures", "failing since"):
        table.add_column(name, overflow="fold")
    table.add_column("disabled since", overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(str(row[name] or "-"))) for name in _SHOWN))
    if rows:
        console.print(table)
    console.print(f"{len(rows):,} endpoints")


@endpoints.command()
def enable(endpoint: Id) -> None:
    """Let events be posted again to an endpoint that is disabled; also ends its rest.

    Example: duestream endpoints enable shop

    What it has missed is not posted by it: see duestream endpoints replay.
    """
    was_disabled = Standings(read_settings().standings).enable(endpoint)
    said = "is enabled" if was_disabled else "was not disabled; it is tried at once"
    Console(highlight=False).print(Text(f"{plain(endpoint)} {said}"))


@endpoints.command()
def replay(
    endpoint: Id,
    since: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"],
            help="A day (in UTC), or an instant as 2026-02-01T09:00:00+0100",
        ),
    ],
) -> None:
    """Post again, in order, what was said for an endpoint since then, under the same ids.

    Example: duestream endpoints replay shop --since 2026-02-01

    It goes to where the endpoint is now. The first event that is not taken ends it: exit code 1.
    """
    settings = read_settings()
    known = _published(settings).get(endpoint)
    if known is None:
        fail("no such endpoint was published", where=plain(endpoint), do="duestream endpoints list")
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    try:
        with reaching(settings):
            replayed = asyncio.run(_replay(settings, known, since))
    except EndpointRefused as refused:
        fail(str(refused), where=plain(endpoint), do="publish it with another URL")
    if replayed.refused is not None:
        event = replayed.refused
        what = f"{replayed.taken:,} events were taken; then it did not take {event.type}"
        where = f"{plain(endpoint)}, event {event.sequence} of its contract: {replayed.reason}"
        fail(what, where=where, do="look at the endpoint, and replay again: what it has, it knows")
    Console(highlight=False).print(f"{replayed.taken:,} events were taken")


async def _replay(settings: Settings, endpoint: EndpointPublished, since: datetime) -> Replayed:
    told = hooks_of(settings)
    # Closed before the loop ends: it has a connection, and is not read to its end.
    async with aclosing(_intended(settings, endpoint.endpoint_id, since)) as missed:
        return await post_again(
            missed,
            endpoint,
            poster=Poster(told.egress, ca_file=told.ca_file),
            keys=told.keys,
            now=lambda: datetime.now(UTC),  # noqa: TID251 - a signature has the world's time
        )


async def _intended(
    settings: Settings, endpoint_id: str, since: datetime
) -> AsyncGenerator[DeliveryIntended, None]:
    def is_wanted(event: Event) -> bool:
        return event.instant >= since and b'"posting"' in event.data

    async with aclosing(intended(settings, is_wanted)) as found:
        async for _, each in found:
            if each.event is not None and each.event.endpoint_id == endpoint_id:
                yield each


def _published(settings: Settings) -> dict[str, EndpointPublished]:
    with reaching(settings):
        return asyncio.run(_read(settings))


async def _read(settings: Settings) -> dict[str, EndpointPublished]:
    found: dict[str, EndpointPublished] = {}
    async with reading(settings, [TERMS.name]) as reader:
        for record in await reader.rest():
            event = record.content
            if not isinstance(event, Event) or event.type != EndpointPublished.__name__:
                continue
            try:
                said = EndpointPublished.model_validate_json(event.data)
            except ValidationError:
                continue  # the clock has put it among its dead letters
            found[said.endpoint_id] = said
    return found


_SHOWN = (
    "endpoint",
    "version",
    "legal_entity",
    "types",
    "payload",
    "failures",
    "failing_since",
    "disabled_at",
)


def _row(endpoint: EndpointPublished, standing: Standing) -> dict[str, Any]:
    since, disabled_at = standing.circuit.failing_since, standing.disabled_at
    return {
        "endpoint": endpoint.endpoint_id,
        "version": endpoint.version,
        "legal_entity": endpoint.legal_entity_id,
        "types": ", ".join(endpoint.types),
        "payload": endpoint.payload,
        "failures": standing.circuit.failures,
        "failing_since": since.isoformat() if since else None,
        "disabled_at": disabled_at.isoformat() if disabled_at else None,
        "reason": standing.reason,
    }
