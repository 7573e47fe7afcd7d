"""What a bank's reason for returning a debit means for the next one (R-79).

ISO 20022 external code list; a code that is not listed is booked, not tried again, and manual.
"""

from typing import NamedTuple

from schemas.frozen import replace
from services.dunning.model import Account


class Meaning(NamedTuple):
    """What follows from a code."""

    name: str
    may_retry: bool = False


INSUFFICIENT_FUNDS = Meaning("insufficient_funds", may_retry=True)
INSTRUMENT_DEAD = Meaning("instrument_dead")
DISPUTED = Meaning("disputed_by_debtor")
DUPLICATE = Meaning("duplicate")
NOT_ALLOWED = Meaning("not_allowed")
REGULATORY = Meaning("regulatory")
# What we sent is wrong: the mandate's data, our own identifier.
DATA_WRONG = Meaning("data_wrong")
MANUAL = Meaning("manual")
# The bank said no reason at all.
NO_CODE = Meaning("no_reason_code")

# In Germany it often hides AM04 or AC04, for data protection: the first time it may be the former.
UNSPECIFIED = "MS03"

MEANINGS = {
    "AM04": INSUFFICIENT_FUNDS,
    "AC01": INSTRUMENT_DEAD,
    "AC04": INSTRUMENT_DEAD,
    "AC06": INSTRUMENT_DEAD,
    "RC01": INSTRUMENT_DEAD,
    "MD01": INSTRUMENT_DEAD,
    "MD07": INSTRUMENT_DEAD,
    "MS02": INSTRUMENT_DEAD,
    "MD06": DISPUTED,
    "AM05": DUPLICATE,
    "AG01": NOT_ALLOWED,
    "SL01": NOT_ALLOWED,
    "RR01": REGULATORY,
    "RR02": REGULATORY,
    "RR03": REGULATORY,
    "RR04": REGULATORY,
    "MD02": DATA_WRONG,
    "BE05": DATA_WRONG,
    # The debtor's bank takes no debits of this kind, or has another identifier.
    "DNOR": INSTRUMENT_DEAD,
    # Less than the least amount that was agreed.
    "AM06": NOT_ALLOWED,
}


def meaning_of(account: Account, code: str | None) -> tuple[Account, Meaning]:
    """Return what *code* means for *account*, which remembers an unspecified one."""
    if code != UNSPECIFIED:
        return account, MEANINGS.get(code, MANUAL) if code else NO_CODE
    seen = account.unspecified_returns
    account = replace(account, unspecified_returns=seen + 1)
    return account, INSTRUMENT_DEAD if seen else INSUFFICIENT_FUNDS
