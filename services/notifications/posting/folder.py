"""Deliveries into a folder: a mail is a file that any mail program opens, a letter is its PDF."""

from pathlib import Path

from schemas.deliveries import DeliveryIntended
from schemas.drafts import HandedOver, NotHandedOver
from services.notifications.channels.mail.mailboxes import Mailbox
from services.notifications.making.storage import Storage
from services.notifications.posting.composing import NotComposed, composed, pdf_of

# Of a seller who names no mailbox; nothing is sent from it (RFC 2606).
NOBODY = Mailbox("documents@duestream.invalid")


class FolderPost:
    """Leaves mails in ``mail/``, letters in ``letters/`` and events in ``webhooks/``.

    Each is named by day and delivery.
    The same delivery is the same file with the same bytes, however often it is left.
    """

    def __init__(self, folder: Path, storage: Storage) -> None:
        self._folder, self._storage = folder, storage

    async def mail(self, intended: DeliveryIntended, effect_id: str) -> HandedOver | NotHandedOver:
        """Leave a mail; one that could never be sent is refused here, too."""
        try:
            _, content = composed(intended, self._storage, otherwise=NOBODY)
        except NotComposed as why:
            return NotHandedOver(
                contract_id=intended.contract_id,
                effect_id=effect_id,
                reason=why.refused.reason,
                closes=why.refused.closes_address,
            )
        self._leave("mail", f"{_named(intended)}.eml", content)
        return HandedOver(contract_id=intended.contract_id, effect_id=effect_id)

    async def post(self, intended: DeliveryIntended, effect_id: str) -> HandedOver | NotHandedOver:
        """Leave a letter, and what is enclosed behind it."""
        assert intended.document is not None, "what we intend names its document"
        for number, each in enumerate((intended.document, *intended.enclosed)):
            behind, pdf = f"-{number}" if number else "", pdf_of(each, self._storage)
            self._leave("letters", f"{_named(intended)}{behind}.pdf", pdf)
        return HandedOver(contract_id=intended.contract_id, effect_id=effect_id)

    async def hook(self, intended: DeliveryIntended, effect_id: str) -> HandedOver:
        """Leave an event as it would be posted."""
        assert intended.posting is not None, "it is an event of ours"
        self._leave("webhooks", f"{_named(intended)}.json", intended.posting.body.encode())
        return HandedOver(contract_id=intended.contract_id, effect_id=effect_id)

    def _leave(self, kind: str, name: str, content: bytes) -> None:
        folder = self._folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _named(intended: DeliveryIntended) -> str:
    return f"{intended.intended_on}-{intended.delivery_id}"
