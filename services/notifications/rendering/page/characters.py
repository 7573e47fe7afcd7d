"""Which characters a document may hold, whatever somebody has written into a name.

A font that lacks one glyph fails the whole of a PDF/A, a lone surrogate or NUL all of an XML, and
a mark that turns the direction of text lets an amount read backwards.
"""

import json
import re
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
REPLACEMENT = "\ufffd"
LONGEST = 2000
_ALLOWED = "\t\n\x20-\x7e\xa0-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U0001fffd"
_FORBIDDEN = re.compile(f"[^{_ALLOWED}\U00020000-\U0003fffd]")
# Marks of direction, variants and joining; none is a character of its own. The space without a
# width stays: it is where we let a long identifier break.
_INVISIBLE = re.compile("[\xad\u200c-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_ENDLESS = re.compile(r"(\S{24})(?=\S{16})")
_JOINTS = re.compile(r"([-_/.:])(?=\w)|(\w{12})(?=\w)")


def clean(text: str, *, longest: int = LONGEST) -> str:
    """Return *text* without what XML and a reader cannot take, and not longer than *longest*."""
    if not (text.isascii() and text.isprintable()):
        text = _FORBIDDEN.sub(REPLACEMENT, text.replace("\r\n", "\n"))
        text = _INVISIBLE.sub("", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def displayable(text: str) -> str:
    """Return *text* in characters of our fonts, with room to break where a word has no end."""
    text = clean(text)
    if not text.isascii():
        known = glyphs()
        text = "".join(each if each in known else REPLACEMENT for each in text)
    return _ENDLESS.sub("\\1\u200b", text) if len(text) >= 40 else text


def jointed(identifier: str) -> str:
    """Return an identifier that may break in a narrow column; a short one never needs to."""
    if len(identifier) <= 18:
        return identifier
    return _JOINTS.sub(lambda found: found[0] + "\u200b", identifier)


@cache
def glyphs() -> frozenset[str]:
    """Return all characters that our fonts have, as fonts/coverage.json lists them."""
    ranges = json.loads((FONTS / "coverage.json").read_text())
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1)) | {
        "\n",
        "\t",
    }
