"""Instructions that keep steps from firing, or let them fire again."""

from schemas.frozen import replace
from schemas.instructions import HoldEscalation, SwitchEscalation
from services.dunning.model import Account, Hold, Outcome


def switch(account: Account, told: SwitchEscalation) -> Outcome:
    """Switch the escalation on or off; a run is kept (R-33)."""
    return replace(account, escalation_on=told.on), ()


def hold(account: Account, told: HoldEscalation) -> Outcome:
    """Hold all steps; a later instruction takes the place of an earlier one."""
    return replace(account, hold=Hold(until=told.until)), ()


def release(account: Account) -> Outcome:
    """Hold nothing by instruction any more."""
    return replace(account, hold=None), ()
