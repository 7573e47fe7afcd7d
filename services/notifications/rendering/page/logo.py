"""The logo of a legal entity: a picture from outside, so that it is looked at before it is set.

Whatever it is, it reaches the page as an SVG that refers to nothing beyond itself.
"""

import base64
import re
import struct
from collections.abc import Iterator

LARGEST_BYTES = 100_000
# A small file can be a picture of gigabytes, and drawings within drawings exhaust the stack.
LARGEST_PIXELS = 4_000_000
DEEPEST = 24
# Shapes and how they are filled. What repeats or computes something (patterns, markers, filters)
# could keep the typesetter busy for as long as its author likes.
_SHAPES = {"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}
_FILLS = {"linearGradient", "radialGradient", "stop", "clipPath"}
_ELEMENTS = {"svg", "g", "defs", "title", "desc", *_SHAPES, *_FILLS}
_TAG = re.compile(r"""<(/?)([A-Za-z_][A-Za-z0-9_:.-]*)(?:[^<>"']|"[^"]*"|'[^']*')*?(/?)>""")
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
# Whoever needs one of these wants more than a picture: programs, styles, entities, other files.
_REFUSED = re.compile(
    r"<!|<\?xml-|<script|<style|<foreignObject|<image|<text|<use|@import|javascript:"
    r"|\bon[a-z]+\s*=|href\s*=\s*[\"'](?!#)|url\(\s*[\"']?(?!#)",
    re.IGNORECASE,
)


class UnusableLogo(Exception):
    """A logo cannot be set; the text says why."""


def logo(picture: bytes) -> str:
    """Return *picture*, an SVG, PNG or JPEG, as the SVG that is set; raise UnusableLogo."""
    if len(picture) > LARGEST_BYTES:
        raise UnusableLogo(f"{len(picture)} bytes, {LARGEST_BYTES} at most")
    for start, media_type in _PICTURES.items():
        if picture.startswith(start):
            return _wrapped(picture, media_type)
    try:
        drawing = picture.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise UnusableLogo("neither SVG nor PNG nor JPEG") from None
    if not re.match(r"(<\?xml [^>]*>\s*)?<svg[\s>]", drawing):
        raise UnusableLogo("neither SVG nor PNG nor JPEG")
    if found := _REFUSED.search(drawing):
        raise UnusableLogo(f"a drawing must not hold {found[0]!r}")
    for fault in _faults(drawing):
        raise UnusableLogo(fault)
    return drawing


def _faults(drawing: str) -> Iterator[str]:
    """Say which elements a drawing must not have, and where it nests too deeply."""
    depth = 0
    if "<" in _TAG.sub("", drawing.partition("?>")[2] or drawing):
        yield "a drawing that is not well-formed"
    for closes, name, is_empty in _TAG.findall(drawing):
        if name not in _ELEMENTS:
            yield f"a drawing must not hold <{name[:40]}>"
        depth += -1 if closes else 0 if is_empty else 1
        if depth > DEEPEST:
            yield f"elements nest deeper than {DEEPEST}"


def _wrapped(picture: bytes, media_type: str) -> str:
    try:
        width, height = _png_size(picture) if media_type == "image/png" else _jpeg_size(picture)
    except (IndexError, struct.error):
        raise UnusableLogo("a picture without its size") from None
    if not 0 < width * height <= LARGEST_PIXELS:
        raise UnusableLogo(f"{width} by {height} pixels, {LARGEST_PIXELS} in all at most")
    data = base64.b64encode(picture).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:{media_type};base64,{data}"/></svg>'
    )


def _png_size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, which stand at the head of it."""
    width, height = struct.unpack_from(">II", picture, 16)
    return width, height


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG, from the first segment that begins a frame."""
    at = 2
    while picture[at] == 0xFF:
        marker = picture[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", picture, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", picture, at + 2)[0]
    raise IndexError
