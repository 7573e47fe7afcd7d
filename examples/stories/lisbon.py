"""Another legal entity: another zone, another currency, and a policy that comes late."""

from examples.book import Contract
from examples.stories import story
from examples.terms import TEJO


@story(
    "C-801",
    "Overdue before there was a policy",
    look="due 5 January, policy 15 January: started and first letter on 16 January",
    entity=TEJO,
)
def before_the_policy(c: Contract) -> None:
    c.invoice(1, "84.00", "2026-01-05")
    c.pay(1, "84.00", "2026-01-30")


@story("C-802", "Pounds, paid late", look="letter 23 February, reset 2 March", entity=TEJO)
def pounds(c: Contract) -> None:
    c.invoice(1, "42.50", "2026-02-16")
    c.pay(1, "42.50", "2026-03-02")


@story(
    "C-803",
    "Paid at 23:40 in Lisbon, when it was the next day in Berlin",
    look="no letter: it was due on 24 February, and the 23rd had not ended in Lisbon",
    entity=TEJO,
)
def just_in_time(c: Contract) -> None:
    c.invoice(1, "36.00", "2026-02-17")
    c.pay(1, "36.00", "2026-02-23", at="23:40")


@story("C-804", "A penny below the threshold", look="decisions: below_threshold", entity=TEJO)
def below(c: Contract) -> None:
    c.invoice(1, "9.99", "2026-02-16")


@story(
    "C-805",
    "Through all steps to a webhook",
    look="letters 9 and 23 March, webhook on 6 April, exhausted on that day",
    entity=TEJO,
)
def to_the_end(c: Contract) -> None:
    c.invoice(1, "310.00", "2026-03-02")
