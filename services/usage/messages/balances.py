"""Prepaid balances over time: granted, low, expired (U-16)."""

from collections.abc import Iterable
from datetime import date

from schemas.charges import PrepaidExpired, PrepaidLow
from schemas.frozen import replace
from schemas.message import Refused
from schemas.orders import GrantPrepaid
from schemas.values import Money
from services.tariffs.periods import Period
from services.usage.granted import Grant
from services.usage.model import Contract
from services.usage.rating.charging import differences
from services.usage.rating.lines import RatedLine, charged_in
from services.usage.rating.prepaid import pay


def grant(contract: Contract, granted: GrantPrepaid) -> Contract:
    """Open a balance that pays net, also for what is held; Refused where it is to pay gross."""
    if granted.money.currency != contract.agreement.currency:
        raise Refused("currency", f"the contract is in {contract.agreement.currency}")
    # To take it and draw nothing would be a promise that is not kept.
    if granted.applies == "gross":
        raise Refused("invalid", "applies: a balance that pays gross is not drawn yet")
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
