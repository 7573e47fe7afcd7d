"""Reminders that a person sends, drafts that no longer fit, interest."""

from examples.book import Contract
from examples.stories import story
from examples.stories.drafts import sent

BUSINESS = {"kind": "business", "more": {"attributes": {"segment": "business"}}}


@story(
    "C-601",
    "A reminder sent by hand, five days late: what follows is five days late",
    look="letter made 2 February, sent 7 February; pause on 27 February, not on the 20th",
    **BUSINESS,
)
def sent_late(c: Contract) -> None:
    c.invoice(1, "1200.00", "2026-01-12")
    sent(c, "2026-02-07")
    c.pay(1, "1200.00", "2026-03-05")


@story(
    "C-602",
    "A part payment cancels the draft, and a new one is made",
    look="reminders: cancelled (amount) on 5 February, made anew for less, sent on 9 February",
    **BUSINESS,
)
def draft_cancelled(c: Contract) -> None:
    c.invoice(1, "800.00", "2026-01-12")
    c.pay(1, "300.00", "2026-02-05")
    sent(c, "2026-02-09", attempt=2)
    c.pay(2, "500.00", "2026-02-19")


@story(
    "C-603",
    "A clerk wants to send what was cancelled",
    look="dunning.dead-letters: conflict on 6 February",
    **BUSINESS,
)
def cancelled_was_sent(c: Contract) -> None:
    c.invoice(1, "640.00", "2026-01-12")
    c.pay(1, "140.00", "2026-02-05")
    sent(c, "2026-02-06")
    c.pay(2, "500.00", "2026-02-16")


@story(
    "C-604",
    "A clerk lets us send the draft",
    look="reminders: released on 4 February",
    **BUSINESS,
)
def released(c: Contract) -> None:
    c.invoice(1, "410.00", "2026-01-12")
    sent(c, "2026-02-04", by_us=True)
    c.pay(1, "410.00", "2026-02-12")


@story(
    "C-605",
    "A business in default by contract: interest and 40.00 EUR",
    look="reminder of 19 January: 8.44 of interest since 13 January, and the lump sum of 40.00",
    kind="business",
    more={
        "attributes": {"segment": "business", "due_dates": "agreed"},
        "due_date_is_agreed": True,
    },
)
def interest(c: Contract) -> None:
    c.invoice(1, "5000.00", "2026-01-12")
    c.pay(1, "5000.00", "2026-01-29")


@story(
    "C-606",
    "A draft nobody sends: the clock stands still",
    look="letter made 2 February; no pause, no end until 30 April",
    **BUSINESS,
)
def never_sent(c: Contract) -> None:
    c.invoice(1, "275.00", "2026-01-12")
