"""Statements of account: what a customer is shown of their ledger."""

from typing import Annotated

from pydantic import Field

from schemas.message import Message
from schemas.receivables import EntryKind
from schemas.values import Day, Money, Name, Several

MOST = 1_000


class StatementMovement(Message):
    """An entry of the ledger that changed the balance: what is owed more is positive."""

    booked_on: Day
    kind: EntryKind
    number: Name | None = None
    amount: Money


class StatementDrawn(Message):
    """The movements of a contract from ``since`` through ``as_of``, by the days they were booked.

    Of more than a thousand the last thousand stand here; ``opening`` holds all before them.
    """

    statement_id: Name
    since: Day
    as_of: Day
    opening: Money
    lines: Annotated[Several[StatementMovement], Field(max_length=MOST)]
    closing: Money
