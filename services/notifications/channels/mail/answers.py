"""What the answer of a mail server means: for this mail, for the address, or for nobody but us.

| answer | where | it means |
|--------|-------|----------|
| 2xx | after the text | sent |
| 4xx | anywhere | later |
| 5xx | greeting, TLS, log-in | later: it is about us, and no customer is at fault |
| 5xx | sender | later, too; 552, 5.3.4 and 5.6.x are about this mail: refused |
| 5xx | recipient, text | refused; some statuses say that the address is gone (R-121) |
| none | before the text | later |
| none | from the text on | unknown |
"""

import re
from typing import Literal

from services.notifications.channels.outcome import Later, Outcome, Refused, Sent

Stage = Literal["session", "sender", "recipient", "text"]

_STATUS = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")
# RFC 3463 and 7505: no such mailbox, no such host, no such syntax, moved, takes no mail, disabled.
# A full mailbox (5.2.2) is none of them, nor is a policy (5.7.x).
_GONE = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}


def status_of(text: str) -> str | None:
    """Return the enhanced status code with which the *text* of an answer begins (RFC 2034)."""
    found = _STATUS.match(text)
    return found.group(1) if found else None


def is_gone(status: str | None) -> bool:
    """Say whether *status* means that nothing reaches the address any more (R-121)."""
    return status in _GONE


def judge(code: int, text: str, *, stage: Stage) -> Outcome:
    """Return what the answer *code* with its *text* means at *stage*, by the table above."""
    status = status_of(text)
    answer = f"{code} {status}" if status else str(code)
    if 200 <= code < 300:
        return Sent(answer)
    # Anything but a 5xx is no refusal for good, nonsense included.
    if not 500 <= code < 600:
        return Later("mail_server_busy", answer)
    if stage == "session" or (stage == "sender" and not _is_about_mail(code, status)):
        return Later("mail_server_refuses_us", answer)
    if is_gone(status):
        return Refused("no_such_address", answer, closes_address=True)
    return Refused("mail_refused", answer)


def _is_about_mail(code: int, status: str | None) -> bool:
    return code == 552 or status == "5.3.4" or (status or "").startswith("5.6.")
