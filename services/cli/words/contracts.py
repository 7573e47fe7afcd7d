"""What the CRM says of contracts, as sentences."""

from datetime import date

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
from services.cli.words.names import Names, days, last_before, listed, until
from services.cli.words.telling import tell

PAID = {
    "on_account": "on account",
    "direct_debit": "by direct debit",
    "card": "by card",
}
INSTRUMENTS = {"card": "card", "sepa_mandate": "SEPA mandate"}
WHEN = {
    "on_date": "",
    "after_current_period": ", after the period that is billed",
    "next_allowed": ", when term and notice allow it",
}
BY = {"escalation": "our escalation", "operator": "the operator", "customer": "the customer"}


@tell.register
def _registered(message: ContractRegistered, names: Names) -> str:
    who = f"{message.customer.name} ({message.customer.kind})"
    plan = f" on {_plan(message)} from {message.starts_on}" if message.plan_id else ""
    paid = PAID[message.payment_method]
    return f"Contract registered for {who}{plan}, in {message.currency}, {paid}."


@tell.register
def _changed(message: ContractChanged, names: Names) -> str:
    fields = message.model_dump(mode="json", exclude_none=True)
    parts = [
        _changed_to(name, value)
        for name, value in fields.items()
        if name not in ("contract_id", "effective_on", "when", "plan_id", "plan_version")
    ]
    parts += [f"now {_plan(message)}"] if message.plan_id else []
    since = f" from {message.effective_on}" if message.effective_on else ""
    return f"The contract changes{since}{WHEN[message.when]}: {listed(parts)}."


@tell.register
def _customer(message: CustomerChanged, names: Names) -> str:
    address = message.customer.address
    place = f"{address.street}, {address.city}" if address.street else address.city
    return f"The customer is {message.customer.name} ({message.customer.kind}), {place}, now."


@tell.register
def _ended(message: ContractEnded, names: Names) -> str:
    at = "at" if message.when == "on_date" else "not before"
    end = f"{at} the end of {last_before(message.ends_on)}"
    return f"The contract ends {end}{WHEN[message.when]}{_by(message.cause)}."


@tell.register
def _paused(message: ContractPaused, names: Names) -> str:
    return f"The contract is paused from {message.paused_from}{_by(message.cause)}."


@tell.register
def _resumed(message: ContractResumed, names: Names) -> str:
    return f"The contract goes on from {message.resumed_on}{_by(message.cause)}."


@tell.register
def _revoked(message: TerminationRevoked, names: Names) -> str:
    return "The contract does not end after all."


@tell.register
def _instrument(message: InstrumentRegistered, names: Names) -> str:
    valid = f", valid until the end of {message.expires}" if message.expires else ""
    return f"New payment data: {INSTRUMENTS[message.kind]} {message.instrument_id}{valid}."


@tell.register
def _removed(message: InstrumentRemoved, names: Names) -> str:
    return f"Payment data {message.instrument_id} must not be used any more."


def _plan(message: ContractRegistered | ContractChanged) -> str:
    version = f" version {message.plan_version}" if message.plan_version else ""
    return f"plan {message.plan_id}{version}"


def _by(cause: str | None) -> str:
    return f", by {BY.get(cause, cause)}" if cause else ""


def _changed_to(name: str, value: object) -> str:
    match name, value:
        case "quantities", dict():
            return listed(f"{quantity} of {each}" for each, quantity in value.items())
        case "switches", dict():
            return listed(
                f"{each.replace('_', ' ')} {'on' if on else 'off'}" for each, on in value.items()
            )
        case "ends_on", str():
            return f"it ends at the end of {last_before(date.fromisoformat(value))}"
        case "trial_until" | "billed_until", str():
            what, _, _ = name.partition("_")
            return f"{what} {until(last_before(date.fromisoformat(value)))}"
        case "payment_terms_days", int():
            return f"payment within {days(value)}"
        case _:
            return f"{name.replace('_', ' ')} {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(each)}" for name, each in value.items())
    return str(value)
