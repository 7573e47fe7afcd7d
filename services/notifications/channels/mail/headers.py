"""Header values: what may stand in one, and how it is written (RFC 5322, RFC 2047)."""

import base64
import re
import unicodedata
from collections.abc import Iterator

LONGEST = 200
_PLAIN = re.compile(r"[ !#-\[\]-~]*")
# 52 characters of base64: with the name before it a line is no longer than 76 (RFC 2047).
_BYTES_A_WORD = 39
_LINE = 76
# Overrides of direction show a reader another name than the one that stands there.
_DIRECTIONS = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


class HeaderRefused(ValueError):
    """A value that may not stand in a header; the message says why, not what it was."""


def checked(value: str) -> str:
    """Return *value* where it may stand in a header; raise HeaderRefused.

    It is refused and not repaired: whoever put a line break into a name wanted more than a name.
    An encoded word is refused, too, because readers decode it and see what we did not.
    """
    if len(value) > LONGEST:
        raise HeaderRefused(f"longer than {LONGEST} characters")
    if "=?" in value:
        raise HeaderRefused("holds an encoded word")
    for each in value:
        if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") or each in _DIRECTIONS:
            raise HeaderRefused(f"holds U+{ord(each):04X}")
    return value


def text(name: str, value: str) -> bytes:
    """Return the line of an unstructured header, folded."""
    return _folded(name, [*_words(checked(value), quoted=False)])


def mailbox(name: str, shown: str, *, address: str) -> bytes:
    """Return the line of a header that holds one mailbox, *shown* to a reader as its name."""
    words = [*_words(checked(shown), quoted=True)] if shown.strip() else []
    return _folded(name, [*words, f"<{address}>"])


def _words(value: str, *, quoted: bool) -> Iterator[str]:
    """Yield what *value* is written as, in pieces between which a line may be folded."""
    plain = _PLAIN.fullmatch(value) and len(value) <= 60 and value == value.strip()
    if not plain:
        yield from (_encoded(each) for each in _portions(value))
    else:
        yield f'"{value}"' if quoted else value


def _portions(value: str) -> Iterator[bytes]:
    """Yield *value* in UTF-8, never cut within a character (RFC 2047, section 5)."""
    portion = b""
    for each in value:
        more = each.encode()
        if len(portion) + len(more) > _BYTES_A_WORD:
            yield portion
            portion = b""
        portion += more
    if portion:
        yield portion


def _encoded(portion: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(portion).decode()}?="


def _folded(name: str, words: list[str]) -> bytes:
    lines = [f"{name}:"]
    for each in words:
        # What does not fit stands on a line of its own; the first stays with its name.
        if len(lines[-1]) + 1 + len(each) > _LINE and not lines[-1].endswith(":"):
            lines.append(f" {each}")
        else:
            lines[-1] += f" {each}"
    return "\r\n".join(lines).encode("ascii") + b"\r\n"
