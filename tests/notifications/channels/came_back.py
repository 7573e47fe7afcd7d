"""Mails that come back, as mail systems and people write them; all names are made up."""

from services.notifications.channels.mail.return_path import ReturnPath
from services.notifications.channels.secret import Secret
from tests.notifications.channels.mails import DELIVERY

PATH = ReturnPath(local="bounce", domain="nordlicht.example", keys=(Secret(b"k1"),))
BACK = PATH.of(DELIVERY)
ID = "<06669103172eefc5a3f401ed60c94698@nordlicht.example>"

ORIGINAL = f"""\
Return-Path: <{BACK}>
From: "Nordlicht" <rechnung@nordlicht.example>
To: <eingang@mueller.example>
Subject: Rechnung R-2026-0037
Message-ID: {ID}
"""


def report(fields, *, words="Undelivered.", extra="", kind="delivery-status", original=ORIGINAL):
    """Return a multipart/report as RFC 3462 has it."""
    return f"""\
Return-Path: <>
Delivered-To: {BACK}
From: MAILER-DAEMON@mx.mueller.example (Mail Delivery System)
To: {BACK}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
{extra}MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

{words}

--b1
Content-Type: message/{kind}

{fields}
--b1
Content-Type: message/rfc822

{original}
Guten Tag
--b1--
"""


def status(action, code, *, diagnostic=None):
    said = f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    return f"""\
Reporting-MTA: dns; mx.mueller.example
X-Postfix-Queue-ID: 4F2B1

Final-Recipient: rfc822; eingang@mueller.example
Action: {action}
Status: {code}
{said}"""


def in_words(text, *, sender="MAILER-DAEMON@mx.mueller.example", back="<>", extra=""):
    """Return a mail without any part of a report."""
    return f"""\
Return-Path: {back}
Delivered-To: {BACK}
From: {sender}
To: {BACK}
Subject: failure notice
{extra}
{text}
"""


QMAIL = (
    """\
Hi. This is the qmail-send program at mx.mueller.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<eingang@mueller.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

"""
    + ORIGINAL
)

EXIM = (
    """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  eingang@mueller.example
    host mx.mueller.example [5.1.1.7]
    SMTP error from remote mail server after RCPT TO:<eingang@mueller.example>:
    552 5.2.2 mailbox is full

------ This is a copy of the message, including all the headers. ------

"""
    + ORIGINAL
)

OUT_OF_OFFICE = """\
Ich bin bis 06.12. nicht im Hause. In dringenden Fällen: 0511 550 5.1.1
"""

HUMAN = """\
Hallo, Ihre letzte Mail kam zurück:

> <eingang@mueller.example>: host mx.mueller.example said: 550 5.1.1 user unknown
> Action: failed
> Status: 5.1.1

Bitte schreiben Sie künftig an buero@mueller.example. Gruß, M. Müller
"""


def forwarded():
    """Return a person's mail that has somebody's report within."""
    inner = report(status("failed", "5.1.1"))
    return f"""\
Return-Path: <m.mueller@mueller.example>
Delivered-To: {BACK}
From: M. Mueller <m.mueller@mueller.example>
To: {BACK}
Subject: Fwd: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b2"

--b2
Content-Type: text/plain

Was ist das?
--b2
Content-Type: message/rfc822

{inner}
--b2--
"""


def complaint(kind, *, delivered_to="fbl@nordlicht.example", original=ORIGINAL, sender=BACK):
    return f"""\
Return-Path: <complaints@provider.example>
Delivered-To: {delivered_to}
From: <complaints@provider.example>
To: {delivered_to}
Subject: complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b3"

--b3
Content-Type: text/plain

This is an email abuse report.
--b3
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{sender}>

--b3
Content-Type: message/rfc822

{original}
Guten Tag
--b3--
"""
