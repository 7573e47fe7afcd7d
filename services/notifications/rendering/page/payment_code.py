"""The QR code of the European Payments Council (EPC069-12), which banking apps read as a transfer.

In German it is called GiroCode.
"""

import segno

from schemas.values import Money
from services.notifications.rendering.page.characters import clean

# Version 13 of a QR code at correction level M holds no more.
LARGEST_BYTES = 331
_MOST = 999_999_999_99
# Any of the eight masks is valid; to find the best of them takes four fifths of the time.
_MASK = 4


def is_possible(*, minor: int, currency: str) -> bool:
    """Say whether the code can ask for an amount: euro only, one cent to a billion."""
    return currency == "EUR" and 0 < minor <= _MOST


def payload(*, payee: str, iban: str, bic: str | None, minor: int, reference: str) -> str:
    """Return what the code says: a transfer in euro with a structured reference."""
    name = clean(payee, longest=70).replace("\n", " ")
    amount = f"EUR{Money.of(minor, 'EUR').amount}"
    return "\n".join(["BCD", "002", "1", "SCT", bic or "", name, iban, amount, "", reference])


def svg(text: str) -> str:
    """Return the code of *text* as a picture of one unit a module, without its quiet zone."""
    code = segno.make_qr(text, error="m", mask=_MASK, boost_error=False, encoding="utf-8")
    rows = (_row(row, at) for at, row in enumerate(code.matrix))
    size = len(code.matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<path stroke="#000" d="{"".join(rows)}"/></svg>'
    )


def _row(modules: bytearray, at: int) -> str:
    """Return the dark runs of a row as lines through its middle."""
    runs, start = [], 0
    text = bytes(modules)
    while (start := text.find(1, start)) >= 0:
        end = text.find(0, start)
        end = len(text) if end < 0 else end
        runs.append(f"M{start} {at}.5h{end - start}")
        start = end
    return "".join(runs)
