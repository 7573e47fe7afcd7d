"""A mail to whoever runs this: what has stopped, and how it goes on."""

from datetime import datetime

from schemas.values import derived_id
from services.notifications.channels.mail.body import Body, Paragraph
from services.notifications.channels.mail.mailboxes import Mailbox
from services.notifications.channels.mail.message import Mail, compose
from services.notifications.channels.outcome import Sent
from services.notifications.posting.mails import SendsMail
from services.notifications.posting.standings import Standing

_WHY = {
    "": "it failed.",
    "endpoint_failed_for_days": "everything that was posted to it failed for five days.",
    "endpoint_gone": "it answered 410, which says that it wants no more.",
}


class OperatorMail:
    """Writes to the operator *to*, from the mailbox *ours*; without one nobody is written to."""

    def __init__(self, mailer: SendsMail, *, to: Mailbox | None, ours: Mailbox) -> None:
        self._mailer, self._to, self._ours = mailer, to, ours

    async def disabled(self, standing: Standing) -> bool:
        """Say that nothing is posted to an endpoint any more; return whether that is done with."""
        if self._to is None:
            return True
        assert standing.disabled_at is not None, "that is what it is about"
        content = compose(_mail(standing, standing.disabled_at, to=self._to, ours=self._ours))
        outcome = await self._mailer.send(content, to=self._to, return_path=self._ours.address)
        return isinstance(outcome, Sent)


def _mail(standing: Standing, at: datetime, *, to: Mailbox, ours: Mailbox) -> Mail:
    # The id of an endpoint may hold what no header holds: it stands in the text alone.
    name, why = standing.endpoint_id, _WHY.get(standing.reason or "", _WHY[""])
    return Mail(
        delivery_id=derived_id("endpoint_disabled", name, at.isoformat()),
        sender=ours,
        reply_to=ours,
        to=to,
        subject="duestream: an endpoint is disabled",
        body=Body(
            language="en",
            blocks=(
                Paragraph(f"Endpoint {name} is disabled since {at.isoformat()}: {why}"),
                Paragraph(
                    "Nothing is posted to it any more. When it is well again: duestream endpoints "
                    f"enable {name}, then duestream endpoints replay {name} --since ..."
                ),
            ),
        ),
        written_at=at,
    )
