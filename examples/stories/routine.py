"""What most contracts do: an invoice a month, paid before it is due."""

from datetime import date, timedelta

from examples.book import Contract
from examples.stories import STORIES, Story
from examples.terms import NORDLICHT, TEJO

DUES = ("2026-01-26", "2026-02-23", "2026-03-23", "2026-04-27")


def pays_every_month(c: Contract) -> None:
    price = f"{c.book.random.randint(19, 79)}.90"
    for number, due in enumerate(DUES, start=1):
        invoice = c.invoice(number, price, due)
        on = date.fromisoformat(due) - timedelta(days=c.book.random.randint(1, 10))
        c.pay(number, price, on.isoformat(), invoice)


STORIES += [
    Story(
        contract_id=f"C-{number}",
        shows="Pays every month in time",
        look="four invoices, four payments, balance 0.00",
        tell=pays_every_month,
        entity=TEJO if number > 908 else NORDLICHT,
        about={},
    )
    for number in range(901, 911)
]
