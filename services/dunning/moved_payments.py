"""One transfer meant for two contracts: both halves of what puts it right (R-118)."""

from dataclasses import dataclass
from datetime import date

from schemas.payments import Designation, MovedFrom, PaymentReassigned, PaymentReceived
from schemas.values import ContractId, Money, PaymentId, ReceivableId, derived_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """So much of a payment is to go from one contract to another.

    *number* tells a second move of the same amount from the first one said again.
    """

    payment_id: PaymentId
    from_contract: ContractId
    to_contract: ContractId
    money: Money
    invoice_id: ReceivableId | None = None
    number: int = 1

    @property
    def moved_payment_id(self) -> PaymentId:
        """Return what the payment is called at the other contract."""
        return PaymentId(derived_id("moved payment", *self._facts))

    @property
    def event_id(self) -> str:
        """Return the id of the event that takes it off: said again, it changes nothing."""
        return derived_id(PaymentReassigned.__name__, *self._facts)

    def taken_off(self) -> PaymentReassigned:
        """Return the half of the contract that has the money."""
        return PaymentReassigned(
            contract_id=self.from_contract,
            payment_id=self.payment_id,
            money=self.money,
            to=self.to_contract,
        )

    def taken_back(self) -> PaymentReassigned:
        """Return what would take back the other half; it names what is called there."""
        return PaymentReassigned(
            contract_id=self.to_contract,
            payment_id=self.moved_payment_id,
            money=self.money,
            to=self.from_contract,
        )

    def received(self, received_on: date) -> PaymentReceived:
        """Return the half of the contract that it was meant for: it came when it came."""
        return PaymentReceived(
            contract_id=self.to_contract,
            payment_id=self.moved_payment_id,
            money=self.money,
            received_on=received_on,
            designated=self.designated(),
            moved_from=MovedFrom(contract_id=self.from_contract, payment_id=self.payment_id),
        )

    def designated(self) -> tuple[Designation, ...]:
        """Return what it is to pay at the other contract; nothing leaves that to the rules."""
        return (Designation(invoice_id=self.invoice_id),) if self.invoice_id else ()

    @property
    def _facts(self) -> tuple[str, ...]:
        money = f"{self.money.minor} {self.money.currency}"
        return self.from_contract, self.payment_id, self.to_contract, money, str(self.number)
