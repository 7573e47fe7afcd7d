"""How a process logs: to standard error, for people or for machines."""

import logging
import sys
from typing import Any

import structlog

from services.runtime.settings import Settings

_QUIET = ("aiokafka", "faust", "mode", "alembic", "asyncio")


def set_up_logging(settings: Settings) -> None:
    """Log to standard error: for people, or one JSON object a line for machines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_format == "json":
        shared += [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    else:
        shared += [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    structlog.configure(
        processors=shared, logger_factory=structlog.PrintLoggerFactory(file=sys.stderr)
    )
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("aiokafka.consumer.group_coordinator").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out that a new broker has no coordinator yet: it is asked again until it has one."""
    return "GroupCoordinatorNotAvailable" not in record.getMessage()
