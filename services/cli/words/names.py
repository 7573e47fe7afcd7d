"""What a clerk calls the things of a contract: invoices by number, money with its currency."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.chargebacks import ChargebackReceived
from schemas.instructions import Instruction
from schemas.invoices import InvoiceIssued
from schemas.message import ContractMessage
from schemas.payments import RefundMade
from schemas.receivables import EntryPosted
from schemas.reminders import ReminderCreated
from schemas.values import Money, derived_id


@dataclass(frozen=True, slots=True)
class Names:
    """The names of receivables and reminders, gathered from all that was said of a contract."""

    receivables: Mapping[str, str]
    reminders: Mapping[str, str]

    @classmethod
    def of(cls, messages: Iterable[ContractMessage]) -> "Names":
        """Gather the names that *messages* give."""
        receivables: dict[str, str] = {}
        reminders: dict[str, str] = {}
        for message in messages:
            match message:
                case InvoiceIssued():
                    receivables[message.invoice_id] = f"invoice {message.number}"
                case ChargebackReceived():
                    fee = derived_id("fee", message.contract_id, message.chargeback_id)
                    receivables[fee] = f"bank fee {message.chargeback_id}"
                case RefundMade():
                    owed = derived_id("refund", message.contract_id, message.refund_id)
                    receivables[owed] = f"refund {message.refund_id}"
                case EntryPosted():
                    for each in message.owed:
                        what = f"{each.kind.replace('_', ' ')} of {message.booked_on}"
                        receivables.setdefault(each.receivable_id, what)
                case ReminderCreated():
                    name = f"reminder level {message.level} of {message.created_on}"
                    reminders[message.dunning_id] = name
        return cls(receivables, reminders)

    def receivable(self, receivable_id: str) -> str:
        """Return what to call a receivable; an invoice that never came keeps its id."""
        return self.receivables.get(receivable_id, f"invoice {receivable_id}")

    def reminder(self, dunning_id: str) -> str:
        """Return what to call a reminder."""
        return self.reminders.get(dunning_id, f"reminder {dunning_id}")


def money(amount: Money) -> str:
    """Write an amount as people read it, with thousands set apart."""
    return money_text(f"{amount.amount} {amount.currency}")


def money_text(amount: object) -> str:
    """Write an amount that was said as ``-1200.00 EUR`` as people read it."""
    number, _, currency = str(amount).partition(" ")
    whole, point, cents = number.lstrip("-").partition(".")
    sign = "-" if number.startswith("-") else ""
    return f"{sign}{int(whole):,}{point}{cents} {currency}"


def spaced(name: str) -> str:
    """Return the name of a message as words: ``PaymentReceived`` as ``Payment received``."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return words[:1] + words[1:].lower()


def listed(parts: Iterable[str]) -> str:
    """Join *parts* as a sentence does."""
    *most, last = list(parts) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def days(count: int) -> str:
    """Count days as one says it."""
    return f"{count} day" if count == 1 else f"{count} days"


def until(last: date) -> str:
    """Say that something goes on to the end of its *last* day."""
    return f"until and including {last}"


def last_before(day: date) -> date:
    """Return the last day of what ends with the beginning of *day*, as periods do on the wire."""
    return day - timedelta(days=1)


def span(from_on: date, ends: date) -> str:
    """Say the days of a period, which *ends* with the beginning of that day."""
    last = last_before(ends)
    return str(from_on) if last <= from_on else f"{from_on} {until(last)}"


def capital(text: str) -> str:
    """Begin a sentence with *text*."""
    return text[:1].upper() + text[1:]


def because(message: Instruction) -> str:
    """Return the reason that a clerk gave, as the end of a sentence."""
    return f" ({message.reason})" if message.reason else ""
