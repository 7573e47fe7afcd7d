"""A consumer outside any group, over lists: None in a list is a marker of a transaction."""

from contextlib import asynccontextmanager
from types import SimpleNamespace


class ListConsumer:
    """What the runtime uses of aiokafka's consumer; *begins* says what of a place is gone."""

    def __init__(self, logs, *, begins=None, at_once=3):
        self._logs, self._begins = logs, begins or {}
        self._at, self._most = {}, at_once
        # How many records it handed out.
        self.fetched = 0

    def assign(self, places):
        self._at = dict.fromkeys(places, 0)

    def seek(self, place, offset):
        assert place in self._at, "assigned before"
        self._at[place] = offset

    async def position(self, place):
        return self._at[place]

    async def beginning_offsets(self, places):
        return {place: self._begins.get(self._name(place), 0) for place in places}

    async def end_offsets(self, places):
        return {place: len(self._logs[self._name(place)]) for place in places}

    async def getmany(self, *places, timeout_ms, max_records=None):
        """Return the next records of each place, at most as many as a fetch brings."""
        found = {}
        for place in places or self._at:
            log, some = self._logs[self._name(place)], []
            while self._at[place] < len(log) and len(some) < (max_records or self._most):
                if (packed := log[self._at[place]]) is not None:
                    some.append(_found(self._at[place], packed))
                self._at[place] += 1
            self.fetched += len(some)
            found |= {place: some} if some else {}
        return found

    def opened(self):
        """Return what opens it for a block, whatever the settings are."""

        @asynccontextmanager
        async def opens(_settings):
            yield self

        return opens

    def _name(self, place):
        return place.topic, place.partition


def _found(offset, packed):
    return SimpleNamespace(
        offset=offset,
        key=packed.key,
        value=packed.value,
        headers=packed.headers,
        timestamp=packed.timestamp,
    )
