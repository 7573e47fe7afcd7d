"""Contracts as rows of the store, and back."""

from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from services.runtime.store.store import Rows
from services.runtime.stream.acts import Acts
from services.runtime.stream.changes import Changes
from services.runtime.stream.contract import ContractRecord, Waiting
from services.runtime.stream.dedup import Seen
from services.runtime.stream.record import Key, Output, Record
from services.runtime.stream.wire import headers_to_text, pack
from services.runtime.worker import Wake, Worker

S = TypeVar("S")

_WAITING = TypeAdapter[tuple[Waiting, ...]](tuple[Waiting, ...])
_ACTS = TypeAdapter[Acts](Acts)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Return what reads and writes *kind*; to make one takes milliseconds."""
    return TypeAdapter(kind)


class RowMapping(Generic[S]):
    """Writes what is kept per contract as JSON beside the columns that SQL has to know."""

    def __init__(self, worker: Worker[S]) -> None:
        keeps: Any = worker.keeps
        self._state: TypeAdapter[S] = _adapter(keeps)
        self._piece = _adapter(worker.archive.holds if worker.archive else None)

    def row(self, contract_id: str, contract: ContractRecord[S], wake: Wake) -> dict[str, Any]:
        """Return the row of *contract*, indexed by *wake*."""
        return {
            "contract_id": contract_id,
            "partition": contract.partition,
            "legal_entity_id": wake.legal_entity_id,
            "wake_on": wake.on,
            "at_new_terms": wake.at_new_terms,
            "heard": contract.heard,
            "sequence": contract.sequence,
            "waiting": _WAITING.dump_json(contract.waiting) if contract.waiting else None,
            "value": self._state.dump_json(contract.state),
            "recent": contract.recent or None,
            "spilled": contract.spilled,
            "acts": acts_column(contract.acts),
        }

    def contract(self, row: Any) -> ContractRecord[S]:
        """Return the contract that *row* holds; what is known of it comes from its own table."""
        return ContractRecord(
            partition=row.partition,
            state=self._state.validate_json(row.value),
            sequence=row.sequence,
            heard=row.heard,
            recent=row.recent or b"",
            spilled=row.spilled,
            waiting=_WAITING.validate_json(row.waiting) if row.waiting else (),
            acts=acts_of(row.acts),
            kept=True,
            stored=True,
        )

    def known(self, row: Any) -> Seen:
        """Return what *row* says was said under an identity."""
        return Seen(row.content, row.until)

    def piece(self, value: bytes | None) -> Any:
        """Return the filed piece that *value* holds, None for None."""
        return None if value is None else self._piece.validate_json(value)

    def pieces(self, changes: Changes) -> Rows:
        """Return the rows of what was filed away."""
        return [
            {
                "contract_id": contract_id,
                "partition": partition,
                "name": name,
                "value": self._piece.dump_json(piece),
            }
            for ((contract_id, partition), name), piece in changes.filed.items()
        ]

    def strays(self, changes: Changes) -> Rows:
        """Return the rows of records whose contract was found on another partition."""
        return [
            {"place": place, "partition": int(place.split("/")[1]), "home": home}
            for place, home in changes.strays.items()
        ]


def acts_column(acts: Acts) -> bytes | None:
    """Return open acts as a column; None where there are none, so that an index finds the rest."""
    return _ACTS.dump_json(acts) if acts else None


def acts_of(column: bytes | None) -> Acts:
    """Return what acts_column wrote."""
    return _ACTS.validate_json(column) if column else ()


def known_row(key: Key, name: bytes, known: Seen) -> dict[str, Any]:
    """Return the row of an identity."""
    return {
        "contract_id": key[0],
        "name": name,
        "partition": key[1],
        "content": known.content,
        "until": known.until,
    }


def heard_row(record: Record) -> dict[str, Any]:
    """Return the row of what was heard of the calendar; the last of its kind counts."""
    event = record.event
    return {
        "partition": record.partition,
        "id": f"{event.type}/{event.subject}",
        "seq": record.offset,
        "event": event.to_line(),
    }


def outbox_row(output: Output) -> dict[str, Any]:
    """Return the row of a numbered output."""
    packed = output.packed or pack(output.content)
    return {
        "partition": output.partition,
        "seq": output.seq,
        "topic": output.topic,
        "key": packed.key,
        "headers": headers_to_text(packed.headers),
        "value": packed.value,
        "timestamp": packed.timestamp,
        "last": output.last,
    }
