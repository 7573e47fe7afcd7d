"""Starts a worker: logging first, then Faust until the process is told to leave."""

import gc
from typing import Any

import structlog
from faust import Worker as FaustWorker

from services.runtime.kafka.app import App, build
from services.runtime.logs import set_up_logging
from services.runtime.projection import Projection
from services.runtime.settings import Settings
from services.runtime.worker import Worker


def work(worker: Worker[Any] | Projection, settings: Settings) -> None:
    """Run *worker* on Kafka until SIGTERM or SIGINT; does not return."""
    prepare(worker, settings)
    run(build(worker, settings))


def prepare(worker: Worker[Any] | Projection, settings: Settings) -> None:
    """Set up logging, each line with the service's name."""
    set_up_logging(settings)
    structlog.contextvars.bind_contextvars(service=worker.name)


def run(app: App) -> None:
    """Run *app* until SIGTERM or SIGINT; does not return."""
    collect_rarely()
    process = FaustWorker(
        app, loglevel="error", override_logging=False, redirect_stdouts=False, quiet=True
    )
    process.spinner = None  # it writes to logs as to a terminal
    process.execute_from_commandline()


def collect_rarely() -> None:
    """Leave the contracts in memory alone: a third of the time went to looking for cycles in them.

    What begins with the process stays; of the rest the young is looked at as often as before for
    what a transaction makes, the old only after a hundred times as much.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
