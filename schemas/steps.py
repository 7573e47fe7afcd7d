"""Steps of a dunning policy: what is done, and after how many days."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.message import Message
from schemas.values import Amount, Currency, Name, UnsignedMoney

Days = Annotated[int, Field(ge=0, le=365)]


class Step(Message):
    """One step of a policy; a webhook, a reminder, or the pause or end of the contract."""

    # on the due day nothing is overdue yet.
    days_overdue: int = Field(ge=1, le=3650)
    action: Literal["webhook", "reminder", "pause_contract", "end_contract"]
    template: Name | None = None
    dispatch: Literal["default", "email", "letter", "archive"] = "default"
    send: Literal["automatic", "manual"] = "automatic"
    level: int | None = Field(default=None, ge=1, le=99)
    fee: UnsignedMoney | None = None
    when: Literal["immediately", "after_current_period"] = "immediately"
    # Overdue below this the step waits, and holds back none behind it (R-31b).
    minimum: dict[Currency, Amount] = Field(default_factory=dict, max_length=200)
    # What a customer disputes does not count for this step, whatever the policy says (R-31b).
    undisputed_only: bool = False


class PendingHoldDays(Message):
    """For how many TARGET days a payment on its way holds the steps (R-13)."""

    sepa: Days = 5
    card: Days = 2
