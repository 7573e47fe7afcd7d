"""Pages as a reader meets them: their text, where it stands, and what a camera reads on them."""

from typing import NamedTuple

import pypdfium2
import zxingcpp

MM = 25.4 / 72


class Word(NamedTuple):
    """A piece of text in its rectangle, in millimetres from the top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def texts(pdf):
    """Return the text of each page, with all blanks alike."""
    opened = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in opened]


def text(pdf):
    return " ".join(texts(pdf)).replace("\u200b", "").replace("\ufffe", "-")


def words(pdf, page=0):
    """Return the rectangles of text on a page."""
    opened = pypdfium2.PdfDocument(pdf)[page]
    height, found = opened.get_height(), []
    layer = opened.get_textpage()
    for at in range(layer.count_rects()):
        left, bottom, right, top = layer.get_rect(at)
        said = layer.get_text_bounded(left, bottom, right, top)
        found.append(Word(said, left * MM, (height - top) * MM, right * MM, (height - bottom) * MM))
    return found


def codes(pdf, page=0):
    """Return what the codes on a page say, read off a picture of it."""
    picture = pypdfium2.PdfDocument(pdf)[page].render(scale=150 / 72).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def is_printed(pdf, *, left, top, right, bottom):
    """Say whether anything dark is in a rectangle of the first page, in millimetres."""
    scale = 300 / 72
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil().convert("L")
    area = picture.crop(tuple(round(each / MM * scale) for each in (left, top, right, bottom)))
    return area.getextrema()[0] < 200
