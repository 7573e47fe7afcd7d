"""``duestream rebuild``: a store anew, from topics alone."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from aiokafka.errors import ProducerFenced
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.views.plain import plain
from services.registry import DECLARED, EVERY, PROJECTIONS
from services.runtime.kafka.agreement import database
from services.runtime.logs import set_up_logging
from services.runtime.ops.rebuild import HearsProgress, InUse, Rebuilt
from services.runtime.ops.rebuild import rebuild as made_anew
from services.runtime.ops.state_reader import NoStore
from services.runtime.settings import Settings
from services.runtime.store.database import Database
from services.runtime.store.read_model import ReadModel
from services.runtime.store.store import Fenced

Service = Annotated[str, typer.Argument(help=f"The service: {', '.join(DECLARED)}")]
Partition = Annotated[int | None, typer.Option(help="Only this partition; all unless said", min=0)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON")]


def rebuild(service: Service, partition: Partition = None, as_json: AsJson = False) -> None:
    """Delete what a store holds of its partitions, and make it again from topics alone.

    Example: duestream rebuild dunning

    From the newest snapshot on, or from the first record; nothing is said twice. What the topics
    cannot give back is not deleted. It refuses while workers of the service run: they would take
    their partitions back, and each brings its store to the end by itself. Killed, it goes on where
    it was when it is started again. Of a projection the rows are made anew by its workers, and the
    old ones are read until then. Exit codes: 0 done; 3 a partition cannot be made; 1 nothing could
    be begun.
    """
    settings = read_settings()
    if service not in DECLARED:
        fail(f"no service is called {service}", where="SERVICE", do=f"choose {', '.join(DECLARED)}")
    if partition is not None and partition >= settings.partitions:
        where, do = "--partition", f"choose one below {settings.partitions}"
        fail(f"there is no partition {partition}", where=where, do=do)
    if service in PROJECTIONS:
        _begin_edition(service, settings, partition, as_json=as_json)
        return
    done = _rebuilt(service, settings, [] if partition is None else [partition])
    if as_json:
        told = {"service": service, "partitions": [_as_json(each) for each in done]}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for each in done:
            _show(each, Console(highlight=False, soft_wrap=True))
    raise typer.Exit(3 if any(each.why for each in done) else 0)


def _rebuilt(service: str, settings: Settings, partitions: list[int]) -> list[Rebuilt]:
    set_up_logging(settings)
    try:
        with reaching(settings), _progress(service) as hears:
            return asyncio.run(made_anew(EVERY[service], settings, partitions, hears))
    except InUse as error:
        do = "stop them first; to bring a store to its end, a worker needs no rebuild"
        fail(f"workers of {service} run", where=error, do=do)
    except (Fenced, ProducerFenced):
        fail("a worker took over", where=service, do="stop the workers, and start this again")
    except NoStore as error:
        what, where = f"no store of {service} can be written: {error}", database(settings, service)
        fail(what, where=where, do="see the database's log")


@contextmanager
def _progress(service: str) -> Iterator[HearsProgress]:
    """Show order records passing where a person watches; a pipe or a log gets nothing."""
    console = Console(stderr=True)
    columns = (TextColumn(service), TextColumn("{task.fields[at]}"), BarColumn())
    bar = Progress(
        *columns,
        MofNCompleteColumn(),
        TextColumn("order records"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=None, at="")

        def hears(partition: int, number: int, last: int) -> None:
            bar.update(task, completed=number + 1, total=last + 1, at=f"partition {partition}")

        yield hears


def _begin_edition(name: str, settings: Settings, partition: int | None, *, as_json: bool) -> None:
    """Let the workers of a projection make its rows again, beside those that are read."""
    if partition is not None:
        do = "leave --partition out: an edition has all partitions"
        fail("the rows of a projection are made anew together", where="--partition", do=do)
    projection = PROJECTIONS[name]

    async def begin() -> int:
        store = ReadModel(projection, Database(settings.database_url(name), name))
        try:
            await store.migrate()
            await store.make_anew()
            await store.open()
            return store.edition.number
        finally:
            await store.close()

    edition = asyncio.run(begin())
    if as_json:
        typer.echo(json.dumps({"projection": name, "edition": edition}))
    else:
        typer.echo(f"{name}: edition {edition} begins; the one before it is read until it is there")


def _show(each: Rebuilt, console: Console) -> None:
    where = f"partition {each.partition}"
    if each.why:
        console.print(Text.assemble(("stopped ", "bold red"), f"{where}: {plain(each.why)}"))
        return
    how = "gone on with" if each.has_gone_on else "made anew"
    console.print(Text(f"{where}: {how}, {each.number + 1:,} order records"))


def _as_json(each: Rebuilt) -> dict[str, object]:
    told: dict[str, object] = {"partition": each.partition, "records": each.number + 1}
    return told | ({"why": each.why} if each.why else {"has_gone_on": each.has_gone_on})
