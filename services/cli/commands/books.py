"""``duestream books``: the books of a day, as tables and booking batches, and hand-overs."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from schemas.values import LegalEntityId
from services import bookkeeping
from services.bookkeeping import chart, checks, closing, datev, tables
from services.bookkeeping.books import Books
from services.bookkeeping.books import books as made
from services.bookkeeping.chart import Chart, NoChart
from services.bookkeeping.closing import Closed, HandOver
from services.bookkeeping.facts import Disagrees, Incomplete
from services.bookkeeping.postings import Posting
from services.cli.plumbing import hand_overs, heard
from services.cli.plumbing.failure import fail
from services.cli.plumbing.heard import BooksSource
from services.cli.views import year_end
from services.cli.views.plain import plain
from services.cli.views.year_end import BooksReport, File

_CHARTS = ("skr03", "skr04")
# What an earlier call may have left beside the files of this one.
_STALE = ("EXTF_Buchungsstapel_*.csv",)

books = typer.Typer(add_completion=False)

AsOf = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="What is booked by this day"),
]
KnownOn = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], metavar="DATE", help="What was known by this day; now unless said"
    ),
]
Until = Annotated[
    datetime,
    typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="The last day that is closed"),
]
Into = Annotated[Path, typer.Option("--out", help="Folder of all hand-overs")]
Out = Annotated[Path, typer.Option(help="Folder for the books")]
From = Annotated[Path, typer.Option("--from", help="Folder that a run left")]
OnKafka = Annotated[bool, typer.Option("--kafka", help="Read Kafka's topics instead of a folder")]
Entity = Annotated[
    str | None, typer.Option(metavar="ID", help="Only this legal entity; all unless said")
]
ChartOf = Annotated[
    str, typer.Option("--chart", metavar="CHART", help="skr03, skr04, or a file like them (.toml)")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON")]


@books.callback(invoke_without_command=True)
def of_a_day(  # noqa: PLR0913 - each is an option
    called: typer.Context,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    out: Out = Path("books"),
    source: From = Path("out"),
    on_kafka: OnKafka = False,
    entity: Entity = None,
    chart_of: ChartOf = "skr03",
    as_json: AsJson = False,
) -> None:
    """Write the books of a day: open items and their age, revenue and tax, postings, DATEV.

    Example: duestream books --as-of 2026-12-31 --from out --out books

    Every total is checked against the ledger before anything is written. --as-of is the day of
    booking; --known-on leaves out what came to be known later, so that the books of a day can be
    made again as they were. Exit codes: 0 written; 3 a total is not what the ledger says, nothing
    is written; 1 no books can be made.
    """
    if called.invoked_subcommand is not None:
        return
    if as_of is None:
        fail("no day is said", where="--as-of", do="duestream books --as-of 2026-12-31")
    accounts = _chart(chart_of)
    source_of = heard.source_of(source, kafka=on_kafka)
    day, known = as_of.date(), known_on.date() if known_on else None
    found = _books(source_of, accounts, as_of=day, known_on=known, entity=entity)
    files = _files(found, accounts)
    _write(out, files)
    report = BooksReport(books=found, come_to=source_of.come_to, out=out, files=files)
    if as_json:
        typer.echo(json.dumps(year_end.as_json(report), indent=2, ensure_ascii=False))
    else:
        year_end.show(report, Console(highlight=False))


@books.command()
def close(  # noqa: PLR0913 - each is an option
    until: Until,
    out: Into = Path("hand-overs"),
    source: From = Path("out"),
    on_kafka: OnKafka = False,
    entity: Entity = None,
    chart_of: ChartOf = "skr03",
    as_json: AsJson = False,
) -> None:
    """Hand over what is booked up to a day and was in no hand-over before; that day is closed then.

    Example: duestream books close --until 2026-01-31 --from out --out hand-overs

    What is booked later for a closed day stands on the first open one, with its own date beside
    it. Exit codes: 0 written; 3 what was handed over is not what the ledger says, nothing is
    written; 1 nothing can be handed over.
    """
    accounts, day = _chart(chart_of), until.date()
    source_of = heard.source_of(source, kafka=on_kafka)
    if source_of.come_to is None or source_of.come_to < day:
        come_to = f"the ledger has come to {source_of.come_to or 'no day'} only"
        fail(come_to, where=source_of.where, do="close a day when all of it is booked")
    found = _books(source_of, accounts, as_of=day, known_on=None, entity=entity)
    try:
        only = LegalEntityId(entity) if entity is not None else None
        made_now, postings = closing.hand_over(found, hand_overs.read(out), entity=only)
    except Closed as error:
        fail(str(error), where=out, do="name a later --until, and one folder for each --entity")
    except Disagrees as error:
        _refuse(error, source_of)
    files = [(each.name, each.content) for each in _handed_over(made_now, postings, accounts)]
    into = hand_overs.write(out, made_now, files)
    told = year_end.handed_over(made_now, into, [name for name, _ in files])
    typer.echo(json.dumps(told, indent=2) if as_json else year_end.in_words(told))


def _handed_over(made_now: HandOver, postings: Sequence[Posting], accounts: Chart) -> list[File]:
    listed = (tables.sent(made_now), tables.journal_of(postings, accounts))
    files = [File(each.name, each.content(), len(each.rows)) for each in listed]
    return files + _batches(postings, accounts)


def _chart(name: str) -> Chart:
    """Return one of ours, or the one in a file."""
    try:
        if name.lower() in _CHARTS:
            file = resources.files(bookkeeping) / "charts" / f"{name.lower()}.toml"
            return chart.parse(file.read_text(encoding="utf-8"))
        return chart.parse(Path(name).read_text(encoding="utf-8"))
    except NoChart as error:
        fail(f"this is no chart of accounts: {error}", where=name, do=_LIKE_OURS)
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or "it is no UTF-8"
        fail(f"the chart cannot be read: {what.lower()}", where=name, do=_LIKE_OURS)


_LIKE_OURS = f"choose {', '.join(_CHARTS)}, or a file made after services/bookkeeping/charts"


def _books(
    source: BooksSource, accounts: Chart, *, as_of: date, known_on: date | None, entity: str | None
) -> Books:
    only = LegalEntityId(entity) if entity is not None else None
    try:
        found = made(source.facts, accounts, as_of=as_of, known_on=known_on, entity=only)
        checks.check(found)
    except Incomplete as error:
        do = "all topics are needed from their beginning, and a ledger of this version"
        fail(str(error), where=source.where, do=do)
    except Disagrees as error:
        _refuse(error, source)
    names = sorted({each.legal_entity_id for each in found.journal.ledgers})
    if only is not None and only not in names:
        fail(f"no ledger is of {only}", where="--entity", do=f"choose one of {', '.join(names)}")
    return found


def _refuse(error: Disagrees, source: BooksSource) -> NoReturn:
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    for each in error.differences[: year_end.SHOWN_AT_MOST]:
        console.print(f"differs  {plain(each)}")
    more = len(error.differences) - year_end.SHOWN_AT_MOST
    if more > 0:
        console.print(f"differs  and {more:,} more")
    console.print(f"where    {source.where}: nothing was written")
    console.print("do       duestream verify says whether the ledger itself is whole; report it")
    raise typer.Exit(3)


def _files(found: Books, accounts: Chart) -> list[File]:
    files = [
        File(each.name, each.content(), len(each.rows)) for each in tables.tables(found, accounts)
    ]
    return files + _batches(found.postings, accounts)


def _batches(postings: Iterable[Posting], accounts: Chart) -> list[File]:
    taken = filter(datev.takes, postings)
    return [File(*each) for each in datev.batches(taken, accounts)]


def _write(out: Path, files: Iterable[File]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for stale in (path for pattern in _STALE for path in out.glob(pattern)):
            stale.unlink()
        for each in files:
            (out / each.name).write_bytes(each.content)
    except OSError as error:
        what = f"the books cannot be written: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="choose a folder that you may write with --out")
