"""The payment reference: what a customer writes on a transfer so that we know what it pays.

A creditor reference of ISO 11649: ``RF``, two check digits (ISO 7064, MOD 97-10) and up to 21
letters and digits (R-125). Ours has twelve, so that it is printed as four groups of four.
"""

import hashlib
import re
from typing import NamedTuple

from schemas.values import ContractId

# Without I, L, O and U: nobody takes one character for another (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
_SHAPE = re.compile(r"RF([0-9]{2})([0-9A-Z]{1,21})")
# Overlapping, as a text without its blanks may begin with an RF that is none.
_OURS = re.compile(rf"(?=(RF[0-9]{{2}}[{_ALPHABET}]{{{_LENGTH}}}))")
_BLANK = re.compile(r"[\s\u200b-\u200d]+")


class PaymentReference(NamedTuple):
    """A reference as somebody wrote it: without blanks, and whether its check digits fit."""

    text: str
    fits: bool


def payment_reference(contract_id: ContractId, document_id: str) -> str:
    """Return the reference of a document of a contract; the same two always have the same.

    Its twelve characters are 60 bits of a hash: among ten million documents two are alike with a
    chance of one in twenty thousand, and then the contract tells them apart.
    """
    name = f"{contract_id}\x1f{document_id}".encode()
    number = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest())
    body = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LENGTH))
    return f"RF{98 - _remainder(body, '00'):02d}{body}"


def parse(text: str) -> PaymentReference | None:
    """Return the reference that *text* is, whatever its blanks and its case; else None."""
    bare = _BLANK.sub("", text).upper()
    found = _SHAPE.fullmatch(bare)
    if found is None:
        return None
    return PaymentReference(bare, _fits(found[2], found[1]))


def references_in(text: str) -> tuple[str, ...]:
    """Return the references of our length in *text* whose check digits fit, each once.

    Banks break a purpose at any place, so that blanks mean nothing.
    """
    bare = _BLANK.sub("", text).upper()
    found = (each[1] for each in _OURS.finditer(bare))
    return tuple(dict.fromkeys(each for each in found if _fits(each[4:], each[2:4])))


def grouped(reference: str) -> str:
    """Return *reference*, or an IBAN, as it is printed: in groups of four."""
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def _fits(body: str, digits: str) -> bool:
    # 00, 01, 98 and 99 have the same remainder as others; the standard gives 02 to 98 only.
    return 2 <= int(digits) <= 98 and _remainder(body, digits) == 1


def _remainder(body: str, digits: str) -> int:
    """Return the remainder by 97, with each letter as two digits and ``RF`` at the end."""
    return int("".join(str(int(each, 36)) for each in f"{body}RF{digits}")) % 97
