"""What of a credit note is of which invoice (U-27)."""

from schemas.message import Message
from schemas.values import Id, Money, ReceivableId, UnsignedMoney


class CreditedInvoice(Message):
    """What of a credit note falls on one of the invoices that it is of."""

    invoice_id: Id[ReceivableId]
    net: Money
    tax: Money
    gross: Money
    # What of it goes back to the balances that paid the invoice (U-61).
    prepaid: UnsignedMoney | None = None

    @property
    def payable(self) -> Money:
        """What is given back in money."""
        back = self.prepaid.minor if self.prepaid else 0
        return Money.of(self.gross.minor - back, self.gross.currency)
