"""How a process logs: to standard error, for people or for machines."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from services.runtime.settings import Settings

# Each event that is logged, with its fields; docs/operations.md says what each means. Who watches
# a log asks for these names, so that a new word for one is a change to announce.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "act.unfinished": ("service",),
    "act.unknown": ("effect", "act", "error"),
    "agreement.unchecked": ("error",),
    "clock.started": ("said",),
    "dead_letters.unmeasured": ("error",),
    "dependency.recovered": ("what",),
    "dependency.waiting": ("what", "error"),
    "document.unreadable": ("hash", "act"),
    "endpoint.unnoted": ("endpoint", "error"),
    "lag.uncommitted": ("error",),
    "lag.unmeasured": ("error",),
    "partition.fenced": ("partition",),
    "partition.forked": ("partition", "number", "store"),
    "partition.recovered": ("partition", "number"),
    "partition.recovering": ("partition", "number", "last"),
    "partition.stopped": ("partition", "why"),
    "partitions.claimed": ("partitions", "kept"),
    "producer.unclosed": ("error",),
    "projection.completed": ("edition", "projection", "version"),
    "projection.dropped": ("edition", "projection", "version"),
    "projection.started": ("edition", "projection", "version"),
    "snapshot.begins": ("partition", "number"),
    "snapshot.loaded": ("partition", "number"),
    "snapshot.written": ("partition", "number", "pieces"),
    "terms.cautioned": ("place", "caution"),
    "terms.dead_lettered": ("place", "reason", "detail"),
    "transaction.unfinished": (),
    "worker.follows": ("services",),
    "worker.stopped": ("service",),
    "worker.stopping": ("service", "error"),
}

_QUIET = ("aiokafka", "faust", "mode", "alembic", "asyncio")


def set_up_logging(settings: Settings) -> None:
    """Log to standard error: for people, or one JSON object a line for machines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # No traceback says what variables held: that may be a customer's name.
    if settings.log_format == "json":
        traced = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        rendered: list[Any] = [traced, structlog.processors.JSONRenderer()]
    else:
        plain, colors = structlog.dev.plain_traceback, sys.stderr.isatty()
        rendered = [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    structlog.configure(
        processors=[*shared, *rendered], logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )
    logging.basicConfig(handlers=[_of_libraries(shared, rendered)])
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.getLogger("aiokafka.consumer.group_coordinator").addFilter(_is_news)


def _of_libraries(shared: list[Any], rendered: list[Any]) -> logging.Handler:
    """Return what lets the lines of libraries look like ours, with the name of their logger."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        )
    )
    return handler


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out what is tried again, and said by ourselves where it matters.

    A new broker has no coordinator yet; a group that has moved on takes no more offsets, of which
    each partition would tell.
    """
    said = record.getMessage()
    return "GroupCoordinatorNotAvailable" not in said and "OffsetCommit failed" not in said
