"""What the CRM says of contracts, as sentences."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractRegistered,
    ContractResumed,
    CustomerChanged,
    InstrumentRegistered,
    InstrumentRemoved,
    TerminationRevoked,
)
from services.cli.words.language import Language, last_before
from services.cli.words.names import Names
from services.cli.words.telling import tell

# Told with the sentence itself.
OF_A_CHANGE = ("contract_id", "effective_on", "when", "plan_id", "plan_version")


@tell.register
def _registered(message: ContractRegistered, names: Names) -> str:
    says, plan = names.language, _plan(message, names.language)
    return says.say(
        "contract.registered",
        name=message.customer.name,
        kind=says.word("kind", message.customer.kind),
        on_plan=says.say("contract.on_plan", plan=plan, on=message.starts_on) if plan else "",
        currency=message.currency,
        paid=says.word("paid", message.payment_method),
    )


@tell.register
def _changed(message: ContractChanged, names: Names) -> str:
    says, plan = names.language, _plan(message, names.language)
    fields = message.model_dump(mode="json", exclude_none=True)
    parts = [
        each
        for name, value in fields.items()
        if name not in OF_A_CHANGE
        for each in _changed_to(name, value, says)
    ]
    parts += [says.say("contract.now", plan=plan)] if plan else []
    return says.say(
        "contract.changed",
        since=says.part("contract.since", on=message.effective_on),
        when=says.word("when", message.when),
        parts=says.listed(parts),
    )


@tell.register
def _customer(message: CustomerChanged, names: Names) -> str:
    says, customer = names.language, message.customer
    address = customer.address
    place = f"{address.street}, {address.city}" if address.street else address.city
    kind = says.word("kind", customer.kind)
    return says.say("contract.customer", name=customer.name, kind=kind, place=place)


@tell.register
def _ended(message: ContractEnded, names: Names) -> str:
    says = names.language
    key = "contract.ended" if message.when == "on_date" else "contract.ended_not_before"
    when, by = says.word("when", message.when), _by(message.cause, says)
    return says.say(key, last=last_before(message.ends_on), when=when, by=by)


@tell.register
def _paused(message: ContractPaused, names: Names) -> str:
    says = names.language
    return says.say("contract.paused", on=message.paused_from, by=_by(message.cause, says))


@tell.register
def _resumed(message: ContractResumed, names: Names) -> str:
    says = names.language
    return says.say("contract.resumed", on=message.resumed_on, by=_by(message.cause, says))


@tell.register
def _revoked(message: TerminationRevoked, names: Names) -> str:
    says, run = names.language, message.payment_escalation_process_id
    return says.say("contract.revoked_of", run=run) if run else says.say("contract.revoked")


@tell.register
def _instrument(message: InstrumentRegistered, names: Names) -> str:
    says = names.language
    month = says.month(message.expires) if message.expires else ""
    kind, valid = says.word("instrument", message.kind), says.part("contract.valid", month=month)
    return says.say("contract.instrument", kind=kind, id=message.instrument_id, valid=valid)


@tell.register
def _removed(message: InstrumentRemoved, names: Names) -> str:
    return names.language.say("contract.instrument_removed", id=message.instrument_id)


def _plan(message: ContractRegistered | ContractChanged, says: Language) -> str:
    plan, version = message.plan_id, message.plan_version
    if plan is None or version is None:
        return says.part("contract.plan", plan=plan)
    return says.say("contract.plan_version", plan=plan, version=str(version))


def _by(cause: str | None, says: Language) -> str:
    return says.part("contract.by", who=says.word("by", cause) if cause else "")


def _changed_to(name: str, value: object, says: Language) -> Iterator[str]:
    match name, value:
        case "quantities", dict():
            for component, quantity in value.items():
                count = Decimal(quantity)
                yield says.say("contract.quantity", quantity=count, component=component)
        case "switches", dict():
            for each, on in value.items():
                key = "contract.switch_on" if on else "contract.switch_off"
                yield says.say(key, switch=says.word("switch", each))
        case "ends_on", str():
            yield says.say("contract.ends_on", last=_last(value))
        case "trial_until" | "billed_until", str():
            yield says.say(f"contract.{name}", until=says.until(_last(value)))
        case "payment_terms_days", int():
            yield says.say("contract.terms", days=says.after_days(value))
        case "payment_method", str():
            yield says.word("paid", value)
        case "starts_on" | "billing_anchor_on", str():
            yield says.say(f"contract.{name}", on=date.fromisoformat(value))
        case _:
            what = says.word("field", name)
            yield says.say("contract.field", name=what, value=_value(value, says))


def _last(day: str) -> date:
    return last_before(date.fromisoformat(day))


def _value(value: object, says: Language) -> str:
    match value:
        case dict():
            return ", ".join(f"{name} {_value(each, says)}" for name, each in value.items())
        case bool():
            return says.say("plain.yes" if value else "plain.no")
        case _:
            return str(value)
