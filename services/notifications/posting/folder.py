"""Deliveries into a folder: a mail is a file that any mail program opens, a letter is its PDF."""

from datetime import UTC, datetime, time
from pathlib import Path

from schemas.deliveries import DeliveryIntended, StoredDocument
from schemas.drafts import HandedOver, NotHandedOver
from services.notifications.channels.mail.headers import HeaderRefused
from services.notifications.channels.mail.mailboxes import AddressRefused, Mailbox, mailbox
from services.notifications.channels.mail.message import Attachment, Mail, TooLarge, compose
from services.notifications.making.storage import Storage
from services.notifications.posting import wording

# Of a seller who names no mailbox; nothing is sent from it (RFC 2606).
NOBODY = Mailbox("documents@duestream.invalid")


class FolderPost:
    """Leaves mails in ``mail/`` and letters in ``letters/``, each named by day and delivery.

    The same delivery is the same file with the same bytes, however often it is left.
    """

    def __init__(self, folder: Path, storage: Storage) -> None:
        self._folder, self._storage = folder, storage

    async def mail(self, intended: DeliveryIntended, effect_id: str) -> HandedOver | NotHandedOver:
        """Leave a mail; one that could never be sent is refused here, too."""
        try:
            content = compose(self._mail(intended))
        except AddressRefused:
            return _refused(intended, effect_id, "address_refused", closes=True)
        except HeaderRefused:
            return _refused(intended, effect_id, "header_refused")
        except TooLarge:
            return _refused(intended, effect_id, "too_large")
        self._leave("mail", f"{_named(intended)}.eml", content)
        return HandedOver(contract_id=intended.contract_id, effect_id=effect_id)

    async def post(self, intended: DeliveryIntended, effect_id: str) -> HandedOver | NotHandedOver:
        """Leave a letter, and what is enclosed behind it."""
        assert intended.document is not None, "what we intend names its document"
        for number, each in enumerate((intended.document, *intended.enclosed)):
            behind = f"-{number}" if number else ""
            self._leave("letters", f"{_named(intended)}{behind}.pdf", self._pdf(each))
        return HandedOver(contract_id=intended.contract_id, effect_id=effect_id)

    def _mail(self, intended: DeliveryIntended) -> Mail:
        to, sender, day = intended.recipient, intended.sender, intended.intended_on
        assert to is not None and to.email is not None and day is not None, "it is a mail of ours"
        ours = (
            NOBODY
            if sender is None or sender.email is None
            else _mailbox(sender.email, sender.name)
        )
        return Mail(
            delivery_id=intended.delivery_id,
            sender=ours,
            reply_to=ours,
            # A name that may not stand in a header closes no address.
            to=Mailbox(mailbox(to.email).address, to.name),
            subject=wording.subject(intended),
            body=wording.body(intended),
            written_at=datetime.combine(day, time(12), UTC),
            attachments=tuple(self._attachments(intended)),
        )

    def _attachments(self, intended: DeliveryIntended) -> list[Attachment]:
        document, name = intended.document, wording.file_name(intended)
        assert document is not None, "what we intend names its document"
        found = [Attachment(f"{name}.pdf", "application/pdf", self._pdf(document))]
        if document.xml_hash is not None:
            xml = self._storage.get(document.xml_hash, suffix="xml")
            found.append(Attachment(f"{name}.xml", "application/xml", xml))
        for each in intended.enclosed:
            found.append(
                Attachment(f"{each.number or each.id}.pdf", "application/pdf", self._pdf(each))
            )
        return found

    def _pdf(self, document: StoredDocument) -> bytes:
        assert document.hash is not None, "what is delivered was made"
        return self._storage.get(document.hash, suffix="pdf")

    def _leave(self, kind: str, name: str, content: bytes) -> None:
        folder = self._folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _named(intended: DeliveryIntended) -> str:
    return f"{intended.intended_on}-{intended.delivery_id}"


def _mailbox(address: str, name: str) -> Mailbox:
    """Return the seller's mailbox; one that is none is not the customer's fault."""
    try:
        return mailbox(address, name)
    except AddressRefused:
        return NOBODY


def _refused(
    intended: DeliveryIntended, effect_id: str, reason: str, *, closes: bool = False
) -> NotHandedOver:
    return NotHandedOver(
        contract_id=intended.contract_id, effect_id=effect_id, reason=reason, closes=closes
    )
