"""What a partition has heard on its ``days``: terms, and how far each calendar has come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from schemas.context import Context
from schemas.days import DayBegan
from schemas.endpoints import EndpointPublished
from schemas.envelope import Event
from schemas.frozen import replace
from schemas.message import Message
from schemas.plans import PlanPublished
from schemas.price_lists import PriceListPublished
from schemas.templates import TemplatesPublished
from schemas.terms import LegalEntityPublished, PolicyPublished, Terms
from schemas.values import LegalEntityId


@dataclass(slots=True)
class PartitionCalendar:
    """The context of a partition, and each legal entity's last day."""

    context: Context = field(default_factory=Context)
    begun: dict[LegalEntityId, Event] = field(default_factory=dict)
    today: date | None = None
    # The legal entities of which new terms were said after their last day.
    news: set[LegalEntityId] = field(default_factory=set)

    @property
    def terms(self) -> Terms:
        return self.context.terms

    def hear(self, event: Event, message: Message) -> None:
        """Take in a record of ``days``."""
        match message:
            case DayBegan():
                self._include(message)
                self.begun[message.legal_entity_id] = event
                self.today = max(message.day, self.today or message.day)
                self.news.discard(message.legal_entity_id)
            case (
                LegalEntityPublished() | PolicyPublished() | PlanPublished() | PriceListPublished()
            ):
                self._include(message)
                self.news.add(message.legal_entity_id)
            case EndpointPublished() | TemplatesPublished():  # no contract waits for one
                self._include(message)

    def recall(self, counters: Mapping[str, int]) -> None:
        """Go on behind the numbers that the store says were given."""
        self.context = replace(self.context, counters=counters)

    def count(self, numbers: Iterable[tuple[str, int]]) -> None:
        """Note that these numbers were given, each the next of its range."""
        for number_range, ordinal in numbers:
            self.context = self.context.counting(number_range, ordinal)

    def at(self, entity: LegalEntityId | None, cause: Event) -> str:
        """Return the cause's time, but not before the start of the day that has begun."""
        day = self.begun.get(entity) if entity else None
        return day.time if day is not None and cause.instant < day.instant else cause.time

    def _include(self, message: Message) -> None:
        self.context = replace(self.context, terms=self.terms.including(message))
