"""All documents that a customer was told, gathered from a run and kept in a folder of their own."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.deliveries import Delivery, DeliveryIntended, Dispatched, StoredDocument
from schemas.envelope import Event
from schemas.topics import CONTRACTS, DELIVERIES
from services.notifications.making.storage import Storage
from services.runtime.ops.source import RecordSource


@dataclass(slots=True)
class ToldDocument:
    """A document, the contract that it is of, and how it left."""

    contract_id: str
    document: StoredDocument
    left: list[dict[str, str]] = field(default_factory=list)

    def file(self, suffix: str) -> str:
        """Return under which name it is kept; what no file may be called is replaced."""
        document = self.document
        said = re.sub(r"[^A-Za-z0-9_-]+", "_", document.number or document.id)[:80]
        return f"{document.kind}-{said}-{(document.hash or '')[:8]}.{suffix}"


async def gather(source: RecordSource, customer_id: str) -> list[ToldDocument] | None:
    """Return the documents of all contracts of a customer, as they were told first.

    None where no contract names the customer; what was never made is no document.
    """
    contracts = {
        record.content.subject
        async for record in source.each([CONTRACTS.name])
        if isinstance(record.content, Event) and _customer_of(record.content) == customer_id
    }
    found: dict[tuple[str, str], ToldDocument] = {}
    async for record in source.each([DELIVERIES.name]):
        if isinstance(record.content, Event) and record.content.subject in contracts:
            _note(found, record.content)
    return [*found.values()] if contracts else None


def keep(documents: list[ToldDocument], storage: Storage, folder: Path) -> None:
    """Write each document and a manifest into *folder*; raise Unreadable where one is missing.

    So it is where one has other bytes. Raises OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for each in documents:
        for hash_, suffix in _files(each.document):
            (folder / each.file(suffix)).write_bytes(storage.get(hash_, suffix=suffix))
    listed = [_listed(each) for each in documents]
    text = json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _note(found: dict[tuple[str, str], ToldDocument], event: Event) -> None:
    shape = DELIVERIES.message(event.type)
    if shape is None or not issubclass(shape, Delivery):
        return
    said = shape.model_validate_json(event.data)
    enclosed = said.enclosed if isinstance(said, DeliveryIntended) else ()
    for document in (said.document, *enclosed):
        if document is not None and document.hash is not None:
            key = said.contract_id, document.hash
            told = found.setdefault(key, ToldDocument(said.contract_id, document))
            if isinstance(said, Dispatched):
                told.left.append({"channel": said.channel, "on": str(said.dispatched_on)})


def _customer_of(event: Event) -> str | None:
    said = json.loads(event.data).get("customer")
    return said.get("customer_id") if isinstance(said, dict) else None


def _files(document: StoredDocument) -> Iterator[tuple[str, str]]:
    for hash_, suffix in ((document.hash, "pdf"), (document.xml_hash, "xml")):
        if hash_ is not None:
            yield hash_, suffix


def _listed(told: ToldDocument) -> dict[str, Any]:
    document = told.document.model_dump(mode="json", exclude_none=True)
    files = [told.file(suffix) for _, suffix in _files(told.document)]
    return {"contract_id": told.contract_id, "files": files, **document, "dispatched": told.left}
