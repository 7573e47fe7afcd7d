"""A mail to try channels with."""

from datetime import UTC, datetime

from services.notifications.channels.mail.body import Body, Figures, Link, Paragraph
from services.notifications.channels.mail.mailboxes import mailbox
from services.notifications.channels.mail.message import Attachment, Mail

DELIVERY = "6f1c0a52-7d8e-5b43-9a61-0c2f4e8d7b19"

BODY = Body(
    (
        Paragraph("Guten Tag, Frau Größe,\nanbei erhalten Sie Ihre Rechnung."),
        Figures((("Rechnungsbetrag", "1.011,22 €"), ("fällig am", "06.12.2026"))),
        Link("Kundenportal", "https://portal.nordlicht.example/r?a=1&b=2"),
    ),
    "de",
)


def a_mail(**changes):
    said = {
        "delivery_id": DELIVERY,
        "sender": mailbox("rechnung@nordlicht.example", "Nordlicht Datendienste GmbH"),
        "reply_to": mailbox("debitoren@nordlicht.example", "Nordlicht, Debitoren"),
        "to": mailbox("eingang@mueller.example", "Müller & Söhne"),
        "subject": "Rechnung R-2026-0037 \u2013 fällig am 06.12.2026",
        "body": BODY,
        "written_at": datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        "attachments": (Attachment("R-2026-0037.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"),),
    }
    return Mail(**{**said, **changes})
