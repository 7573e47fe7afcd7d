"""``duestream verify``: exactly once, checked on what is there."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.stores import store_of
from services.cli.views.plain import plain
from services.registry import DECLARED, EVERY, PROJECTIONS
from services.runtime.kafka.agreement import database
from services.runtime.ops.state_reader import NoStore
from services.runtime.ops.verify.rows import verify_rows
from services.runtime.ops.verify.verify import Report, Watch
from services.runtime.ops.verify.verify import verify as verified
from services.runtime.settings import Settings

Services = Annotated[
    list[str] | None, typer.Argument(help="Which services; all that are deployed unless said")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON")]


def verify(services: Services = None, as_json: AsJson = False) -> None:
    """Check that every input counts once and every output stands once, from topics and store.

    Example: duestream verify

    It changes nothing and may run while workers do; it replays all inputs in the recorded order,
    which takes the time of a rebuild and the memory of a partition's records. Of a projection it
    makes all rows again. Exit codes: 0 all holds; 3 something does not; 1 nothing could be said.
    """
    settings = read_settings()
    names = services or [*settings.services, *PROJECTIONS]
    for name in names:
        if name not in DECLARED:
            do = f"choose {', '.join(DECLARED)}"
            fail(f"no service is called {name}", where="SERVICES", do=do)
        store_of(name, None, do="see DUESTREAM_STATE_DIR and DUESTREAM_DATABASE")
    reports = [_report(settings, name) for name in names]
    if as_json:
        typer.echo(json.dumps([_as_json(each) for each in reports], indent=2, ensure_ascii=False))
    else:
        for each in reports:
            _show(each, Console(highlight=False, soft_wrap=True))
    raise typer.Exit(3 if any(each.violations for each in reports) else 0)


def _report(settings: Settings, name: str) -> Report:
    try:
        with reaching(settings), _progress(name) as watch:
            if name in PROJECTIONS:
                return asyncio.run(verify_rows(PROJECTIONS[name], settings, watch))
            return asyncio.run(verified(EVERY[name], settings, watch))
    except NoStore as error:
        what, where = f"no store of {name} can be read: {error}", database(settings, name)
        fail(what, where=where, do="see the database's log")


@contextmanager
def _progress(name: str) -> Iterator[Watch]:
    """Show the partitions passing where a person watches; a pipe or a log gets nothing."""
    console = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TextColumn("partitions"))
    bar = Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(report: Report, console: Console) -> None:
    for what, where in report.violations:
        line = Text.assemble(("violation ", "bold red"), f"{plain(where)}: {plain(what)}")
        console.print(line)
    counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
    found = f"{len(report.violations):,} violations" if report.violations else "clean"
    console.print(Text(f"{report.service}: {counts}: {found}"))


def _as_json(report: Report) -> dict[str, object]:
    found = [{"what": what, "where": where} for what, where in report.violations]
    return {"service": report.service, "counts": dict(report.counts), "violations": found}
