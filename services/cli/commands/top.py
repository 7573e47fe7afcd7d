"""``duestream top``: how workers and clock are doing, read off their ports."""

import json
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from services.cli.plumbing.failure import fail
from services.cli.views import top as view

_PATIENCE_S = 3.0


def top(
    places: Annotated[
        list[str], typer.Argument(help="HOST:PORT of workers and clock, or PORT of this machine")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures once, as JSON")
    ] = False,
    every: Annotated[
        int, typer.Option(min=1, help="Seconds from one look to the next, at a terminal")
    ] = 5,
) -> None:
    """Show what workers and clock say of themselves: at a terminal again and again, else once.

    Example: duestream top 8079 8080 8081 8082

    Exit code 0 where all answered, 1 where one did not; ctrl-C ends it.
    """
    found = [_address(each) for each in places]
    console = Console(highlight=False)
    if as_json or not console.is_terminal:
        _once(found, console, as_json=as_json)
        return
    try:
        with Live(_picture(list(_looks(found))), console=console, auto_refresh=False) as live:
            while True:
                time.sleep(every)
                live.update(_picture(list(_looks(found))), refresh=True)
    except KeyboardInterrupt:
        return


def _once(addresses: Sequence[str], console: Console, *, as_json: bool) -> None:
    looks = list(_looks(addresses))
    if as_json:
        typer.echo(json.dumps([view.as_json(each) for each in looks], indent=2))
    else:
        console.print(_picture(looks))
    if any(each.error for each in looks):
        raise typer.Exit(1)


def _picture(looks: Sequence[view.Look]) -> Group:
    return Group(view.table(looks), *(Text(each) for each in view.below(looks)))


def _address(place: str) -> str:
    """Return *place* with a host; fail where it has no port."""
    host, _, port = place.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        fail(f"{place} has no port", where="PLACES", do="say HOST:PORT, that of DUESTREAM_PORT")
    return f"{host or '127.0.0.1'}:{port}"


def _looks(addresses: Sequence[str]) -> Iterator[view.Look]:
    """Ask all at once: one that hangs must not keep the others from being seen."""
    with ThreadPoolExecutor(max_workers=len(addresses)) as pool:
        return iter(list(pool.map(_look, addresses)))


def _look(address: str) -> view.Look:
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=_PATIENCE_S) as answer:
            return view.look_at(address, answer.read().decode())
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        return view.Look(address, error=str(getattr(why, "strerror", None) or why))
