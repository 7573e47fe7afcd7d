"""Writes events.jsonl, and the table of its stories into README.md: python -m examples.make."""

from datetime import datetime
from pathlib import Path

from examples import stories, terms
from examples.book import Book, Contract
from examples.stories import (
    chargebacks,
    contracts,
    credits,
    escalation,
    lisbon,
    mistakes,
    payments,
    reminders,
    routine,
)

SEED = 2026
HERE = Path(__file__).parent
START, END = "<!-- stories -->\n", "<!-- end of stories -->\n"
# Importing them adds their stories, in the order of the table.
PARTS = (
    payments,
    chargebacks,
    credits,
    contracts,
    escalation,
    reminders,
    mistakes,
    lisbon,
    routine,
)


def events() -> bytes:
    """Return all events of the examples, one a line, the same bytes every time."""
    book = Book(SEED)
    terms.publish(book)
    for story in _stories():
        story.tell(Contract(book, story.entity, story.contract_id, **story.about))
    berlin = terms.NORDLICHT.zone
    book.scribble(b"this line is no event", datetime(2026, 1, 14, 12, 0, tzinfo=berlin))
    at = datetime(2026, 1, 14, 13, 0, tzinfo=berlin)
    book.say("PaymentRegretted", at, source="/bank", subject="C-101", data={"contract_id": "C-101"})
    return book.lines()


def table() -> str:
    """Return what each contract shows as a table of Markdown."""
    rows = [f"| {s.contract_id} | {s.shows} | {s.look} |" for s in _stories()]
    return "\n".join(["| contract | shows | look at |", "|---|---|---|", *rows]) + "\n"


def readme(text: str) -> str:
    """Return *text* with its table renewed."""
    before, _, rest = text.partition(START)
    return f"{before}{START}{table()}{END}{rest.partition(END)[2]}"


def _stories() -> list[stories.Story]:
    return sorted(stories.STORIES, key=lambda each: each.contract_id)


if __name__ == "__main__":
    (HERE / "events.jsonl").write_bytes(events())
    path = HERE / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
