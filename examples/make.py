"""Writes both sets of events, and the tables of their stories: python -m examples.make."""

from datetime import datetime
from pathlib import Path

from examples import stories, terms
from examples.billing import changes, companies, ends, money, orders, plans, rhythms, taxes, usage
from examples.book import Book, Contract
from examples.stories import (
    agreements,
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
from examples.usage import tariffs, used

SEED = 2026
HERE = Path(__file__).parent
# Importing them adds their stories; the first letter of a contract says to which set it belongs.
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
    agreements,
    *(rhythms, changes, ends, orders, usage, taxes, money, used),
)


def events() -> bytes:
    """Return the events of the contracts whose invoices come from elsewhere, one a line."""
    book = Book(SEED)
    terms.publish(book)
    _tell(book, "C")
    berlin = terms.NORDLICHT.zone
    book.scribble(b"this line is no event", datetime(2026, 1, 14, 12, 0, tzinfo=berlin))
    at = datetime(2026, 1, 14, 13, 0, tzinfo=berlin)
    book.say("PaymentRegretted", at, source="/bank", subject="C-101", data={"contract_id": "C-101"})
    return book.lines()


def billing() -> bytes:
    """Return the events of the contracts that have a plan, one a line."""
    book = Book(SEED, mark="b-")
    companies.publish(book)
    plans.publish(book)
    _tell(book, "B")
    return book.lines()


def metered() -> bytes:
    """Return the events of the contracts whose usage is rated by us, one a line."""
    book = Book(SEED, mark="u-")
    tariffs.publish(book)
    _tell(book, "U")
    return book.lines()


def stories_of(letter: str) -> list[stories.Story]:
    """Return the stories of the contracts that begin with *letter*, in the order of the table."""
    some = [each for each in stories.STORIES if each.contract_id.startswith(letter)]
    return sorted(some, key=lambda each: each.contract_id)


def table(letter: str) -> str:
    """Return what each contract of a set shows as a table of Markdown."""
    rows = [f"| {s.contract_id} | {s.shows} | {s.look} |" for s in stories_of(letter)]
    return "\n".join(["| contract | shows | look at |", "|---|---|---|", *rows]) + "\n"


def readme(text: str) -> str:
    """Return *text* with its tables renewed."""
    for letter in "CBU":
        start, end = f"<!-- stories {letter} -->\n", f"<!-- end of stories {letter} -->\n"
        before, _, rest = text.partition(start)
        text = f"{before}{start}{table(letter)}{end}{rest.partition(end)[2]}"
    return text


def _tell(book: Book, letter: str) -> None:
    for story in stories_of(letter):
        story.tell(Contract(book, story.entity, story.contract_id, **story.about))


if __name__ == "__main__":
    (HERE / "events.jsonl").write_bytes(events())
    (HERE / "billing.jsonl").write_bytes(billing())
    (HERE / "usage.jsonl").write_bytes(metered())
    path = HERE / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
