"""Endpoints: where a webhook may go, by its URL alone."""

import re
from dataclasses import dataclass

from yarl import URL

from services.notifications.channels.secret import Secret

_WRITTEN = re.compile(r"https://[!#-;=?-\[\]_a-z~]{1,2000}")
# A last label of digits is an address to resolvers, whatever base it is written in.
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
_DOTTED = re.compile(
    r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}"
)


class EndpointRefused(ValueError):
    """No URL that anything is posted to; the message says why, not what it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where events are posted, and with which keys they are signed, the newest first.

    ``timeout_s`` bounds a whole attempt. Raises EndpointRefused.
    """

    url: str
    keys: tuple[Secret, ...]
    timeout_s: int = 15

    def __post_init__(self) -> None:
        parsed(self.url)


def parsed(url: str) -> URL:
    """Return *url* as the library that connects reads it; raise EndpointRefused.

    HTTPS alone, in ASCII, without a user, so that no two readers disagree about its host. An
    address is written in its one usual form: 127.1, 0x7f.1 and 2130706433 are refused here. What
    it leads to is checked where it is connected (egress.py), as a name may lead anywhere.
    """
    if not _WRITTEN.fullmatch(url):
        raise EndpointRefused("an endpoint is https:// and at most 2,000 characters of a URL")
    try:
        found = URL(url)
        host = found.host
    except ValueError:
        raise EndpointRefused("an endpoint is a URL") from None
    if not host or found.user is not None or found.password is not None or found.fragment:
        raise EndpointRefused("an endpoint has a host, and neither user nor fragment")
    if not _is_host(found.raw_host or host):
        raise EndpointRefused("the labels of a host are of 1 to 63 characters")
    last = host.rstrip(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last) and not _DOTTED.fullmatch(host):
        raise EndpointRefused("an address is written as four numbers")
    return found


def _is_host(host: str) -> bool:
    """Say whether resolvers take *host* for a question at all: others raise, as for no answer."""
    labels = host.removesuffix(".").split(".")
    return ":" in host or all(1 <= len(label) <= 63 for label in labels)
