"""What a clerk calls the things of a contract: invoices by number, letters by level and day."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.chargebacks import ChargebackReceived
from schemas.instructions import InstalmentsAgreed, Instruction
from schemas.invoices import InvoiceIssued
from schemas.message import ContractMessage
from schemas.payments import RefundMade
from schemas.receivables import EntryPosted
from schemas.reminders import ReminderCreated
from schemas.values import derived_id
from services.cli.words.language import ENGLISH, Language


@dataclass(frozen=True, slots=True)
class Names:
    """The names of receivables and reminders, gathered from all that was said of a contract."""

    receivables: Mapping[str, str]
    reminders: Mapping[str, str]
    language: Language = ENGLISH

    @classmethod
    def of(cls, messages: Iterable[ContractMessage], language: Language = ENGLISH) -> "Names":
        """Gather the names that *messages* give, in *language*."""
        receivables: dict[str, str] = {}
        reminders: dict[str, str] = {}
        for message in messages:
            match message:
                case ReminderCreated():
                    level, on = message.level, message.created_on
                    name = language.say("name.reminder", level=level, on=on)
                    reminders[message.dunning_id] = name
                case EntryPosted():
                    for key, name in _posted(message, language).items():
                        receivables.setdefault(key, name)
                case _:
                    receivables |= _named(message, language)
        return cls(receivables, reminders, language)

    def receivable(self, receivable_id: str) -> str:
        """Return what to call a receivable; an invoice that never came keeps its id."""
        known = self.receivables.get(receivable_id)
        return known or self.language.say("name.invoice", number=receivable_id)

    def reminder(self, dunning_id: str) -> str:
        """Return what to call a reminder."""
        known = self.reminders.get(dunning_id)
        return known or self.language.say("name.reminder_id", id=dunning_id)


def _named(message: ContractMessage, language: Language) -> dict[str, str]:
    """Return the receivable that *message* brings into being, with its name."""
    match message:
        case InvoiceIssued():
            name = language.say("name.invoice", number=message.number)
            return {message.invoice_id: name}
        case ChargebackReceived():
            fee = derived_id("fee", message.contract_id, message.chargeback_id)
            return {fee: language.say("name.bank_fee", id=message.chargeback_id)}
        case InstalmentsAgreed():
            parts = enumerate(message.plan, 1)
            about = "instalment", message.contract_id, message.agreement_id
            return {
                derived_id(*about, number): language.say("name.instalment", number=number, on=e.on)
                for number, e in parts
            }
        case RefundMade():
            owed = derived_id("refund", message.contract_id, message.refund_id)
            return {owed: language.say("name.refund", id=message.refund_id)}
        case _:
            return {}


def _posted(message: EntryPosted, language: Language) -> dict[str, str]:
    """Return what an entry calls the receivables that nothing else names."""
    on = message.booked_on
    return {
        each.receivable_id: language.say(
            "name.posted", kind=language.word("item", each.kind), on=on
        )
        for each in message.owed
    }


def spaced(name: str) -> str:
    """Return the name of a message as words: ``PaymentReceived`` as ``Payment received``."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return words[:1] + words[1:].lower()


def capital(text: str) -> str:
    """Begin a sentence with *text*."""
    return text[:1].upper() + text[1:]


def because(message: Instruction, names: Names) -> str:
    """Return the reason that a clerk gave, as the end of a sentence."""
    return names.language.part("plain.reason", reason=message.reason)
