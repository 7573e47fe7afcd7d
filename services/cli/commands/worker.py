"""``duestream worker``, ``clock``, ``topics apply``: what runs on a real Kafka."""

import asyncio
from typing import Annotated

import typer
from aiokafka.errors import ProducerFenced
from rich.console import Console

from schemas.topics import (
    CATALOGUE,
    REACHING,
    REDRIVES,
    dead_letters_of,
    order_of,
    snapshots_of,
)
from services.cli.plumbing.cluster import WITH_DEAD_LETTERS, reaching, read_settings
from services.cli.plumbing.failure import fail
from services.cli.plumbing.world import reaching_the_world
from services.registry import DECLARED, EVERY
from services.runtime.kafka import topics
from services.runtime.kafka.clock import run_clock
from services.runtime.kafka.disagreement import Disagreement
from services.runtime.logs import set_up_logging


def worker(
    name: Annotated[str, typer.Argument(help=f"The service: {', '.join(DECLARED)}")],
) -> None:
    """Run one replica of a service on Kafka until it is told to leave.

    Example: DUESTREAM_PORT=8080 duestream worker dunning

    Settings come from DUESTREAM_... variables and duestream.toml. Exit codes: 0 told to leave;
    75 another worker took over, start again; 70 a fault.
    """
    if name not in DECLARED:
        fail(f"no service is called {name}", where="NAME", do=f"choose {', '.join(DECLARED)}")
    settings = read_settings()
    if name in EVERY and name not in settings.services:
        where, do = "DUESTREAM_SERVICES", f"add it: {','.join([*settings.services, name])}"
        fail(f"{name} is not among the services that are deployed", where=where, do=do)
    try:
        settings.database_url(name)
    except OSError as error:
        what = f"no store can be kept: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="choose another folder with DUESTREAM_STATE_DIR")
    # Faust takes a second to import, and no other command needs it.
    from services.runtime.kafka.launch import work

    work(reaching_the_world(settings) if name in REACHING else DECLARED[name], settings)


def clock() -> None:
    """Say terms and days to all partitions, by the wall clock; there is one clock.

    Example: duestream clock

    A second clock takes over from the first. After an outage the days that are over are said
    late: they move ages and bounds and fire nothing (R-34).
    """
    settings = read_settings()
    set_up_logging(settings)
    try:
        run_clock(settings)
    except Disagreement as fault:
        fail(fault.what, where=fault.where, do=fault.do)
    except ProducerFenced:
        fail("another clock took over", where=settings.kafka, do="run one clock only")


def apply_topics() -> None:
    """Make the topics that are missing; topics that exist are left as they are.

    Example: DUESTREAM_PARTITIONS=12 DUESTREAM_REPLICATION=3 duestream topics apply
    """
    settings = read_settings()
    letters = [dead_letters_of(service) for service in WITH_DEAD_LETTERS]
    own = [each(service) for each in (order_of, snapshots_of) for service in EVERY]
    wanted = [*CATALOGUE, *letters, *own, REDRIVES]
    with reaching(settings):
        made = asyncio.run(topics.apply(settings, wanted))
    console = Console(highlight=False)
    for name in made:
        console.print(f"made {name}")
    console.print(f"{len(made)} topics made, {len(wanted)} are there, at {settings.kafka}")
