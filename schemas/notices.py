"""Notices: what a policy says outside of any run."""

from pydantic import Field

from schemas.message import Message


class NoticeBefore(Message):
    """Word to the customer so many days before an invoice is due (R-123)."""

    days_before_due: int = Field(ge=1, le=365)
