"""The order of a partition's inputs: how it is chosen, and how it is recorded."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from schemas.topics import CATALOGUE
from services.runtime.stream.record import Chunk, Record

_RANK = {topic.name: rank for rank, topic in enumerate(CATALOGUE)}

Place = tuple[str, int]


class Gap(Exception):
    """Records between the store and a chunk are missing."""


def in_order(chunks: Sequence[Chunk], positions: Mapping[Place, int]) -> list[Record]:
    """Drop what is applied, refuse a hole, and merge: by time, rank of the topic, offset.

    A record's time counts as no earlier than its predecessor's, so that a topic keeps its order.
    """
    at = dict(positions)
    latest: dict[Place, int] = {}
    keyed = []
    for chunk in chunks:
        place = chunk.topic, chunk.partition
        position = at.get(place, 0)
        if chunk.start > position:
            raise Gap(f"{chunk.topic}/{chunk.partition}: at {position}, chunk from {chunk.start}")
        for record in chunk.records:
            if record.offset >= position:
                latest[place] = max(latest.get(place, 0), record.timestamp)
                keyed.append(
                    ((latest[place], _RANK.get(chunk.topic, len(_RANK)), record.offset), record)
                )
        at[place] = max(position, chunk.end)
    return [record for _, record in sorted(keyed, key=lambda pair: pair[0])]


def compact(places: Iterable[tuple[str, int]]) -> str:
    """Write (topic, offset) in order as runs [topic, from, until]: the recorded order."""
    runs: list[list[Any]] = []
    for topic, offset in places:
        if runs and runs[-1][0] == topic and runs[-1][2] == offset:
            runs[-1][2] = offset + 1
        else:
            runs.append([topic, offset, offset + 1])
    return json.dumps(runs, separators=(",", ":"))


def runs_of(runs: str) -> list[tuple[str, int, int]]:
    """Return the runs (topic, from, until) that compact wrote."""
    return [(topic, start, until) for topic, start, until in json.loads(runs)]


def expand(runs: str) -> Iterator[tuple[str, int]]:
    """Yield (topic, offset) in order from what compact wrote."""
    for topic, start, until in json.loads(runs):
        for offset in range(start, until):
            yield topic, offset
