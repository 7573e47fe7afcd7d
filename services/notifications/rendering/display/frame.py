"""The frame of a letter: letterhead, window, information block, footer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.notifications.rendering.display import blocks
from services.notifications.rendering.display.formats import LOCALES, Formats
from services.notifications.rendering.documents.parties import Head, Party, Recipient, Seller
from services.notifications.rendering.page.characters import jointed
from services.notifications.rendering.texts import Texts

# Where the code follows the town, and a town stands alone on its line.
_CODE_LAST = frozenset({"GB", "IE", "US", "CA", "AU", "NZ", "IN", "JP", "KR", "SG", "TH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a legal entity's letters look; ``logo`` is an SVG and stands in place of its name."""

    accent: str = "#1f4e79"
    claim: str = ""
    logo: str | None = None
    web: str | None = None


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of a kind of document, with the values that they may name."""

    kind: str
    texts: Texts
    formats: Formats
    values: Mapping[str, str]

    def says(self, key: str) -> str:
        """Return a text of this kind of document."""
        return self.texts.of(self.kind, key, self.values)

    def label(self, key: str, **values: str) -> str:
        """Return a label of tables, sums and fields."""
        return self.texts.label(key, **values)


def wording(head: Head, *, kind: str, texts: Texts, **values: str) -> Wording:
    """Return the wording of a document of a *kind*, which may name *values* beside the usual."""
    formats = Formats(texts.language, head.currency)
    recipient = head.recipient.party
    usual = {
        "name": recipient.attention or recipient.name,
        "date": formats.day(head.issued_on),
        "contract": head.contract_id,
        "customer": head.recipient.customer_id,
        "seller": head.seller.party.name,
        "number": "",
    }
    return Wording(kind, texts, formats, {**usual, **values})


def frame(
    head: Head,
    words: Wording,
    *,
    style: Style,
    info: Iterable[Mapping[str, Any]],
    body: Sequence[blocks.Block],
) -> dict[str, Any]:
    """Return the whole display model of a document with its *info* block and its *body*."""
    language, region = LOCALES[words.texts.language]
    title = " ".join(each for each in (words.says("title"), words.values["number"]) if each)
    headline = f"{title} ({words.label('copy')})" if head.is_copy else title
    opening = words.says("salutation" if head.recipient.is_business else "salutation_person")
    signed = blocks.closing(words.says("farewell"), head.seller.party.name)
    return {
        "lang": language,
        "region": region,
        "title": headline[:200],
        "headline": headline[:200],
        "date": [head.issued_on.year, head.issued_on.month, head.issued_on.day],
        "accent": style.accent,
        "claim": style.claim,
        "logo": style.logo,
        "page": words.texts.by_kind["labels"]["page"],
        "seller": {
            "name": head.seller.party.name,
            "return_line": _return_line(head.seller.party),
            "footer": _footer(head.seller, words, style),
        },
        "address": address(head.recipient.party, seller=head.seller),
        "info": [*info, *_contact(head.seller, words)],
        "blocks": [*blocks.text(opening, words.says("introduction")), *body, *signed],
    }


def address(party: Party, *, seller: Seller) -> list[str]:
    """Return the lines of a postal address, with the country where it is another (DIN 5008)."""
    lines = [party.name, party.attention, party.street, *_town(party)]
    if party.country != seller.party.country:
        lines.append(Formats(seller.language, "EUR").country(party.country))
    return [each for each in lines if each]


def customer_fields(recipient: Recipient, head: Head, words: Wording) -> list[dict[str, Any]]:
    """Return by what a customer is known to us and we to them."""
    return [
        blocks.field(words.label("customer"), jointed(recipient.customer_id)),
        blocks.field(words.label("contract"), jointed(head.contract_id)),
    ]


def _town(party: Party) -> list[str]:
    if party.country in _CODE_LAST:
        return [party.city, party.postal_code]
    return [f"{party.postal_code} {party.city}"]


def _return_line(party: Party) -> str:
    parts = (party.name, party.street, " ".join(_town(party)))
    return " · ".join(each for each in parts if each)


def _contact(seller: Seller, words: Wording) -> list[dict[str, Any]]:
    contact = seller.contact
    if contact is None:
        return []
    return [
        blocks.field(words.label("contact"), contact.name),
        blocks.field(words.label("phone"), contact.phone),
        blocks.field(words.label("email"), contact.email),
    ]


def _footer(seller: Seller, words: Wording, style: Style) -> list[list[str]]:
    """Return the columns of what a firm must say of itself on its letters."""
    party, contact = seller.party, seller.contact
    where = [party.name, party.street or "", *_town(party)]
    reach = [contact.phone, contact.email] if contact else []
    columns = [where, [*reach, style.web or ""], _registered(seller, words), _taxed(seller, words)]
    filled = ([each for each in column if each] for column in columns)
    return [column for column in filled if column]


def _registered(seller: Seller, words: Wording) -> list[str]:
    register = seller.register
    if register is None:
        return []
    names = ", ".join(register.directors)
    return [
        words.label("seat", place=register.seat) if register.seat else "",
        f"{register.court} {register.number}",
        words.label("directors", names=names) if names else "",
    ]


def _taxed(seller: Seller, words: Wording) -> list[str]:
    vat_id, number = seller.party.vat_id, seller.tax_number
    return [
        f"{words.label('vat_id_own')} {vat_id}" if vat_id else "",
        f"{words.label('tax_number')} {number}" if number else "",
    ]
