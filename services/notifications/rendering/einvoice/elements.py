"""XML of nested elements; what says nothing is not written, and nothing breaks out of a text."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from services.notifications.rendering.page.characters import clean

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def leaf(name: str, text: str | None, *, longest: int = 1000, **attributes: str | None) -> str:
    """Return an element that holds *text*; nothing where there is none."""
    said = clean(text, longest=longest) if text else ""
    return f"<{name}{_written(attributes)}>{escape(said)}</{name}>" if said.strip() else ""


def node(name: str, *children: str) -> str:
    """Return an element around *children*; nothing where none of them says anything."""
    inner = "".join(children)
    return f"<{name}>{inner}</{name}>" if inner else ""


def each(parts: Iterable[str]) -> str:
    """Return *parts* one after the other."""
    return "".join(parts)


def root(name: str, namespaces: dict[str, str], *children: str) -> bytes:
    """Return a whole document, in UTF-8."""
    said = "".join(f" {key}={quoteattr(value)}" for key, value in namespaces.items())
    return f"{DECLARATION}<{name}{said}>{''.join(children)}</{name}>".encode()


def _written(attributes: dict[str, str | None]) -> str:
    return "".join(
        f" {key}={quoteattr(clean(value))}" for key, value in attributes.items() if value
    )
