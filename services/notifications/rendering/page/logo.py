"""The logo of a legal entity: a picture from outside, so that it is looked at before it is set.

Whatever it is, it reaches the page as an SVG that refers to nothing beyond itself.
"""

import base64
import re

LARGEST_BYTES = 100_000
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
    return drawing


def _wrapped(picture: bytes, media_type: str) -> str:
    width, height = _size(picture) if media_type == "image/png" else (350, 90)
    data = base64.b64encode(picture).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:{media_type};base64,{data}"/></svg>'
    )


def _size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG, which stand at the head of it."""
    return int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])
