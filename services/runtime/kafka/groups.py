"""Consumer groups: who is in one."""

from aiokafka.errors import for_code

from services.runtime.kafka.topics import admin
from services.runtime.settings import Settings


async def members_of(settings: Settings, group: str) -> list[str]:
    """Return the client ids and hosts of those in *group*, none where there is no such group.

    Who was killed is among them until its session is over.
    """
    async with admin(settings) as client:
        (response,) = await client.describe_consumer_groups([settings.on_kafka(group)])
    (described,) = response.groups
    if described[0]:
        raise for_code(described[0])(group)
    return sorted(f"{member[1]} at {member[2].lstrip('/')}" for member in described[5])
