"""``duestream recompute``: rates and bills again what was charged, from what was known then."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.recomputing import NotRecomputable, Recomputing
from services.cli.plumbing.stores import store_of
from services.cli.views import recomputed
from services.cli.words.language import Code, language
from services.runtime.embedded.replay import Lost
from services.runtime.ops.source import Folder, Kafka
from services.runtime.ops.state_reader import NoStore
from services.runtime.stream.changes import Broken

T = TypeVar("T")

_DO = "make a run first: duestream run EVENTS --until DATE --out DIR"


def recompute(
    name: Annotated[
        str, typer.Argument(metavar="CHARGE|INVOICE", help="Its id, or the number of a document")
    ],
    source: Annotated[Path, typer.Option("--from", help="Folder that a run left")] = Path("out"),
    on_kafka: Annotated[
        bool, typer.Option("--kafka", help="Read topics and stores of the workers instead")
    ] = False,
    code: Annotated[Code, typer.Option("--language", metavar="en|de", help="Of the words")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON")] = False,
) -> None:
    """Compute CHARGE or INVOICE again from what was known when it was made, and compare.

    Example: duestream recompute TR2026-16 --from out

    All that was said of its contract is replayed in the recorded order; what came later changes
    nothing. It has no effect. Exit codes: 0 it comes out the same; 3 it does not; 1 it cannot be
    computed again.
    """
    compared = reading_again(None if on_kafka else source, lambda again: again.of(name))
    if as_json:
        typer.echo(json.dumps(recomputed.as_json(compared), indent=2, ensure_ascii=False))
    else:
        recomputed.show(compared, Console(highlight=False), language(code))
    raise typer.Exit(3 if any(each.deviations for each in compared) else 0)


def reading_again(folder: Path | None, ask: Callable[[Recomputing], Coroutine[Any, Any, T]]) -> T:
    """Return what is computed again from the folder of a run, or from Kafka and the stores."""
    return _on_kafka(ask) if folder is None else _in_folder(folder, ask)


def _in_folder(folder: Path, ask: Callable[[Recomputing], Coroutine[Any, Any, T]]) -> T:
    def store(service: str) -> str | None:
        file = folder / "state" / f"{service}.sqlite"
        return store_of(service, file, do=_DO)[0]

    return _asked(Recomputing(Folder(folder), store), ask)


def _on_kafka(ask: Callable[[Recomputing], Coroutine[Any, Any, T]]) -> T:
    settings = read_settings()

    def store(service: str) -> str | None:
        return store_of(service, None, do=_DO)[0] if service in settings.services else None

    with reaching(settings):
        return _asked(Recomputing(Kafka(settings), store), ask)


def _asked(recomputing: Recomputing, ask: Callable[[Recomputing], Coroutine[Any, Any, T]]) -> T:
    where = recomputing.source.name
    try:
        return asyncio.run(ask(recomputing))
    except NotRecomputable as error:
        fail(str(error), where=where, do=error.do)
    except NoStore as error:
        fail(f"no recorded order can be read: {error}", where=where, do="see --from")
    except Lost as place:
        do = "keep the topics for as long as charges are to be computed again"
        fail(f"what was heard then is not on the topics any more: {place}", where=where, do=do)
    except Broken as error:
        fail(f"an invariant broke: {error}", where=where, do="duestream verify; report it")
