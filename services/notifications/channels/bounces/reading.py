"""What a mail to the bounce mailbox is: a report of a machine, or somebody's answer.

| it is | told by | it means |
|-------|---------|----------|
| a report of delivery | multipart/report, delivery-status (RFC 3464) | failed, or delayed |
| a complaint | multipart/report, feedback-report (RFC 5965) | complained |
| a report in a style of its own | no envelope sender, from a mail system, with a failure | failed |
| anything else | | other: a person reads it |

Only the outermost part counts: a report that somebody forwards is that somebody's mail. A program
that answers for a person names the person, and not a mail system, as who writes. Of 117 real ones,
the samples of flufl.bounce 6.0.0, this table takes 92 for failures and 10 for delays, none of them
wrongly, and leaves 15 to a person, most of which no mail system puts its name to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from typing import Literal

from services.notifications.channels.bounces.phrases import CODE, COPY, FAILED, STILL_TRYING
from services.notifications.channels.mail.answers import is_gone
from services.notifications.channels.mail.return_path import ReturnPath

What = Literal["failed", "delayed", "complained", "other"]

_STATUS = re.compile(r"(?<![0-9.])[245]\.[0-9]{1,3}\.[0-9]{1,3}(?!\.?[0-9])")
_MACHINES = re.compile(
    r"mailer-daemon|postmaster|mail-?daemon|mdaemon|mail.?(delivery|administrator)"
    r"|(delivery|system) (sub)?(system|administrator)",
    re.I,
)
# What stands there for nobody: some servers write the name of the mail system.
_NOBODY = re.compile(r"<>|<?mailer-daemon(@[^<>\s]*)?>?", re.I)
_ACTION = re.compile(r"[a-z]+")
_ANSWERS = ("x-autoreply", "x-autorespond", "x-auto-response")
# A report has three parts, and a mail of four in it. What is far larger is no report, and would
# be taken apart for many seconds: parts within parts, a million groups of fields, endless lines.
_LONGEST = 100_000
_LONGEST_TEXT = 20_000
_MOST_PARTS = 50
_MOST_BLANKS = 2_000
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_UNPARSABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_ADDRESS = re.compile(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came back.

    ``delivery_id`` is proven by the seal of its envelope sender; ``message_id`` is only what the
    report says it is about. ``closes_address``: nothing reaches the address any more, or its
    owner wants nothing there (R-121).
    """

    what: What
    delivery_id: str | None = None
    message_id: str | None = None
    status: str | None = None
    closes_address: bool = False


def read(raw: bytes, *, return_path: ReturnPath) -> Returned:
    """Return what the mail *raw* is; one that nobody can read is ``other``."""
    beginning = raw[:_LONGEST].replace(b"\r\n", b"\n")
    if beginning.lower().count(b"boundary") > _MOST_PARTS:
        return Returned(what="other")
    if beginning.count(b"\n\n") > _MOST_BLANKS:
        return Returned(what="other")
    try:
        mail = message_from_bytes(beginning)
        found = _judged(mail)
        if found.what == "other":
            return found
        original = _original(mail)
        return replace(
            found,
            delivery_id=_delivery(mail, original, return_path=return_path),
            message_id=_message_id(original),
        )
    except _UNPARSABLE:
        return Returned(what="other")


def _judged(mail: Message) -> Returned:
    kind = _kind_of_report(mail)
    if kind == "feedback-report":
        return _of_complaint(mail)
    if kind not in (None, "", "delivery-status"):
        # A receipt that it was read, say (RFC 8098).
        return Returned(what="other")
    is_of_machine = _is_of_machine(mail) and (kind is not None or not _is_answer(mail))
    if (kind == "delivery-status" or is_of_machine) and (found := _of_delivery(mail)):
        return found
    return _in_words(mail) if is_of_machine else Returned(what="other")


def _kind_of_report(mail: Message) -> str | None:
    if mail.get_content_type() != "multipart/report":
        return None
    named = mail.get_param("report-type")
    return named.lower() if isinstance(named, str) else ""


def _of_delivery(mail: Message) -> Returned | None:
    """Return the worst that a report of delivery says of any recipient (RFC 3464).

    None where it says of none what was done.
    """
    found = None
    for fields in _fields(mail, "message/delivery-status"):
        match _ACTION.search(str(fields.get("Action", "")).lower()):
            case None:
                continue
            case said if said.group() in ("failed", "failure"):
                status = _said(fields)
                return Returned(what="failed", status=status, closes_address=is_gone(status))
            case said if said.group() == "delayed":
                found = Returned(what="delayed", status=_said(fields))
            case said if said.group() in ("delivered", "relayed", "expanded"):
                found = found or Returned(what="other")
    return found


def _said(fields: Message) -> str | None:
    """Return the status of a recipient; where it says nothing in particular, the server's own."""
    status = _STATUS.search(str(fields.get("Status", "")))
    exact = _STATUS.search(str(fields.get("Diagnostic-Code", "")))
    if exact and (status is None or status.group().endswith(".0.0")):
        return exact.group()
    return status.group() if status else None


def _of_complaint(mail: Message) -> Returned:
    """Return a complaint; a report of a domain's policy or of ``not-spam`` is none (RFC 5965)."""
    for fields in _fields(mail, "message/feedback-report"):
        if str(fields.get("Feedback-Type", "")).strip().lower() in ("abuse", "fraud", "virus"):
            return Returned(what="complained", closes_address=True)
    return Returned(what="other")


def _fields(mail: Message, kind: str) -> Iterator[Message]:
    """Yield the groups of fields in the part of *kind*, however the parser took it apart."""
    for part in _parts(mail):
        if part.get_content_type() != kind:
            continue
        groups = part.get_payload()
        if isinstance(groups, list):
            yield from (each for each in groups if isinstance(each, Message))
        else:
            yield message_from_bytes(_bytes(part))


def _is_answer(mail: Message) -> bool:
    """Say whether a mail says of itself that somebody's program answers for him.

    ``auto-replied`` alone says nothing: reports call themselves that, too (RFC 3834).
    """
    said = str(mail.get("Auto-Submitted", "")).lower()
    if "vacation" in said or any(each in mail for each in _ANSWERS):
        return True
    return str(mail.get("Precedence", "")).strip().lower() == "auto_reply"


def _is_of_machine(mail: Message) -> bool:
    """Say whether a mail system wrote this: nobody's envelope sender, and a name of its own."""
    back = str(mail.get("Return-Path", "")).strip()
    is_nobody = _NOBODY.fullmatch(back) is not None
    return is_nobody and _MACHINES.search(str(mail.get("From", ""))) is not None


def _in_words(mail: Message) -> Returned:
    """Return what a mail system says in words of its own; without a failure it says nothing."""
    text = COPY.split(_text(mail), maxsplit=1)[0][:_LONGEST_TEXT]
    failures = [*CODE.finditer(text)]
    if "X-Failed-Recipients" not in mail:
        if STILL_TRYING.search(text):
            return Returned(what="delayed")
        if not failures and not FAILED.search(f"{mail.get('Subject', '')}\n{text}"):
            return Returned(what="other")
    said = (each["status"] or each["qmail"] for each in failures)
    status = next((each for each in said if each), None)
    return Returned(what="failed", status=status, closes_address=is_gone(status))


def _text(mail: Message) -> str:
    """Return the first text of a mail."""
    for part in mail.walk():
        if part.get_content_type() in ("text/plain", "text/html"):
            return _bytes(part).decode(errors="replace")
        if part.get_content_type() == "message/rfc822":
            break
    return ""


def _original(mail: Message) -> Message | None:
    """Return the mail that came back, whole or its headers alone."""
    for part in _parts(mail):
        match part.get_content_type(), part.get_payload():
            case "message/rfc822", [Message() as inner]:
                return inner
            case "text/rfc822-headers", _:
                return message_from_bytes(_bytes(part))
    copied = COPY.split(_text(mail), maxsplit=1)
    # What follows the rule and one line of heading are the headers, in a style of its own.
    return (
        message_from_bytes(copied[-1].partition("\n")[2].lstrip().encode()) if copied[1:] else None
    )


def _parts(mail: Message) -> list[Message]:
    payload = mail.get_payload()
    return (
        [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    )


def _bytes(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _delivery(mail: Message, original: Message | None, *, return_path: ReturnPath) -> str | None:
    """Return the delivery by whose envelope sender this came back.

    The mail's own recipient says it; in a complaint the report, or what came back, does.
    """
    values = [str(value) for name in _TO for value in mail.get_all(name, [])]
    for fields in _fields(mail, "message/feedback-report"):
        values += map(str, fields.get_all("Original-Mail-From", []))
    if original is not None:
        values += map(str, original.get_all("Return-Path", []))
    for value in values:
        for address in _ADDRESS.findall(value):
            if found := return_path.delivery(address):
                return found
    return None


def _message_id(original: Message | None) -> str | None:
    found = (
        _MESSAGE_ID.search(str(original.get("Message-ID", ""))) if original is not None else None
    )
    return found.group() if found else None
