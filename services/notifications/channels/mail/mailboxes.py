"""Mailboxes: an address that a mail server can be told, with the name that a reader sees."""

import re
from dataclasses import dataclass

import idna

from services.notifications.channels.mail.headers import HeaderRefused, checked

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
# The last label of a domain is never a number: else 127.0.0.1 was one.
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?=[a-z])({_LABEL})")


class AddressRefused(ValueError):
    """No address that mail can be sent to; the message says why, not what it was."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address, its domain in ASCII as RFC 5890 has it; ``name`` may stand in a header."""

    address: str
    name: str = ""


def mailbox(address: str, name: str = "") -> Mailbox:
    """Return the one mailbox at *address*; raise AddressRefused.

    The local part is ASCII without quotes (RFC 5321, "Dot-string"), so that nothing in it means
    something in a command or a list: two addresses with a comma are not one. A domain of another
    script is written with its A-labels. A local part of another script is refused: few servers
    take it.
    """
    local, at, domain = address.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        raise AddressRefused("the part before the @ is no plain one")
    written = _ascii(domain)
    if len(written) > 253 or len(local) + 1 + len(written) > 254:
        raise AddressRefused("the address is too long")
    if not _DOMAIN.fullmatch(written):
        raise AddressRefused("what follows the @ is no domain")
    try:
        return Mailbox(f"{local}@{written}", checked(name))
    except HeaderRefused as refused:
        raise AddressRefused(f"the name {refused}") from None


def _ascii(domain: str) -> str:
    """Return the domain as DNS has it (RFC 5891, after the mapping of UTS 46)."""
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise AddressRefused("what follows the @ is no domain") from None
