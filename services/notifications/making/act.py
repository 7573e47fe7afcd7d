"""The act of making a document: rendered, stored, and its hash told."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from schemas.drafts import DocumentDrafted, DocumentMade, DocumentNotMade
from services.notifications.making.content import Wanted, customer_of, wanted
from services.notifications.making.storage import Storage
from services.notifications.rendering.einvoice.checks import NotExpressible
from services.notifications.rendering.einvoice.rule_sets import NoRuleSet
from services.notifications.rendering.page.typesetting import (
    AddressDoesNotFit,
    DoesNotRender,
    Press,
)
from services.notifications.rendering.rendered import Rendered, render
from services.notifications.rendering.templates import dressed

_LONGEST = 200  # of a name


class Maker:
    """Makes documents one after the other, in a thread of its own: a press serves one at a time."""

    def __init__(self, storage: Storage, *, press: Press) -> None:
        self._storage, self._press = storage, press
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")

    async def make(self, draft: DocumentDrafted, effect_id: str) -> DocumentMade | DocumentNotMade:
        """Return under which hash the document of *draft* is stored, or why there is none.

        Made again it is the same: the same draft has the same bytes.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._made, draft, effect_id)

    def _made(self, draft: DocumentDrafted, effect_id: str) -> DocumentMade | DocumentNotMade:
        try:
            made = self._rendered(draft, wanted(draft))
        except AddressDoesNotFit:
            return _not_made(draft, effect_id, "address_does_not_fit")
        except DoesNotRender:
            # What the typesetter says holds what it set: that is for nobody's log.
            return _not_made(draft, effect_id, "does_not_render")
        except (NotExpressible, NoRuleSet) as why:
            return _not_made(draft, effect_id, f"not_expressible: {why}")
        return self._stored(draft, effect_id, made)

    def _rendered(self, draft: DocumentDrafted, what: Wanted) -> Rendered:
        """Render it with its e-invoice; without, where none can be and nobody asked for one."""
        texts, style = dressed(draft.templates, language=customer_of(draft).language)
        made = partial(render, what.document, press=self._press, texts=texts, style=style)
        try:
            return made(format=what.format)
        except (NotExpressible, NoRuleSet):
            if what.is_asked:
                raise
        return made()

    def _stored(self, draft: DocumentDrafted, effect_id: str, made: Rendered) -> DocumentMade:
        """Keep the files; what stands within the PDF is no file of its own."""
        rules = made.rules
        is_apart = made.xml is not None and rules is not None and rules.name != "zugferd"
        xml = made.xml if is_apart else None
        return DocumentMade(
            contract_id=draft.contract_id,
            effect_id=effect_id,
            hash=self._storage.put(made.pdf, suffix="pdf"),
            xml_hash=self._storage.put(xml, suffix="xml") if xml else None,
            template_version=made.template_version,
            letterhead_version=next((e.version for e in draft.templates if e.layout), None),
            rule_set=rules.title if rules else None,
        )


def _not_made(draft: DocumentDrafted, effect_id: str, reason: str) -> DocumentNotMade:
    printable = "".join(each for each in reason if each.isprintable())[:_LONGEST]
    return DocumentNotMade(contract_id=draft.contract_id, effect_id=effect_id, reason=printable)
