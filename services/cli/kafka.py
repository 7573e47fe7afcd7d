"""``duestream worker``, ``clock``, ``topics apply``: what runs on a real Kafka."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    ProducerFenced,
    UnknownTopicOrPartitionError,
)
from pydantic import ValidationError
from rich.console import Console

from schemas.topics import CATALOGUE, REDRIVES, dead_letters_of
from services.cli.failure import fail
from services.dunning import app as dunning
from services.invoicing import app as invoicing
from services.runtime import kafka
from services.runtime.almanac import run_clock
from services.runtime.logs import set_up_logging
from services.runtime.retry import words_of
from services.runtime.settings import Settings

WORKERS: dict[str, Any] = {each.name: each for each in (invoicing.worker, dunning.worker)}
WITH_DEAD_LETTERS = ("clock", *WORKERS)


def worker(
    name: Annotated[str, typer.Argument(help=f"The service: {', '.join(WORKERS)}")],
) -> None:
    """Run one replica of a service on Kafka until it is told to leave.

    Example: DUESTREAM_PORT=8080 duestream worker dunning

    Settings come from DUESTREAM_... variables and duestream.toml. Exit codes: 0 told to leave;
    75 another worker took over, start again; 70 a fault.
    """
    if name not in WORKERS:
        fail(f"no service is called {name}", where="NAME", do=f"choose {', '.join(WORKERS)}")
    told = settings()
    if name not in told.services:
        where, do = "DUESTREAM_SERVICES", f"add it: {','.join([*told.services, name])}"
        fail(f"{name} is not among the services that are deployed", where=where, do=do)
    try:
        told.database_url(name)
    except OSError as error:
        what = f"no books can be kept: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do="choose another folder with DUESTREAM_STATE_DIR")
    # Faust takes a second to import, and no other command needs it.
    from services.runtime.launch import work

    work(WORKERS[name], told)


def clock() -> None:
    """Say terms and days to all partitions, by the wall clock; there is one clock.

    Example: duestream clock

    A second clock takes over from the first. After an outage the days that are over are said
    late: they move ages and bounds and fire nothing (R-34).
    """
    told = settings()
    set_up_logging(told)
    try:
        run_clock(told)
    except ProducerFenced:
        fail("another clock took over", where=told.kafka, do="run one clock only")


def apply_topics() -> None:
    """Make the topics that are missing; topics that exist are left as they are.

    Example: DUESTREAM_PARTITIONS=12 DUESTREAM_REPLICATION=3 duestream topics apply
    """
    told = settings()
    letters = [dead_letters_of(service) for service in WITH_DEAD_LETTERS]
    topics = [*CATALOGUE, *letters, REDRIVES]
    with reaching(told):
        made = asyncio.run(kafka.apply(told, topics))
    console = Console(highlight=False)
    for name in made:
        console.print(f"made {name}")
    console.print(f"{len(made)} topics made, {len(topics)} are there, at {told.kafka}")


def settings() -> Settings:
    """Return the settings of this process, or say which of them is wrong."""
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name = ".".join(map(str, problem["loc"]))
        where = f"DUESTREAM_{name.upper()}, or {name} in duestream.toml" if name else "the settings"
        what = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            near = get_close_matches(name, Settings.model_fields, n=1)
            what = "; ".join(["there is no such setting", *(f"{each} is one" for each in near)])
        fail(what, where=where, do="the README has a table of all settings")


def deployed(told: Settings) -> list[Any]:
    """Return the services that are deployed, in the order in which a day passes through them."""
    return [WORKERS[name] for name in told.services if name in WORKERS]


@contextmanager
def reaching(told: Settings) -> Iterator[None]:
    """Say what to do where Kafka cannot be had."""
    # The client would say the same once more, in its own words.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    try:
        yield
    except UnknownTopicOrPartitionError as error:
        fail(
            f"a topic is missing: {words_of(error)}", where=told.kafka, do="duestream topics apply"
        )
    except KafkaConnectionError:
        do = "start it (make kafka), or say where it is with DUESTREAM_KAFKA"
        fail("no broker answers", where=told.kafka, do=do)
    except (KafkaError, OSError) as error:
        fail(
            f"Kafka cannot be had: {words_of(error)}",
            where=told.kafka,
            do="look at the broker's log",
        )
