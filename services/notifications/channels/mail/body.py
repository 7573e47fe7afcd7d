"""The body of a mail: said once, written as plain text and as HTML, so that both say the same."""

import re
from dataclasses import dataclass
from html import escape

_LINK = re.compile(r"https://[!-~]{1,500}")
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
# What no reader of mail shows, and some take for the end of a line.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text; a line break in it stays one."""

    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows of a label and an amount, a date or a number, each ready to be read."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Where the document is, for whom gets no attachment; HTTPS alone."""

    label: str
    url: str

    def __post_init__(self) -> None:
        if not _LINK.fullmatch(self.url) or any(each in self.url for each in "\"'<>`"):
            raise ValueError("a link is https:// and at most 500 characters of a URL")


Block = Paragraph | Figures | Link


@dataclass(frozen=True, slots=True)
class Body:
    """Blocks from top to bottom, in ``language`` (BCP 47)."""

    blocks: tuple[Block, ...]
    language: str


def plain(body: Body) -> str:
    """Return *body* as plain text, its lines ended by CR LF."""
    return _lines("\n\n".join(map(_plain, body.blocks)) + "\n").replace("\n", "\r\n")


def html(body: Body) -> str:
    """Return *body* as HTML without script, style sheet or picture, its lines ended by CR LF."""
    turned = ' dir="rtl"' if body.language.split("-")[0].lower() in _RIGHT_TO_LEFT else ""
    head = f'<!DOCTYPE html>\n<html lang="{escape(body.language)}"{turned}>\n<body>\n'
    inner = "\n".join(map(_html, body.blocks))
    return (head + inner + "\n</body>\n</html>\n").replace("\n", "\r\n")


def _plain(block: Block) -> str:
    match block:
        case Paragraph(text):
            return _lines(text)
        case Figures(rows):
            return "\n".join(f"{_line(label)}: {_line(value)}" for label, value in rows)
        case Link(label, url):
            return f"{_line(label)}:\n{url}"


def _html(block: Block) -> str:
    match block:
        case Paragraph(text):
            return f"<p>{escape(_lines(text)).replace(chr(10), '<br>' + chr(10))}</p>"
        case Figures(rows):
            inner = "\n".join(
                f'<tr><td>{escape(_line(label))}</td><td align="right">{escape(_line(value))}</td>'
                "</tr>"
                for label, value in rows
            )
            return f"<table>\n{inner}\n</table>"
        case Link(label, url):
            return f'<p><a href="{escape(url)}">{escape(_line(label))}</a><br>\n{escape(url)}</p>'


def _lines(text: str) -> str:
    return _INVISIBLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _line(text: str) -> str:
    return _lines(text).replace("\n", " ")
