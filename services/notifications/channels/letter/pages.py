"""A finished PDF is looked at before it is printed: who reads it through the window, and where."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from services.notifications.channels.letter.profiles import A4_HEIGHT, A4_WIDTH, Profile, Zone

# A point is 1/72 inch of 25,400 micrometres.
_UM_A_POINT_NUMERATOR, _UM_A_POINT_DENOMINATOR = 25_400, 72
# The boxes of letters are a little larger than what is printed of them.
_TOLERANCE_UM = 300
_WIDEST_LINE_UM = 500
_A4 = Zone(0, 0, A4_WIDTH, A4_HEIGHT)


class Look(NamedTuple):
    """What was found: how many pages, and each fault as a code, once, in order."""

    pages: int
    faults: tuple[str, ...]


class _Glyph(NamedTuple):
    letter: str
    box: Zone


def look(pdf: bytes, *, address: tuple[str, ...], profile: Profile, registered: bool) -> Look:
    """Return what keeps *pdf* from being printed by *profile*, and its number of pages.

    *address* is what shall be read in the window, line by line: another one there means that
    somebody gets somebody else's letter. Its letters are compared and not their order, as that of
    a script from right to left is up to the reader. PDFium is used by one thread at a time.
    """
    try:
        document = pypdfium2.PdfDocument(pdf)
        pages = [*document]
    except pypdfium2.PdfiumError:
        return Look(0, ("unreadable",))
    try:
        faults = [*_of_document(document, profile)]
        for number, page in enumerate(pages):
            faults += _of_page(page, profile)
            if number == 0:
                zone = profile.recipient_zone(registered=registered)
                faults += _of_window(page, address, profile, zone)
        return Look(len(pages), tuple(dict.fromkeys(faults)))
    finally:
        document.close()


def _of_document(document: pypdfium2.PdfDocument, profile: Profile) -> Iterator[str]:
    if not 1 <= len(document) <= profile.most_pages:
        yield "too_many_pages" if len(document) else "no_page"
    # A printer refuses what it cannot print, and the XML of an invoice is for other readers.
    if document.count_attachments():
        yield "has_attachment"


def _of_page(page: pypdfium2.PdfPage, profile: Profile) -> Iterator[str]:
    width, height = map(_um, page.get_size())
    if abs(width - A4_WIDTH) > 1_000 or abs(height - A4_HEIGHT) > 1_000 or page.get_rotation():
        yield "not_a4"
    inner = _A4.grown(-profile.clear_um)
    pictures = (each for each in _pictures(page) if not _is_mark(each))
    printed = [*(each.box for each in _glyphs(page)), *pictures]
    if not all(inner.holds(each, tolerance_um=_TOLERANCE_UM) for each in printed):
        yield "margin_not_clear"


def _of_window(
    page: pypdfium2.PdfPage, address: tuple[str, ...], profile: Profile, zone: Zone | None
) -> Iterator[str]:
    if zone is None:
        yield "not_sent_registered"
        return
    around = profile.window.grown(profile.quiet_um)
    near = [each for each in _glyphs(page) if around.meets(each.box)]
    if not all(profile.window.holds(each.box, tolerance_um=_TOLERANCE_UM) for each in near):
        yield "window_not_quiet"
    if any(around.meets(each) for each in _pictures(page)):
        yield "picture_in_window"
    # What is above the recipient is the return line, and is none of the address.
    below = [each for each in near if each.box.bottom_um > profile.recipient.top_um]
    if not all(zone.holds(each.box, tolerance_um=_TOLERANCE_UM) for each in below):
        yield "address_not_in_zone"
    if _letters("".join(each.letter for each in below)) != _letters("".join(address)):
        yield "another_address"


def _letters(text: str) -> Counter[str]:
    """Return the letters of *text*, without what is not seen, each as it is drawn."""
    plain = unicodedata.normalize("NFKC", text)
    return Counter(re.sub(r"[\s\u00ad\u200b-\u200f\u2060\ufeff\ufffe\x00-\x1f-]", "", plain))


def _glyphs(page: pypdfium2.PdfPage) -> Iterator[_Glyph]:
    """Yield what is written on a page and seen there."""
    height, layer = page.get_height(), page.get_textpage()
    for at in range(layer.count_chars()):
        letter = chr(pdfium.FPDFText_GetUnicode(layer, at))
        if not letter.isspace() and not pdfium.FPDFText_IsGenerated(layer, at):
            yield _Glyph(letter, _zone(layer.get_charbox(at), height))


def _pictures(page: pypdfium2.PdfPage) -> Iterator[Zone]:
    """Yield where pictures, drawings and lines are on a page."""
    height = page.get_height()
    # What is within a form has coordinates of its own; the form itself has those of the page.
    for each in page.get_objects(max_depth=1):
        if each.type != pdfium.FPDF_PAGEOBJ_TEXT:
            yield _zone(each.get_bounds(), height)


def _is_mark(box: Zone) -> bool:
    """Say whether something is a line and no more, such as the marks for folding at the edge."""
    return min(box.right_um - box.left_um, box.bottom_um - box.top_um) <= _WIDEST_LINE_UM


def _zone(box: tuple[float, float, float, float], height: float) -> Zone:
    """Return a box of PDF, in points from below, as ours."""
    left, bottom, right, top = box
    return Zone(_um(left), _um(height - top), _um(right), _um(height - bottom))


def _um(points: float) -> int:
    return round(points * _UM_A_POINT_NUMERATOR / _UM_A_POINT_DENOMINATOR)
