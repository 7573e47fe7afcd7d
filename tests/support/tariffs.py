"""Price plans for tests, and what happens to contracts that have one, at random."""

from datetime import date, timedelta
from random import Random

from schemas.charges import UsageCharged
from schemas.contracts import (
    ContractChanged,
    ContractEnded,
    ContractPaused,
    ContractResumed,
    CustomerChanged,
    TerminationRevoked,
)
from schemas.orders import (
    AddItem,
    BillInterim,
    GrantDiscount,
    GrantFreePeriod,
    IssueCreditNote,
    IssueInvoice,
)
from schemas.plans import Charge, PlanPublished
from tests.support.events import customer, eur

C1 = {"contract_id": "C1"}
KINDS = (
    *("upgrade", "quantity", "seats", "pause", "resume", "end", "revoke", "trial", "move"),
    *("item", "bill", "credit", "discount", "free", "usage", "interim"),
)


def flat(component_id: str, price: str, **more: object) -> Charge:
    """Return a component at a price a period."""
    said = {"component_id": component_id, "name": component_id.title(), "model": "flat"}
    return Charge.model_validate(said | {"unit_price": price} | more)


def seats(price: str, **more: object) -> Charge:
    """Return a component at a price a seat and period."""
    said = {"component_id": "seats", "name": "Seats", "model": "per_unit", "unit_price": price}
    return Charge.model_validate(said | more)


def plan(*recurring: Charge, **more: object) -> PlanPublished:
    """Return version 1 of a monthly plan in EUR, billed in advance, unless *more* says else."""
    said = {
        "plan_id": "basic",
        "version": 1,
        "legal_entity_id": "acme",
        "currency": "EUR",
        "billing_period": "P1M",
        "bill": "in_advance",
        "recurring": recurring or (flat("base", "30.00"),),
    }
    return PlanPublished.model_validate(said | more)


PLANS = (
    plan(flat("base", "29.90"), seats("4.50"), one_time=(flat("setup", "49.00"),)),
    plan(flat("base", "79.00"), seats("3.90"), flat("backup", "9.99"), plan_id="pro"),
    plan(flat("base", "7.77"), plan_id="weekly", billing_period="P1W", bill="in_arrears"),
)


def happens(kind: str, day: date, number: int, random: Random) -> object:  # noqa: C901 - one case a kind
    """Return the message of *kind* that is said on *day* of a contract with a plan."""
    pick = random.randrange(30)
    item = {"name": f"Work {number}", "net": eur(f"{pick}.10")}
    match kind:
        case "upgrade":
            chosen = random.choice(PLANS).plan_id
            from_on = day + timedelta(pick - 10) if pick % 3 else None
            return ContractChanged(**C1, plan_id=chosen, effective_on=from_on)
        case "quantity" | "seats":
            return ContractChanged(**C1, quantities={"seats": str(pick % 6)})
        case "pause":
            return ContractPaused(**C1, paused_from=day + timedelta(pick - 5), cause="operator")
        case "resume":
            return ContractResumed(**C1, resumed_on=day + timedelta(pick - 5))
        case "end":
            return ContractEnded(**C1, ends_on=day + timedelta(pick - 10))
        case "revoke":
            return TerminationRevoked(**C1)
        case "trial":
            return ContractChanged(**C1, trial_until=day + timedelta(pick - 10))
        case "move":
            return CustomerChanged(**C1, customer=customer(name=f"Erika {pick}"))
        case "item":
            return AddItem(**C1, **item)
        case "bill":
            return IssueInvoice(**C1, items=(item,))
        case "credit":
            return IssueCreditNote(**C1, items=(item,))
        case "discount":
            return GrantDiscount(**C1, percent=f"{pick + 1}", periods=1 + pick % 3)
        case "free":
            return GrantFreePeriod(**C1, periods=1)
        case "usage":
            used = {"from": day - timedelta(1), "until": day}
            said = {"component_id": "calls", "period": used, "quantity": f"{pick}"}
            return UsageCharged.model_validate(
                C1 | said | {"charge_id": f"u-{number}", "net": eur(f"{pick}.33")}
            )
        case "interim":
            return BillInterim(**C1)
    raise ValueError(kind)
