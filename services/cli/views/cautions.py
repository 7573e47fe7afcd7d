"""What the author of terms should know of them, though they are taken as they stand."""

from pydantic import ValidationError

from schemas.envelope import DeadLetter, Event
from schemas.topics import TERMS


def of(event: Event | DeadLetter) -> list[str]:
    """Return what to say of *event*, where it is terms that can be read."""
    shape = TERMS.message(event.type) if isinstance(event, Event) else None
    if shape is None or isinstance(event, DeadLetter):
        return []
    try:
        said = shape.model_validate_json(event.data)
    except ValidationError:
        return []
    return [f"{event.subject}: {each}" for each in said.cautions()]
