"""The pace of days: one sequence of terms and days, and what each partition may hear of it next."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.days import DayBegan, DayDone
from schemas.envelope import Event
from schemas.values import LegalEntityId


@dataclass(frozen=True, slots=True)
class Begun:
    """A day that a partition has heard of, and how its begin was written."""

    day: date
    time: str

    @property
    def began_at(self) -> datetime:
        """When it began, as an aware datetime."""
        return datetime.fromisoformat(self.time)


class DayPacing:
    """Says to each partition what comes next there; a day only when the one before is done.

    A stopped worker stops the days of its partitions, not those of the others.
    """

    def __init__(self, partitions: int) -> None:
        self.sequence: list[Event] = []
        self._at = [0] * partitions
        self._said: dict[tuple[int, LegalEntityId], Begun] = {}
        self._done: dict[tuple[int, LegalEntityId], date] = defaultdict(lambda: date.min)

    @property
    def partitions(self) -> range:
        """The partitions that are paced."""
        return range(len(self._at))

    def recall(self, said: Sequence[Sequence[Event]]) -> None:
        """Take in what an earlier clock said to each partition: prefixes of one sequence."""
        longest: Sequence[Event] = sorted(said, key=lambda events: len(events))[-1]
        self.sequence = list(longest)
        for partition, events in enumerate(said):
            for event in events:
                self._passed(partition, event)

    def done(self, partition: int, message: DayDone) -> None:
        """Hear that the last service is through with a day on *partition*."""
        self._done[partition, message.legal_entity_id] = message.day

    def coming(self, partition: int) -> Iterator[Event]:
        """Yield what may be said to *partition* now, and count it as said."""
        while self._at[partition] < len(self.sequence):
            event = self.sequence[self._at[partition]]
            if not self._may_hear(partition, event):
                return
            self._passed(partition, event)
            yield event

    def is_through(self) -> bool:
        """Say whether every partition has heard all, and is done with its days."""
        heard = all(at == len(self.sequence) for at in self._at)
        return heard and all(self._done[key] >= said.day for key, said in self._said.items())

    def undone(self) -> dict[tuple[int, LegalEntityId], Begun]:
        """Return, by partition and legal entity, the day that began and is not done."""
        return {key: said for key, said in self._said.items() if self._done[key] < said.day}

    def last_began(self) -> datetime | None:
        """Return when the last day of the sequence began."""
        days = (each for each in reversed(self.sequence) if each.type == DayBegan.__name__)
        return next((each.instant for each in days), None)

    def waiting(self) -> int:
        """Return how many terms and days are still to be said, in sum over partitions."""
        return sum(len(self.sequence) - at for at in self._at)

    def _may_hear(self, partition: int, event: Event) -> bool:
        if event.type != DayBegan.__name__:
            return True
        key = partition, LegalEntityId(event.subject)
        return key not in self._said or self._done[key] >= self._said[key].day

    def _passed(self, partition: int, event: Event) -> None:
        self._at[partition] += 1
        if event.type == DayBegan.__name__:
            began = DayBegan.model_validate_json(event.data)
            self._said[partition, began.legal_entity_id] = Begun(began.day, event.time)
