"""A mail of a delivery: composed of what was intended and of what is stored, and nothing else."""

from datetime import UTC, datetime, time

from schemas.deliveries import DeliveryIntended, StoredDocument
from services.notifications.channels.mail.headers import HeaderRefused
from services.notifications.channels.mail.mailboxes import AddressRefused, Mailbox, mailbox
from services.notifications.channels.mail.message import Attachment, Mail, TooLarge, compose
from services.notifications.channels.outcome import Refused
from services.notifications.making.storage import Storage
from services.notifications.posting import wording


class NotComposed(Exception):
    """This delivery can never be a mail; ``refused`` says why."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


def composed(
    intended: DeliveryIntended, storage: Storage, *, otherwise: Mailbox | None
) -> tuple[Mailbox, bytes]:
    """Return to whom a mail goes, and its bytes: the same for the same delivery (R-56).

    *otherwise* is the sender where the legal entity names no mailbox, or one that is none. Raises
    NotComposed.
    """
    try:
        mail = _mail(intended, storage, otherwise=otherwise)
        return mail.to, compose(mail)
    except AddressRefused:
        raise NotComposed(Refused("address_refused", closes_address=True)) from None
    except HeaderRefused:
        raise NotComposed(Refused("header_refused")) from None
    except TooLarge:
        raise NotComposed(Refused("too_large")) from None


def _mail(intended: DeliveryIntended, storage: Storage, *, otherwise: Mailbox | None) -> Mail:
    to, day = intended.recipient, intended.intended_on
    assert to is not None and to.email is not None and day is not None, "it is a mail of ours"
    ours = _sender(intended) or otherwise
    if ours is None:
        raise NotComposed(Refused("no_sender"))
    return Mail(
        delivery_id=intended.delivery_id,
        sender=ours,
        reply_to=ours,
        # A name that may not stand in a header closes no address.
        to=Mailbox(mailbox(to.email).address, to.name),
        subject=wording.subject(intended),
        body=wording.body(intended),
        written_at=datetime.combine(day, time(12), UTC),
        attachments=tuple(_attachments(intended, storage)),
    )


def _attachments(intended: DeliveryIntended, storage: Storage) -> list[Attachment]:
    document, name = intended.document, wording.file_name(intended)
    assert document is not None, "what we intend names its document"
    found = [Attachment(f"{name}.pdf", "application/pdf", pdf_of(document, storage))]
    if document.xml_hash is not None:
        xml = storage.get(document.xml_hash, suffix="xml")
        found.append(Attachment(f"{name}.xml", "application/xml", xml))
    for each in intended.enclosed:
        pdf = pdf_of(each, storage)
        found.append(Attachment(f"{each.number or each.id}.pdf", "application/pdf", pdf))
    return found


def pdf_of(document: StoredDocument, storage: Storage) -> bytes:
    """Return the PDF of what was made."""
    assert document.hash is not None, "what is delivered was made"
    return storage.get(document.hash, suffix="pdf")


def _sender(intended: DeliveryIntended) -> Mailbox | None:
    """Return the seller's mailbox; one that is none is not the customer's fault."""
    sender = intended.sender
    if sender is None or sender.email is None:
        return None
    try:
        return mailbox(sender.email, sender.name)
    except AddressRefused:
        return None
