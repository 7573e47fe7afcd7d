"""What is charged of a period: what it costs as a whole, less what was charged of it before.

| rule | says | here |
|------|------|------|
| U-10 | the whole is rated each time, and the difference said, which may be negative | ``said`` |
| U-31 | after the close: one difference of the whole old period | ``corrected`` |
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from schemas.charges import UsageCharged, UsageCorrected, WholeCharge
from schemas.frozen import replace
from schemas.invoices import LinePeriod
from schemas.message import ContractMessage
from schemas.values import Money, derived_id
from services.tariffs.periods import Period, overlap
from services.usage.model import Charged, Contract
from services.usage.rating.lines import RatedLine, text
from services.usage.rating.prepaid import Payment, pay

_NOTHING = Fraction(0)
Charges = tuple[Contract, dict[str, Charged], tuple[ContractMessage, ...]]


class Difference(NamedTuple):
    """A line, and what of it was charged before."""

    line: RatedLine
    before: Charged | None

    @property
    def net(self) -> int:
        """What it costs more than was charged."""
        return self.line.net - (self.before.net if self.before else 0)

    @property
    def quantity(self) -> Fraction:
        """What was used more than was charged."""
        return self.line.quantity - (self.before.quantity if self.before else _NOTHING)


def differences(found: Iterable[RatedLine], charged: Mapping[str, Charged]) -> Iterator[Difference]:
    """Yield what is not *charged* of a period as it should be; of what is gone nothing should."""
    lines = {each.key: each for each in found}
    for key, before in charged.items():
        if key not in lines:
            lines[key] = RatedLine(key, before.component_id, before.group, _NOTHING, 0)
    for key, line in lines.items():
        each = Difference(line, charged.get(key))
        if each.net or each.quantity:
            yield each


def said(
    contract: Contract,
    period: Period,
    found: Iterable[RatedLine],
    charged: Mapping[str, Charged],
    *,
    today: date,
) -> Charges:
    """Return what *found* adds to what was *charged*, and both with it."""
    messages, known = list[ContractMessage](), dict(charged)
    for each in differences(found, charged):
        paid, charge_id = _paid(contract, each, today=today)
        if is_all_held(each, paid):
            continue
        contract = paid.contract
        messages.append(_charged(contract, period, each, paid, charge_id=charge_id, late=False))
        messages += paid.told(charge_id)
        known[each.line.key] = _known(each, charge_id, paid)
    return contract, known, tuple(messages)


def corrected(
    contract: Contract,
    period: Period,
    found: Iterable[RatedLine],
    charged: Mapping[str, Charged],
    *,
    rebill: bool,
    today: date,
) -> Charges:
    """Return how the whole of a closed period differs from what was *charged* of it (U-31)."""
    messages, known = list[ContractMessage](), dict(charged)
    for each in differences(found, charged):
        paid, charge_id = _paid(contract, each, today=today)
        if is_all_held(each, paid):
            continue
        contract = paid.contract
        if each.before is None:
            charge = _charged(contract, period, each, paid, charge_id=charge_id, late=True)
            messages.append(charge.model_copy(update={"rebill": rebill}))
        else:
            correction = _correction(contract, period, each, paid, charge_id=charge_id)
            whole = _whole(contract, each, paid, charge_id=charge_id) if rebill else None
            messages.append(correction.model_copy(update={"rebill": rebill, "whole": whole}))
        messages += paid.told(charge_id)
        known[each.line.key] = _known(each, charge_id, paid)
    return contract, known, tuple(messages)


def _paid(contract: Contract, each: Difference, *, today: date) -> tuple[Payment, str]:
    """Return what balances pay of a difference, and how its charge is called."""
    contract = replace(contract, charges=contract.charges + 1)
    name = derived_id("charge", contract.contract_id, contract.charges)
    component_id = each.line.component_id
    return pay(contract, component_id, each.net, before=each.before, today=today), name


def is_all_held(each: Difference, paid: Payment) -> bool:
    """Say whether nothing of a difference is charged now: it stays one."""
    return bool(paid.held) and paid.held == each.net


def _known(each: Difference, charge_id: str, paid: Payment) -> Charged:
    line, before = each.line, each.before
    prepaid = dict(before.prepaid) if before else {}
    for name, amount in paid.drawn.items():
        prepaid[name] = prepaid.get(name, 0) + amount
    return Charged(
        charge_id=before.charge_id if before else charge_id,
        component_id=line.component_id,
        group=line.group,
        net=line.net - paid.held,
        quantity=line.quantity,
        prepaid={name: amount for name, amount in prepaid.items() if amount},
    )


def _charged(
    contract: Contract,
    period: Period,
    each: Difference,
    paid: Payment,
    *,
    charge_id: str,
    late: bool,
) -> UsageCharged:
    currency, line = contract.agreement.currency, each.line
    is_whole = each.before is None and not paid.held
    return UsageCharged(
        contract_id=contract.contract_id,
        charge_id=charge_id,
        component_id=line.component_id,
        period=said_period(contract, period),
        quantity=text(each.quantity),
        net=Money.of(each.net - paid.amount - paid.held, currency),
        tiers=line.tiers if is_whole else (),
        late=late,
        group=line.group,
        unit=line.unit,
        cut=contract.taken,
        bounds=Money.of(line.bounds, currency) if line.bounds and is_whole else None,
        prepaid=paid.named(),
        held=Money.of(paid.held, currency) if paid.held else None,
    )


def _correction(
    contract: Contract, period: Period, each: Difference, paid: Payment, *, charge_id: str
) -> UsageCorrected:
    assert each.before is not None, "only what was charged is corrected"
    currency = contract.agreement.currency
    return UsageCorrected(
        contract_id=contract.contract_id,
        correction_id=charge_id,
        charge_id=each.before.charge_id,
        component_id=each.line.component_id,
        period=said_period(contract, period),
        net=Money.of(each.net - paid.amount - paid.held, currency),
        quantity=text(each.quantity),
        group=each.line.group,
        prepaid=paid.named(),
        cut=contract.taken,
        held=Money.of(paid.held, currency) if paid.held else None,
    )


def _whole(contract: Contract, each: Difference, paid: Payment, *, charge_id: str) -> WholeCharge:
    """Return all of a charge: what a new invoice says of it (U-31)."""
    line, charged = each.line, _known(each, charge_id, paid)
    currency, by_balances = contract.agreement.currency, sum(charged.prepaid.values())
    is_told = not paid.held
    return WholeCharge(
        quantity=text(line.quantity),
        net=Money.of(charged.net - by_balances, currency),
        tiers=line.tiers if is_told else (),
        bounds=Money.of(line.bounds, currency) if line.bounds and is_told else None,
        prepaid=Payment(contract, charged.prepaid).named(),
    )


def said_period(contract: Contract, period: Period) -> LinePeriod:
    """Return the days of *period* that the contract has."""
    both = overlap(period, contract.agreement.life) or period
    return LinePeriod(from_=both.from_on, until=both.until)
