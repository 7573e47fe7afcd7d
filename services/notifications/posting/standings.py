"""How endpoints stand: since when they fail, and which are disabled; a file for each such one.

The files are all that is known: whoever shares the folder sees the same, also after a start. They
hold no URL and no key.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from schemas.frozen import replace
from services.notifications.channels import circuit
from services.notifications.channels.circuit import Circuit
from services.notifications.channels.outcome import Outcome, Refused

WELL = Circuit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an endpoint stands; ``is_told`` once the operator has heard that it is disabled."""

    endpoint_id: str
    circuit: Circuit = WELL
    disabled_at: datetime | None = None
    reason: str | None = None
    is_told: bool = False

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be remembered of it."""
        return self.circuit == WELL and self.disabled_at is None


class Standings:
    """The standings in a folder, which is made where it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, endpoint_id: str) -> Standing:
        """Return how an endpoint stands; one of which nothing can be read is well."""
        return _read(self._file(endpoint_id)) or Standing(endpoint_id=endpoint_id)

    def all(self) -> list[Standing]:
        """Return those that are not well, by their ids."""
        files = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        found = [each for path in files if (each := _read(path))]
        return sorted(found, key=lambda each: each.endpoint_id)

    def heard(self, endpoint_id: str, outcome: Outcome, *, at: datetime) -> Standing:
        """Note what a posting came to; return the standing, which may be disabled by it."""
        before = self.of(endpoint_id)
        if before.disabled_at is not None:
            return before
        after = replace(before, circuit=circuit.after(before.circuit, outcome, at=at))
        if isinstance(outcome, Refused) and outcome.closes_address:
            after = replace(after, disabled_at=at, reason=outcome.reason)
        elif circuit.is_dead(after.circuit, at=at):
            after = replace(after, disabled_at=at, reason="endpoint_failed_for_days")
        if after != before:
            self._keep(after)
        return after

    def told(self, endpoint_id: str) -> None:
        """Note that the operator has heard that it is disabled."""
        standing = self.of(endpoint_id)
        if standing.disabled_at is not None:
            self._keep(replace(standing, is_told=True))

    def enable(self, endpoint_id: str) -> bool:
        """Forget how an endpoint stood; return whether it was disabled."""
        was_disabled = self.of(endpoint_id).disabled_at is not None
        self._file(endpoint_id).unlink(missing_ok=True)
        return was_disabled

    def _keep(self, standing: Standing) -> None:
        path = self._file(standing.endpoint_id)
        if standing.is_well:
            path.unlink(missing_ok=True)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        # Of another name for each process: two workers may write at once, each a whole file.
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(_said(standing)))
        part.replace(path)

    def _file(self, endpoint_id: str) -> Path:
        """Return where a standing is; an id may be no name of a file."""
        return self._folder / f"{sha256(endpoint_id.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> Standing | None:
    try:
        said = json.loads(path.read_text())
        return Standing(
            endpoint_id=said["endpoint_id"],
            circuit=Circuit(
                _instant(said["failing_since"]), said["failures"], _instant(said["tried_at"])
            ),
            disabled_at=_instant(said["disabled_at"]),
            reason=said["reason"],
            is_told=said["is_told"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _said(standing: Standing) -> dict[str, Any]:
    return {
        "endpoint_id": standing.endpoint_id,
        "failing_since": _written(standing.circuit.failing_since),
        "failures": standing.circuit.failures,
        "tried_at": _written(standing.circuit.tried_at),
        "disabled_at": _written(standing.disabled_at),
        "reason": standing.reason,
        "is_told": standing.is_told,
    }


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
