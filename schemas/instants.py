"""Instants as text: RFC 3339 with an offset, as CloudEvents has them, and nothing else."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, WithJsonSchema

# Python would take weeks, blanks and missing parts, too, and pydantic seconds since 1970. RFC 3339
# lets "t" and "z" be small.
PATTERN = (
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_WRITTEN = re.compile(PATTERN)
# Far enough from the years 1900 and 2999 that every zone has a local day for it.
_FIRST, _LAST = datetime(1900, 1, 2, tzinfo=UTC), datetime(2999, 12, 30, tzinfo=UTC)


def _as_written(said: object) -> object:
    if not isinstance(said, str):
        return said
    if _WRITTEN.fullmatch(said) is None:
        raise ValueError("an instant is written as RFC 3339 has it, with an offset")
    return datetime.fromisoformat(said.upper())


def _has_a_local_day(instant: datetime) -> datetime:
    if not _FIRST <= instant <= _LAST:
        raise ValueError("an instant lies between 1900 and 2999")
    return instant


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_as_written),
    AfterValidator(_has_a_local_day),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": f"^{PATTERN}$"}),
]
