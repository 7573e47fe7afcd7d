"""``duestream dead-letters``: what was dead-lettered, why, and once more."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka.errors import ProducerFenced
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.plumbing.cluster import WITH_DEAD_LETTERS, reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.views.plain import plain, plain_lines
from services.runtime.ops import dead_letters as found
from services.runtime.ops.dead_letters import DeadLettered

dead_letters = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="What services could not use: look, redrive.",
)

Service = Annotated[str | None, typer.Option(help="Only what this service dead-lettered")]
Out = Annotated[Path | None, typer.Option(help="Folder that a run left, instead of Kafka")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; bytes in base64")]


@dead_letters.callback()
def _group() -> None:
    """What services could not use: look at it, and send it again when its cause is mended."""


@dead_letters.command("list")
def list_(service: Service = None, out: Out = None, as_json: AsJson = False) -> None:
    """List what was dead-lettered, with the place it came from and the reason.

    Example: duestream dead-letters list --service dunning
    """
    asides = _read(service, out)
    if as_json:
        typer.echo(json.dumps([_as_json(each) for each in asides], indent=2, ensure_ascii=False))
    else:
        _show_all(asides, Console(highlight=False))


@dead_letters.command()
def show(
    place: Annotated[str, typer.Argument(help="Of the record: topic/partition/offset")],
    service: Service = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Show the record from PLACE as it came, and why it was dead-lettered.

    Example: duestream dead-letters show payments/3/17
    """
    aside = _one(_read(service, out), place)
    if as_json:
        typer.echo(json.dumps(_whole_as_json(aside), indent=2, ensure_ascii=False))
    else:
        _show_one(aside, Console(highlight=False, soft_wrap=True))


@dead_letters.command()
def redrive(
    places: Annotated[
        list[str] | None, typer.Argument(help="Of the records: topic/partition/offset")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="CODE", help="All that was dead-lettered for this reason")
    ] = None,
    service: Service = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent, send nothing")
    ] = False,
) -> None:
    """Send what was dead-lettered again, byte for byte, to the partition on which its contract is.

    Example: duestream dead-letters redrive --reason unreferenced --dry-run

    What was redriven before is not sent again. A service that has applied a record meanwhile
    takes it as a duplicate; one that still cannot use it dead-letters it again, at a new place.
    """
    if bool(places) == bool(reason):
        fail("say which: PLACE... or --reason", where="redrive", do="see duestream dead-letters")
    settings, console = read_settings(), Console(highlight=False)
    choose = _chosen(places or (), reason, by=_services(service, ()))
    services = _services(None, ())  # the others that dead-lettered it read it again, too
    with reaching(settings):
        if dry_run:
            chosen = choose(asyncio.run(found.on_kafka(settings, services)))
        else:
            try:
                chosen = asyncio.run(found.redrive(settings, services, choose))
            except ProducerFenced:
                do = "list what it left, and redrive that"
                fail("another redrive took over", where=settings.kafka, do=do)
    for place in dict.fromkeys(each.place for each in chosen):
        console.print(Text(f"{'would send' if dry_run else 'sent'} {plain(place)} again"))
    if not chosen:
        console.print("nothing to redrive")


def _chosen(
    places: Sequence[str], reason: str | None, *, by: Sequence[str]
) -> Callable[[Sequence[DeadLettered]], Sequence[DeadLettered]]:
    """Return what picks out of all that was dead-lettered what is to be sent and was not yet."""

    def choose(asides: Sequence[DeadLettered]) -> Sequence[DeadLettered]:
        asides = [each for each in asides if each.service in by]
        chosen = [each for each in asides if each.reason == reason or each.place in places]
        for place in places:
            _known(asides, place)
        chosen = [each for each in chosen if not each.redriven]
        for each in chosen:
            if each.is_cut:
                do = "publish it again from its source"
                fail(
                    "the dead letter holds only the beginning of the record",
                    where=each.place,
                    do=do,
                )
        return chosen

    return choose


def _read(service: str | None, out: Path | None) -> list[DeadLettered]:
    if out is None:
        settings, services = read_settings(), _services(service, ())
        with reaching(settings):
            return asyncio.run(found.on_kafka(settings, services))
    if not out.is_dir():
        fail("there is no run to read", where=out, do="duestream run EVENTS --until DATE --out DIR")
    services = _services(service, ("input",))
    return [each for each in found.left_in(out) if each.service in services]


def _services(only: str | None, more: Iterable[str]) -> list[str]:
    known = [*WITH_DEAD_LETTERS, *more]
    if only is not None and only not in known:
        fail(f"{only} has no dead letters", where="--service", do=f"choose {', '.join(known)}")
    return known if only is None else [only]


def _known(asides: Sequence[DeadLettered], place: str) -> list[DeadLettered]:
    here = [each for each in asides if each.place == place]
    if not here:
        do = "see duestream dead-letters list"
        fail(f"nothing from there among {len(asides)} dead letters", where=plain(place), do=do)
    return here


def _one(asides: Sequence[DeadLettered], place: str) -> DeadLettered:
    here = _known(asides, place)
    if len(here) > 1:
        by = ", ".join(each.service for each in here)
        fail(f"dead-lettered by {by}", where=plain(place), do="choose one with --service")
    return here[0]


def _as_json(aside: DeadLettered) -> dict[str, Any]:
    return {
        "place": aside.place,
        "dead_lettered_by": aside.service,
        "dead_letter": aside.letter,
        "time": aside.time or None,
        "dead_lettered_at": aside.dead_lettered_at.isoformat() if aside.dead_lettered_at else None,
        "reason": aside.reason,
        "detail": aside.detail,
        "contract": aside.contract or None,
        "redriven": aside.redriven,
        "redrive_of": aside.redrive_of,
    }


def _whole_as_json(aside: DeadLettered) -> dict[str, Any]:
    raw = aside.raw
    return _as_json(aside) | {
        "key": _base64(raw.key),
        "headers": [[name, _base64(value)] for name, value in raw.headers],
        "value": _base64(raw.value),
    }


def _base64(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()


def _show_all(asides: Sequence[DeadLettered], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    # A place is for redrive to be copied, so it stays in one piece.
    for name in ("from", "on", "by", "reason"):
        table.add_column(name, no_wrap=True)
    table.add_column("what", overflow="fold")
    table.add_column("contract", overflow="fold")
    for each in asides:
        table.add_row(
            Text(plain(each.place)),
            Text(plain(each.time)[:10] or "-"),
            each.service,
            Text(plain(each.reason), style="dim" if each.redriven else "red"),
            Text(f"{plain(each.detail)}{' (redriven)' if each.redriven else ''}"),
            Text(plain(each.contract) or "-"),
        )
    if asides:
        console.print(table)
        console.print()
    console.print(_counts(asides))


def _counts(asides: Sequence[DeadLettered]) -> str:
    done = sum(each.redriven for each in asides)
    reasons = Counter(plain(each.reason) for each in asides if not each.redriven)
    left = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    return f"{len(asides):,} dead letters, {done:,} redriven" + (f"; left: {left}" if left else "")


def _show_one(aside: DeadLettered, console: Console) -> None:
    dead_lettered_at = aside.dead_lettered_at.isoformat() if aside.dead_lettered_at else "-"
    lines = [
        ("from", aside.place),
        ("reason", f"{aside.reason}: {aside.detail}"),
        ("dead-lettered", f"by {aside.service}, {aside.letter}, {dead_lettered_at}"),
        ("redriven", "yes" if aside.redriven else "no"),
        *([("redrive of", aside.redrive_of)] if aside.redrive_of else []),
        ("key", _text(aside.raw.key)),
        *((f"header {name}", _text(value)) for name, value in aside.raw.headers),
    ]
    for name, text in lines:
        console.print(Text.assemble((f"{plain(name):<12} ", "bold"), plain(text)))
    value = aside.raw.value
    size = "no value" if value is None else f"value of {len(value):,} bytes"
    size += ", cut" if aside.is_cut else ""
    console.print(Text(f"\n{size}", style="bold"))
    for line in plain_lines(value or b""):
        console.print(Text(line))


def _text(content: bytes | None) -> str:
    return "none" if content is None else content.decode(errors="backslashreplace")
