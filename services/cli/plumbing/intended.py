"""Deliveries that our notifications intended, as they stand on the log."""

from collections.abc import AsyncGenerator, Callable

from schemas.deliveries import DeliveryIntended
from schemas.envelope import Event
from schemas.topics import DELIVERIES
from services.runtime.kafka.reader import reading
from services.runtime.settings import Settings

_OURS = "/duestream/notifications"


async def intended(
    settings: Settings, is_wanted: Callable[[Event], bool]
) -> AsyncGenerator[tuple[int, DeliveryIntended], None]:
    """Yield those whose event *is_wanted*, each with its partition, from the beginning on."""
    async with reading(settings, [DELIVERIES.name]) as reader:
        async for record in reader.each():
            event = record.content
            if not isinstance(event, Event) or event.type != DeliveryIntended.__name__:
                continue
            # Others may write there, too.
            if event.source == _OURS and is_wanted(event):
                yield record.partition, DeliveryIntended.model_validate_json(event.data)
