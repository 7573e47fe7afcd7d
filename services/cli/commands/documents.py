"""``duestream documents``: what customers were told, as files."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.cli.plumbing import told
from services.cli.plumbing.cluster import reaching, read_settings
from services.cli.plumbing.failure import fail
from services.notifications.making.storage import Storage, Unreadable
from services.runtime.ops.source import Folder, Kafka

documents = typer.Typer(
    no_args_is_help=True, add_completion=False, help="What customers were told: export."
)
_Found = tuple[list[told.ToldDocument] | None, Path]
_WITH = "make a run with documents first: duestream run EVENTS --until DATE --documents --out DIR"


@documents.callback()
def _group() -> None:
    """What customers were told, as files."""


@documents.command("export")
def export(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer_id")],
    to: Annotated[Path, typer.Option(help="Folder for the documents")],
    run: Annotated[Path, typer.Option("--from", help="Folder that a run left")] = Path("out"),
    on_kafka: Annotated[
        bool, typer.Option("--kafka", help="Read Kafka's topics, and files from documents_dir")
    ] = False,
) -> None:
    """Write all documents of CUSTOMER into a folder, with a manifest of how each left.

    Example: duestream documents export K-101 --from out --to out/K-101

    Of each contract of the customer: the bytes that were told, checked against their hash.
    Exit codes: 0 all are there; 1 one is missing or damaged, or there is no such customer.
    """
    found, folder = _from_kafka(customer) if on_kafka else _from_folder(run, customer)
    if found is None:
        fail(f"no contract is of a customer {customer!r}", where=folder, do=_WITH)
    try:
        told.keep(found, Storage(folder), to)
    except Unreadable as why:
        fail(f"a document is missing or damaged: {why}", where=folder, do="restore it")
    except OSError as error:
        what = f"a document cannot be kept: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do=_WITH)
    typer.echo(f"{len(found)} documents and manifest.json in {to}")


def _from_folder(run: Path, customer: str) -> _Found:
    return asyncio.run(told.gather(Folder(run), customer)), run / "documents"


def _from_kafka(customer: str) -> _Found:
    settings = read_settings()
    if settings.documents_dir is None:
        fail("nobody says where documents are", where="documents_dir", do="set it, as workers have")
    with reaching(settings):
        found = asyncio.run(told.gather(Kafka(settings), customer))
    return found, Path(settings.documents_dir)
