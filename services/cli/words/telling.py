"""How a message becomes a sentence: in words of its own, or field by field."""

from functools import singledispatch

from schemas.message import ContractMessage
from services.cli.words.names import Names, spaced


@singledispatch
def tell(message: ContractMessage, names: Names) -> str:
    """Return *message* as a sentence; one without words of its own is told field by field."""
    fields = message.model_dump(mode="json", exclude_none=True, by_alias=True)
    del fields["contract_id"]
    said = ", ".join(f"{name.replace('_', ' ')} {_plain(each)}" for name, each in fields.items())
    what = spaced(type(message).__name__)
    return f"{what}: {said}." if said else f"{what}."


def _plain(value: object) -> str:
    match value:
        case {"amount": str() as amount, "currency": str() as currency}:
            return f"{amount} {currency}"
        case dict():
            return "; ".join(f"{name} {_plain(each)}" for name, each in value.items())
        case list():
            return ", ".join(map(_plain, value)) or "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
