"""Trying templates before they count: the built-in samples are rendered with them.

What a legal entity publishes is text and no program: it can name what the table in texts/ lists, at
most so long, and nothing else in it means anything.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from schemas.message import Message, Refused
from schemas.templates import LETTERHEAD, Layout, TemplatesPublished
from services.notifications.rendering import samples
from services.notifications.rendering.display.frame import PLAIN, Style
from services.notifications.rendering.documents.letters import Reminder
from services.notifications.rendering.documents.parties import Language
from services.notifications.rendering.page.logo import UnusableLogo, logo
from services.notifications.rendering.page.typesetting import DoesNotRender, Press, press
from services.notifications.rendering.rendered import render
from services.notifications.rendering.texts import Texts, built_in, faults

# Labels and units are words of the product; a template is of a kind of document.
CLOSED = ("labels", "units", "movements", "payments")
# What a letterhead is tried with: a document of several blocks, and one of tables.
_FRAMED = ("invoice", "statement")
_DARKEST_WHITE = 175  # of 255, in the luma of ITU-R BT.601
_LONGEST = 500


def admit(message: Message) -> None:
    """Refuse a template with which a built-in sample does not render; take all else (R-126).

    What is wrong is a matter of its text and its picture alone, so that it is refused wherever
    and whenever it is read.
    """
    if not isinstance(message, TemplatesPublished):
        return
    if found := _found(message.model_dump_json()):
        raise Refused("invalid", "; ".join(found)[:_LONGEST])


def faults_of(template: TemplatesPublished, *, press: Press) -> list[str]:
    """Return what is wrong with *template*, if anything; press as for ``check``."""
    if template.layout is None:
        return check(template.kind, template.texts, language=template.language, press=press)
    try:
        style = style_of(template.layout)
    except UnusableLogo as why:
        return [f"{LETTERHEAD}.logo: {why}"]
    if _is_light(style.accent):
        return [f"{LETTERHEAD}.accent: {style.accent} cannot be read on white paper"]
    texts = built_in(template.language)
    if any(True for kind in _FRAMED for _ in _failures(texts, kind, press, style)):
        return [f"{LETTERHEAD}: the sample does not render with this logo"]
    return []


def style_of(layout: Layout) -> Style:
    """Return how letters look with *layout*; raise UnusableLogo."""
    said = {"claim": layout.claim, "web": layout.web, "accent": layout.accent}
    picture = logo(_decoded(layout.logo)) if layout.logo else None
    return replace(PLAIN, logo=picture, **{name: each for name, each in said.items() if each})


def dressed(
    templates: tuple[TemplatesPublished, ...], *, language: Language
) -> tuple[Texts, Style]:
    """Return texts and style of a document that is made with *templates*, both as admitted."""
    texts, style = built_in(language), PLAIN
    for each in templates:
        if each.layout is not None:
            style = style_of(each.layout)
        else:
            texts = texts.saying(each.kind, each.texts, version=each.version)
    return texts, style


@lru_cache(maxsize=256)
def _found(template: str) -> tuple[str, ...]:
    # Each partition reads the same templates.
    return tuple(faults_of(TemplatesPublished.model_validate_json(template), press=_press()))


@lru_cache(maxsize=1)
def _press() -> Press:
    return press()


def _decoded(said: str) -> bytes:
    try:
        return base64.b64decode(said, validate=True)
    except ValueError:
        raise UnusableLogo("not in base64") from None


def _is_light(colour: str) -> bool:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return (299 * red + 587 * green + 114 * blue) // 1000 > _DARKEST_WHITE


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
