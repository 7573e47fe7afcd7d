"""Which e-invoice a customer gets: the one asked for, else what the buyer reference tells."""

import re
from typing import Literal

from schemas.values import exponent
from services.notifications.rendering.einvoice.rule_sets import Format

Asked = Format | Literal["none"]

_LEITWEG = re.compile(r"[0-9]{2,12}(-[0-9A-Z]{1,30})?-[0-9]{2}")


def chosen(asked: Asked | None, *, buyer_reference: str | None, currency: str) -> Format | None:
    """Return the format for a customer; None where the PDF alone is sent.

    Whoever asks for nothing gets the XML in the PDF, which hinders nobody, or what the state asks
    for where the reference is a Leitweg-ID. In a currency of three decimals there is no e-invoice.
    """
    if asked == "none" or exponent(currency) > 2:
        return None
    if asked is not None:
        return asked
    return "xrechnung_cii" if buyer_reference and is_leitweg(buyer_reference) else "zugferd"


def is_leitweg(reference: str) -> bool:
    """Say whether *reference* is a Leitweg-ID: its shape, and check digits of ISO 7064."""
    bare = reference.strip().upper()
    if not _LEITWEG.fullmatch(bare):
        return False
    return int("".join(str(int(each, 36)) for each in bare.replace("-", ""))) % 97 == 1
