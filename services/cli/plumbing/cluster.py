"""The settings of this process, the services that they name, and the Kafka where they are."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from aiokafka.errors import KafkaConnectionError, KafkaError, UnknownTopicOrPartitionError
from pydantic import ValidationError

from services.cli.plumbing.failure import fail
from services.registry import EVERY
from services.runtime.kafka.diagnosis import Unreachable
from services.runtime.kafka.disagreement import Disagreement
from services.runtime.kafka.retry import words_of
from services.runtime.settings import Settings

WITH_DEAD_LETTERS = ("clock", *EVERY)


def read_settings() -> Settings:
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


def deployed(settings: Settings) -> list[Any]:
    """Return the services that are deployed, in the order in which a day passes through them."""
    return [EVERY[name] for name in settings.services if name in EVERY]


@contextmanager
def reaching(settings: Settings) -> Iterator[None]:
    """Say what to do where Kafka cannot be had."""
    # The client would say the same once more, in its own words.
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())
    try:
        yield
    except (Disagreement, Unreachable) as fault:
        fail(fault.what, where=fault.where, do=fault.do)
    except UnknownTopicOrPartitionError as error:
        fail(
            f"a topic is missing: {words_of(error)}",
            where=settings.kafka,
            do="duestream topics apply",
        )
    except KafkaConnectionError:
        do = "start it (make kafka), or say where it is with DUESTREAM_KAFKA"
        fail("no broker answers", where=settings.kafka, do=do)
    except (KafkaError, OSError) as error:
        fail(
            f"Kafka cannot be had: {words_of(error)}",
            where=settings.kafka,
            do="look at the broker's log",
        )
