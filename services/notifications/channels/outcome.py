"""What one attempt to deliver came to; the reasons are codes, without personal data."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side has taken it over; ``answer`` is its code, never its words."""

    answer: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """For good: not this document, this way, to this recipient (R-53).

    ``closes_address``: nothing else reaches that address either (R-121).
    """

    reason: str
    answer: str = ""
    closes_address: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """Surely not done, and may be tried again; not before ``wait`` where the other side says so."""

    reason: str
    answer: str = ""
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have happened: nobody heard the answer."""

    reason: str


Outcome = Sent | Refused | Later | Unknown
