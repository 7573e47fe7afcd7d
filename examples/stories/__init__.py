"""The stories: each is told by one contract, and says what to look at in the output."""

from collections.abc import Callable
from dataclasses import dataclass

from examples.book import Contract, Entity
from examples.terms import NORDLICHT


@dataclass(frozen=True, slots=True)
class Story:
    """What a contract shows, where to see it, and the events that make it happen."""

    contract_id: str
    shows: str
    look: str
    tell: Callable[[Contract], None]
    entity: Entity
    about: dict


STORIES: list[Story] = []


def story(
    contract_id: str, shows: str, *, look: str, entity: Entity = NORDLICHT, **about: object
) -> Callable[[Callable[[Contract], None]], Callable[[Contract], None]]:
    """Add the decorated function to the stories; *about* goes into the contract."""

    def add(tell: Callable[[Contract], None]) -> Callable[[Contract], None]:
        STORIES.append(Story(contract_id, shows, look, tell, entity, about))
        return tell

    return add
