"""Deliveries by letter: a batch of one, in a folder that a printer's program fetches from, or his.

| the batch | the letter |
|-----------|------------|
| is there, whole | is handed over |
| is surely not there | is tried again, as long as it takes |
| may be there: nobody heard whether it was moved | is unknown, and a person is asked (R-56) |
| would stand where another one is | is unknown: what is there may be on its way |
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import pypdfium2
import structlog

from schemas.addresses import Address
from schemas.deliveries import DeliveryIntended
from schemas.drafts import HandedOver, NotHandedOver
from schemas.outcomes import PutOff
from services.notifications.channels.letter.batches import (
    Batch,
    BatchUnwritten,
    Letter,
    gather,
    hand_over,
)
from services.notifications.channels.letter.handover import LetterServer, carry
from services.notifications.channels.letter.profiles import DIN_5008_B, Profile
from services.notifications.channels.outcome import Later, Outcome, Refused, Sent, Unknown
from services.notifications.making.storage import Storage, Unreadable
from services.notifications.posting import wording
from services.notifications.posting.composing import pdf_of
from services.notifications.rendering.display import frame
from services.notifications.rendering.documents.parties import Party, Seller

log = structlog.get_logger()
HandsOver = Callable[[Batch], Awaitable[Outcome]]
_LONGEST = 200  # of a name
_LANGUAGES = ("de", "en", "fr")
_ELSEWHERE = "ZZ"  # the code of no country


class LetterUnknown(Exception):
    """A letter may have been handed over; the message says why, and names nobody."""


def into_folder(folder: Path) -> HandsOver:
    """Return what hands batches over into *folder*."""

    async def hand(batch: Batch) -> Outcome:
        try:
            await asyncio.to_thread(hand_over, batch, folder=folder)
        except BatchUnwritten:
            return Later("letters_not_taken")
        return Sent(batch.batch_id)

    return hand


def to_server(server: LetterServer) -> HandsOver:
    """Return what carries batches over to a printer's *server* by SFTP."""
    return partial(carry, server=server)


class LetterPost:
    """Hands letters over by *into*, each a batch under the id of its delivery.

    They are put together one after the other in a thread: PDFium serves one at a time.
    """

    def __init__(self, storage: Storage, *, into: HandsOver, profile: Profile = DIN_5008_B) -> None:
        self._storage, self._into, self._profile = storage, into, profile
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="letters")

    async def post(self, intended: DeliveryIntended, effect_id: str) -> HandedOver | NotHandedOver:
        """Return whether a letter is handed over; raise PutOff where none is taken now.

        Raises LetterUnknown, or BatchConflict, where it may be there.
        """
        loop = asyncio.get_running_loop()
        try:
            batch = await loop.run_in_executor(self._thread, self._batch, intended)
        except Unreadable as why:
            # It goes by itself once the file is restored.
            log.warning("document.unreadable", hash=why.hash, act=effect_id)
            raise PutOff from None
        about = {"contract_id": intended.contract_id, "effect_id": effect_id}
        match batch.outcomes[intended.delivery_id]:
            case Refused() as refused:
                reason = f"{refused.reason}: {refused.answer}"[:_LONGEST]
                return NotHandedOver.model_validate(about | {"reason": reason})
        match await self._into(batch):
            case Sent():
                return HandedOver.model_validate(about)
            case Later():
                raise PutOff
            case Refused(reason) | Unknown(reason):
                raise LetterUnknown(reason)

    def _batch(self, intended: DeliveryIntended) -> Batch:
        """Return the batch of one; its window is looked at in each way to write its country."""
        pdf = self._pdf(intended)
        tried = [self._gathered(intended, pdf, lines) for lines in _windows(intended)]
        return next((each for each in tried if each.files), tried[0])

    def _gathered(self, intended: DeliveryIntended, pdf: bytes, lines: tuple[str, ...]) -> Batch:
        document, address = intended.document, _address(intended)
        assert document is not None, "what we intend names its document"
        letter = Letter(
            delivery_id=intended.delivery_id,
            document="".join(
                each for each in wording.file_name(intended) if each.isascii() and each.isalnum()
            )[:60],
            pdf=pdf,
            address=lines,
            country=address.country,
        )
        return gather(intended.delivery_id, [letter], profile=self._profile)

    def _pdf(self, intended: DeliveryIntended) -> bytes:
        """Return what is printed: the letter, then what is enclosed, without files within."""
        assert intended.document is not None, "what we intend names its document"
        pdfs = [pdf_of(each, self._storage) for each in (intended.document, *intended.enclosed)]
        printed = pypdfium2.PdfDocument.new()
        for pdf in pdfs:
            printed.import_pages(pypdfium2.PdfDocument(pdf))
        content = BytesIO()
        printed.save(content)
        return content.getvalue()


def _address(intended: DeliveryIntended) -> Address:
    to = intended.recipient
    assert to is not None and to.address is not None, "it is a letter of ours"
    return to.address


def _windows(intended: DeliveryIntended) -> list[tuple[str, ...]]:
    """Return the address as it may stand in the window: abroad, its country comes last."""
    said = _address(intended)
    to = Party(
        name=said.company or said.name,
        attention=said.name if said.company not in (None, said.name) else None,
        street=said.street,
        postal_code=said.postal_code,
        city=said.city,
        country=said.country,
    )
    at_home = [frame.address(to, seller=_seller("de", said.country))]
    abroad = [frame.address(to, seller=_seller(each, _ELSEWHERE)) for each in _LANGUAGES]
    return [tuple(lines) for lines in (*at_home, *abroad)]


def _seller(language: str, country: str) -> Seller:
    party = Party(name="", postal_code="", city="", country=country)
    return Seller(legal_entity_id="", party=party, language=language)  # type: ignore[arg-type]
