"""Messages as sentences that a clerk understands; ``tell`` knows those of all sides."""

from services.cli.words import (
    answers,
    contracts,
    deliveries,
    desk,
    documents,
    money,
    orders,
    reminders,
    usage,
)
from services.cli.words.telling import tell

__all__ = [
    "answers",
    "contracts",
    "deliveries",
    "desk",
    "documents",
    "money",
    "orders",
    "reminders",
    "tell",
    "usage",
]
