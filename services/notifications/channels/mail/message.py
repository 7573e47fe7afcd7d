"""A mail as bytes: the same data make the same bytes, on every attempt and machine."""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from email.quoprimime import body_encode
from email.utils import format_datetime
from hashlib import sha256

from services.notifications.channels.mail import headers
from services.notifications.channels.mail.body import Body, html, plain
from services.notifications.channels.mail.mailboxes import Mailbox

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,99}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_BOUNDARY_LENGTH = 32


class TooLarge(ValueError):
    """More is attached than mail servers commonly take."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A ready document; of its ``name`` only letters, digits, dots, dashes and _ are kept."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One document for one recipient (R-120); ``written_at`` is the intent's time, aware.

    ``reply_to`` is a mailbox that people read. ``most_bytes`` bounds what is attached, before it
    grows by a third in base64.
    """

    delivery_id: str
    sender: Mailbox
    reply_to: Mailbox
    to: Mailbox
    subject: str
    body: Body
    written_at: datetime
    attachments: tuple[Attachment, ...] = ()
    most_bytes: int = 10_000_000


def message_id(delivery_id: str, *, domain: str) -> str:
    """Return the Message-ID of a delivery, the same on each attempt, within its brackets."""
    return f"<{_digest('message-id', delivery_id)}@{domain}>"


def compose(mail: Mail) -> bytes:
    """Return the message that *mail* is, its lines ended by CR LF.

    Nobody answers a machine on behalf of one (Auto-Submitted, RFC 3834). There is no
    List-Unsubscribe: nobody can decline to be told what he owes. Raises HeaderRefused, TooLarge.
    """
    if mail.written_at.utcoffset() is None:
        raise ValueError("the time of a mail knows its zone")
    if not _LANGUAGE.fullmatch(mail.body.language):
        raise headers.HeaderRefused("the language is none")
    domain = mail.sender.address.rpartition("@")[2]
    lines = [
        headers.mailbox("From", mail.sender.name, address=mail.sender.address),
        headers.mailbox("To", mail.to.name, address=mail.to.address),
        headers.mailbox("Reply-To", mail.reply_to.name, address=mail.reply_to.address),
        headers.text("Subject", mail.subject),
        _line("Date", format_datetime(mail.written_at)),
        _line("Message-ID", message_id(mail.delivery_id, domain=domain)),
        _line("Auto-Submitted", "auto-generated"),
        # Exchange heeds this one instead.
        _line("X-Auto-Response-Suppress", "All"),
        _line("Content-Language", mail.body.language),
        _line("MIME-Version", "1.0"),
    ]
    return b"".join(lines) + _content(mail)


def _content(mail: Mail) -> bytes:
    if sum(len(each.content) for each in mail.attachments) > mail.most_bytes:
        raise TooLarge(f"more than {mail.most_bytes} bytes are attached")
    texts = [_text("plain", plain(mail.body)), _text("html", html(mail.body))]
    both = _several("alternative", texts, boundary=_boundary("texts", mail.delivery_id))
    if not mail.attachments:
        return both
    parts = [both, *map(_attached, mail.attachments)]
    return _several("mixed", parts, boundary=_boundary("parts", mail.delivery_id))


def _several(kind: str, parts: list[bytes], *, boundary: str) -> bytes:
    head = _line("Content-Type", f'multipart/{kind};\r\n boundary="{boundary}"') + b"\r\n"
    inner = b"".join(f"--{boundary}\r\n".encode() + each + b"\r\n" for each in parts)
    return head + inner + f"--{boundary}--\r\n".encode()


def _text(kind: str, text: str) -> bytes:
    # Quoted-printable of UTF-8: no line is too long, and none needs a server that takes 8 bits.
    written = body_encode(text.encode().decode("latin-1"), eol="\r\n")
    return (
        _line("Content-Type", f"text/{kind}; charset=utf-8")
        + _line("Content-Transfer-Encoding", "quoted-printable")
        + b"\r\n"
        + written.encode("ascii")
    )


def _attached(file: Attachment) -> bytes:
    if not _MEDIA_TYPE.fullmatch(file.media_type):
        raise headers.HeaderRefused("the media type is none")
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", file.name).lstrip(".")[:100] or "document"
    return (
        _line("Content-Type", f'{file.media_type};\r\n name="{name}"')
        + _line("Content-Disposition", f'attachment;\r\n filename="{name}"')
        + _line("Content-Transfer-Encoding", "base64")
        + b"\r\n"
        + base64.encodebytes(file.content).replace(b"\n", b"\r\n")
    )


def _boundary(use: str, delivery_id: str) -> str:
    # "=_" stands in no line of quoted-printable or base64 (RFC 2045, section 6.7).
    return f"=_{_digest(use, delivery_id)}"


def _digest(use: str, delivery_id: str) -> str:
    return sha256(f"{use}\x1f{delivery_id}".encode()).hexdigest()[:_BOUNDARY_LENGTH]


def _line(name: str, value: str) -> bytes:
    return f"{name}: {value}\r\n".encode("ascii")
