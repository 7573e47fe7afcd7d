"""Setting a page: a display model becomes PDF/A-3a and PDF/UA-1, the same bytes on any machine.

A press is dear to make and cheap to use, and is used by one thread at a time. A process that has
used one must not fork: its child would wait for ever, so that workers are spawned.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import typst

from services.notifications.rendering.page.characters import FONTS, displayable

TEMPLATE = FONTS.parent / "template.typ"
STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]
# Values that are no text for people.
_VERBATIM = frozenset({"qr", "logo", "align", "columns", "accent", "lang", "region"})

Press = typst.Compiler
Shown = Mapping[str, Any]


class Attached(NamedTuple):
    """An e-invoice that is attached to its PDF as its alternative."""

    name: str
    xml: bytes


class DoesNotRender(Exception):
    """A document cannot be set; the text says why, in the words of the typesetter."""


class AddressDoesNotFit(DoesNotRender):
    """An address does not fit its window even in the smallest type; nobody clips one silently."""


def press() -> Press:
    """Return a press with our template and our fonts only, whatever else the machine has."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts)


def typeset(shown: Shown, *, press: Press, attached: Attached | None = None) -> bytes:
    """Return *shown* as a PDF; raise AddressDoesNotFit or DoesNotRender."""
    year, month, day = shown["date"]
    # Said anew each time: without it the press would print the customer before.
    inputs = {"doc": json.dumps(_printable(shown), ensure_ascii=False)}
    if attached is not None:
        inputs |= {"xml": attached.xml.decode(), "xml_name": attached.name}
    try:
        pdf = press.compile(
            sys_inputs=inputs,
            pdf_standards=[*STANDARDS],
            timestamp=datetime(year, month, day, 12, tzinfo=UTC),
        )
    except typst.TypstError as error:
        kind = AddressDoesNotFit if "address-does-not-fit" in str(error) else DoesNotRender
        raise kind(str(error)) from error
    assert isinstance(pdf, bytes), "a document is one file"
    return pdf


def _printable(value: Any, key: str = "") -> Any:
    """Return *value* with each text in characters that our fonts have."""
    if isinstance(value, str):
        return value if key in _VERBATIM else displayable(value)
    if isinstance(value, Mapping):
        return {name: _printable(each, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return value if key in _VERBATIM else [_printable(each) for each in value]
    return value
