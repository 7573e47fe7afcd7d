"""Prepaid balances over time: granted, low, expired (U-16)."""

from collections.abc import Iterable, Iterator
from datetime import date

from schemas.charges import PrepaidDrawn, PrepaidExpired, PrepaidLow
from schemas.frozen import replace
from schemas.message import NotYet, Refused
from schemas.orders import GrantPrepaid
from schemas.prepaid import PrepaidApplied
from schemas.values import Money
from services.tariffs.periods import Period
from services.usage.granted import Grant
from services.usage.model import Contract
from services.usage.rating.charging import differences, is_all_held
from services.usage.rating.lines import RatedLine, charged_in
from services.usage.rating.prepaid import pay


def grant(contract: Contract, granted: GrantPrepaid) -> Contract:
    """Open a balance; one that pays net pays also for what is held."""
    if granted.money.currency != contract.agreement.currency:
        raise Refused("currency", f"the contract is in {contract.agreement.currency}")
    new = Grant(
        grant_id=granted.grant_id,
        money=granted.money.minor,
        left=granted.money.minor,
        priority=granted.priority,
        promotional=granted.promotional,
        expires_on=granted.expires_on,
        components=granted.components,
        low_at=granted.low_at.minor if granted.low_at else None,
        number=max((each.number for each in contract.grants), default=0) + 1,
        holds=granted.when_empty == "hold",
        applies_gross=granted.applies == "gross",
    )
    return with_held_again(replace(contract, grants=(*contract.grants, new)))


def with_held_again(contract: Contract) -> Contract:
    """Let what is held of closed periods be rated again: a balance may pay it now."""
    if not contract.held:
        return contract
    return replace(contract, reopened=tuple(sorted({*contract.reopened, *contract.held})))


def low(
    contract: Contract, found: Iterable[tuple[Period, list[RatedLine]]], *, today: date
) -> tuple[Contract, tuple[PrepaidLow, ...]]:
    """Tell which balances have come to their mark, with what is used and not charged yet."""
    after = drawn_by(contract, found, today=today)
    return _tell_low(contract, after)


def mirror(
    contract: Contract, applied: PrepaidApplied, *, today: date
) -> tuple[Contract, tuple[PrepaidDrawn | PrepaidLow, ...]]:
    """Keep what invoicing drew of a balance that applies gross, or gave back to it (U-61)."""
    if all(each.grant_id != applied.grant_id for each in contract.grants):
        raise NotYet("balance")
    contract = replace(contract, grants=tuple(_mirrored(contract, applied, today=today)))
    drawn = PrepaidDrawn(
        contract_id=contract.contract_id,
        grant_id=applied.grant_id,
        charge_id=applied.movement_id,
        document_id=applied.document_id,
        drawn=applied.applied,
        left=next(
            Money.of(each.left, contract.agreement.currency)
            for each in contract.grants
            if each.grant_id == applied.grant_id
        ),
    )
    contract, low = _tell_low(contract, contract)
    return contract, (drawn, *low)


def _mirrored(contract: Contract, applied: PrepaidApplied, *, today: date) -> Iterator[Grant]:
    """Yield the balances after it; one that has expired has lost what came back too late."""
    for each in contract.grants:
        is_over = each.expires_on is not None and each.expires_on <= today
        if each.grant_id != applied.grant_id or (is_over and applied.applied.minor < 0):
            yield each
        else:
            yield replace(each, left=max(0, each.left - applied.applied.minor))


def _tell_low(contract: Contract, after: Contract) -> tuple[Contract, tuple[PrepaidLow, ...]]:
    """Tell which balances are at their mark as they are *after* what is used is charged."""
    told = {each.grant_id: each.left for each in after.grants if _is_low(each)}
    grants = tuple(
        replace(each, told_low=each.told_low or each.grant_id in told) for each in contract.grants
    )
    messages = (
        PrepaidLow(
            contract_id=contract.contract_id,
            grant_id=each.grant_id,
            low_at=Money.of(each.low_at or 0, contract.agreement.currency),
            left=Money.of(told[each.grant_id], contract.agreement.currency),
        )
        for each in contract.grants
        if each.grant_id in told
    )
    return replace(contract, grants=grants), tuple(messages)


def drawn_by(
    contract: Contract, found: Iterable[tuple[Period, list[RatedLine]]], *, today: date
) -> Contract:
    """Return *contract* as balances would be, were all that is not charged yet charged today."""
    after = contract
    for period, some in found:
        for each in differences(some, charged_in(contract.charged, period)):
            name = each.line.component_id
            after = pay(after, name, each.net, before=each.before, today=today).contract
    return after


def chargeable(
    contract: Contract, found: Iterable[tuple[Period, list[RatedLine]]], *, today: date
) -> int:
    """Return what is not charged yet and would be today: not what would only be held (U-61)."""
    after, net = contract, 0
    for period, some in found:
        for each in differences(some, charged_in(contract.charged, period)):
            name = each.line.component_id
            paid = pay(after, name, each.net, before=each.before, today=today)
            net += 0 if is_all_held(each, paid) else each.net
            after = paid.contract
    return net


def expires(grant: Grant, day: date) -> bool:
    """Say whether something of *grant* is lost on *day*."""
    return bool(grant.left) and grant.expires_on is not None and grant.expires_on <= day


def expire(contract: Contract, day: date) -> tuple[Contract, tuple[PrepaidExpired, ...]]:
    """Take what is left of balances that do not hold any more."""
    over = [each for each in contract.grants if expires(each, day)]
    messages = tuple(
        PrepaidExpired(
            contract_id=contract.contract_id,
            grant_id=each.grant_id,
            expired=Money.of(each.left, contract.agreement.currency),
            expired_on=each.expires_on or day,
        )
        for each in over
    )
    grants = tuple(replace(e, left=0) if e in over else e for e in contract.grants)
    return replace(contract, grants=grants), messages


def _is_low(grant: Grant) -> bool:
    return grant.low_at is not None and not grant.told_low and grant.left <= grant.low_at
