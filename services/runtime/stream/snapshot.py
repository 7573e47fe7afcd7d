"""Snapshots: what a store keeps of a partition, as pieces on a topic that a cover makes whole."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import blake2b

from services.runtime.stream.chain import OrderRecord
from services.runtime.stream.record import Packed

# Far below the megabyte that a broker takes as one record.
_PIECE_BYTES = 256 * 1024
_DIGEST_BYTES = 16
_END = b"\n"


class Incomplete(Exception):
    """The pieces of a snapshot are not those that its cover names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The cover of a snapshot: it stands behind all pieces, and where it stands they are whole.

    *number* is that of the last order record whose inputs are in it, *order* this record as it
    stands on its topic: -1 and empty where the service ran before there was an order. *rules* is
    the number of the rules that come after it. *first* is the offset of the first of so many
    *pieces*, *content* the digest of their bytes. *positions* are those of the store, *ends* says
    before which offset of each topic that the service writes all came before the snapshot.
    """

    id: str
    number: int
    order: str
    rules: int
    first: int
    pieces: int
    content: str
    positions: Mapping[str, int] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)

    @property
    def last(self) -> OrderRecord | None:
        """The last order record whose inputs are in it."""
        return OrderRecord.of(self.order) if self.order else None

    @property
    def digest(self) -> str:
        """What the next order record carries of the one before it."""
        return self.last.digest if self.last else ""

    def packed(self) -> Packed:
        """Return the cover as it stands on its topic."""
        value = json.dumps(asdict(self), separators=(",", ":"), sort_keys=True).encode()
        return Packed(None, value, (("cover", self.id.encode()),), None)


def cover_in(packed: Packed) -> Snapshot | None:
    """Return the cover that *packed* holds; None for a piece."""
    if packed.value is None or not any(name == "cover" for name, _ in packed.headers):
        return None
    return Snapshot(**json.loads(packed.value))


class Pieces:
    """Cuts the lines of one snapshot into pieces, and knows what its cover says of them."""

    def __init__(self, snapshot_id: str, *, piece_bytes: int = _PIECE_BYTES) -> None:
        self.id, self.count = snapshot_id, 0
        self._most, self._rest = piece_bytes, bytearray()
        self._hash = blake2b(digest_size=_DIGEST_BYTES)

    @property
    def content(self) -> str:
        """The digest of all that was cut so far."""
        return self._hash.hexdigest()

    def cut(self, lines: Iterable[bytes]) -> list[Packed]:
        """Return the pieces that *lines* make full; the rest waits for the next."""
        for line in lines:
            self._rest += line + _END
        found = []
        while len(self._rest) >= self._most:
            found.append(self._piece(self._most))
        return found

    def end(self) -> list[Packed]:
        """Return the last piece, if something is left for one."""
        return [self._piece(len(self._rest))] if self._rest else []

    def _piece(self, size: int) -> Packed:
        value = bytes(self._rest[:size])
        del self._rest[:size]
        self._hash.update(value)
        headers = ("snapshot", self.id.encode()), ("piece", str(self.count).encode())
        self.count += 1
        return Packed(None, value, headers, None)


class Lines:
    """Puts the pieces of *snapshot* together again; those of others are passed over."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot, self._count, self._rest = snapshot, 0, b""
        self._hash = blake2b(digest_size=_DIGEST_BYTES)

    @property
    def is_whole(self) -> bool:
        """Whether all pieces were added."""
        return self._count == self._snapshot.pieces

    def add(self, packed: Packed) -> list[bytes]:
        """Return the lines that *packed* makes whole; raise Incomplete where a piece is missing."""
        said = {name: (value or b"").decode() for name, value in packed.headers}
        if said.get("snapshot") != self._snapshot.id:
            return []
        if said["piece"] != str(self._count):
            raise Incomplete(f"piece {said['piece']} where {self._count} is next")
        value = packed.value or b""
        self._count += 1
        self._hash.update(value)
        *lines, self._rest = (self._rest + value).split(_END)
        return lines

    def end(self) -> None:
        """Raise Incomplete unless all that was added is what the cover names."""
        if not self.is_whole:
            raise Incomplete(f"{self._count} pieces of {self._snapshot.pieces}")
        if self._rest or self._hash.hexdigest() != self._snapshot.content:
            raise Incomplete("its pieces are not those that were written")
