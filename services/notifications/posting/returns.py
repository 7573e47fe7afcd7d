"""What came back to the mailbox, taken from it once it is said; what people wrote is left to them.

| the mail | becomes |
|----------|---------|
| a failure, its delivery proven | ``DeliveryReturned``; it closes the address where that is gone |
| a complaint, its delivery proven | ``DeliveryReturned``, which closes the address (R-121) |
| a delay | nothing: it is still tried |
| anything else, also of a machine | nothing: a person finds it unread |
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from schemas.deliveries import DeliveryReturned
from schemas.values import ContractId, DeliveryId
from services.notifications.channels.bounces import maildir, reading
from services.notifications.channels.bounces.reading import Returned
from services.notifications.channels.mail.return_path import ReturnPath

# Behind the last zone of the world: in none of them is the day still to come.
_WESTMOST = timedelta(hours=12)


class CameBack(NamedTuple):
    """A mail in the mailbox, and what it is."""

    name: str
    what: Returned
    came_at: datetime

    @property
    def delivery_id(self) -> str | None:
        """The delivery that it brings back, if it does."""
        return self.what.delivery_id if self.what.what in ("failed", "complained") else None


def new_in(folder: Path, *, return_path: ReturnPath) -> list[CameBack]:
    """Return what is new in the Maildir *folder*, a hundred at the most; raise OSError."""
    return [
        CameBack(each.name, reading.read(each.raw, return_path=return_path), each.came_at)
        for each in maildir.unread(folder)
    ]


def said_of(
    mails: Iterable[CameBack], contracts: Mapping[str, ContractId], *, at: datetime
) -> list[DeliveryReturned]:
    """Return what is said of *mails* whose delivery is known, *at* a time; once of each delivery.

    Of several the first that closes the address counts: a failure may come before a complaint. It
    is of the day on which the mail came, so that the same is said again after a crash.
    """
    found = dict[str, DeliveryReturned]()
    for mail in sorted(mails, key=lambda each: not each.what.closes_address):
        delivery_id = mail.delivery_id
        if delivery_id is None or delivery_id not in contracts or delivery_id in found:
            continue
        found[delivery_id] = DeliveryReturned(
            contract_id=contracts[delivery_id],
            delivery_id=DeliveryId(delivery_id),
            returned_on=(min(mail.came_at, at) - _WESTMOST).date(),
            reason=mail.what.status or mail.what.what,
            closes=mail.what.closes_address,
        )
    return list(found.values())


def put_away(folder: Path, mails: Iterable[CameBack], known: Iterable[str]) -> int:
    """Take *mails* from what is new in *folder*; return how many are left to people, unread.

    *known* are the deliveries of which it was said that they came back.
    """
    left, known = 0, {*known}
    for mail in mails:
        is_done = mail.what.what == "delayed" or mail.delivery_id in known
        maildir.taken(folder, mail.name, is_read=is_done)
        left += not is_done
    return left
