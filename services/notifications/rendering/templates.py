"""Trying templates before they count: the built-in samples are rendered with them.

What a legal entity publishes is text and no program: it can name what the table in texts/ lists, at
most so long, and nothing else in it means anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from services.notifications.rendering import samples
from services.notifications.rendering.display.frame import PLAIN, Style
from services.notifications.rendering.documents.letters import Reminder
from services.notifications.rendering.documents.parties import Language
from services.notifications.rendering.page.typesetting import DoesNotRender, Press
from services.notifications.rendering.rendered import render
from services.notifications.rendering.texts import Texts, built_in, faults

# Labels and units are words of the product; a template is of a kind of document.
CLOSED = ("labels", "units", "movements", "payments")


def check(
    kind: str,
    texts: Mapping[str, str],
    *,
    language: Language,
    press: Press,
    style: Style = PLAIN,
) -> list[str]:
    """Return what is wrong with a legal entity's *texts* for a *kind* of document, if anything."""
    if kind in CLOSED:
        return [f"{kind}: these words cannot be changed"]
    found = [*faults(kind, texts)]
    return found or [*_failures(built_in(language).saying(kind, texts), kind, press, style)]


def _failures(texts: Texts, kind: str, press: Press, style: Style) -> Iterator[str]:
    """Say which samples of the kind do not render; a kind of its own is tried on a reminder."""
    is_known = kind in built_in(texts.language).by_kind
    for name, sample in samples.samples(texts.language):
        if name != (kind if is_known else "reminder_3"):
            continue
        if not is_known and isinstance(sample, Reminder):
            sample = replace(sample, template=kind)
        try:
            render(sample, press=press, texts=texts, style=style)
        except DoesNotRender as failure:
            yield f"{kind}: the sample does not render: {failure}"
