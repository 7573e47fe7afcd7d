"""What a customer may deduct who pays early (R-84a)."""

from typing import Annotated

from pydantic import Field

from schemas.message import Message
from schemas.values import Percent, Several


class EarlyPayment(Message):
    """A percentage of gross, where the money is there so many days after the issue."""

    percent: Percent
    days: Annotated[int, Field(ge=0, le=365)]


EarlyPayments = Annotated[Several[EarlyPayment], Field(max_length=10)]
