"""The envelope sender of each delivery: what comes back to it says by itself what it is about."""

import hmac
import re
from dataclasses import dataclass

from services.notifications.channels.secret import Secret

_TOKEN = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})")
_SEAL_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPath:
    """``local``+token@``domain``: the token is the delivery id with a seal.

    Delivery ids follow from facts, so that somebody could guess one. Without the seal anybody who
    writes to the mailbox could have a customer's address closed. The first of the ``keys`` seals;
    the others are those before it, for what is still under way.
    """

    local: str
    domain: str
    keys: tuple[Secret, ...]

    def of(self, delivery_id: str) -> str:
        """Return the address to which the delivery comes back; *delivery_id* is a UUID."""
        token = delivery_id.replace("-", "")
        if self._named(token) != delivery_id:
            raise ValueError("a delivery id is a UUID in small letters")
        return f"{self.local}+{token}{_seal(self.keys[0], token)}@{self.domain}"

    def delivery(self, address: str) -> str | None:
        """Return the delivery that came back to *address*, if it is one of ours.

        Upper case is nothing else: some servers write an address anew.
        """
        local, _, domain = address.strip().lower().rpartition("@")
        before, _, rest = local.partition("+")
        token, seal = rest[:32], rest[32:]
        if before != self.local.lower() or domain != self.domain.lower():
            return None
        if any(hmac.compare_digest(seal.encode(), _seal(k, token).encode()) for k in self.keys):
            return self._named(token)
        return None

    @staticmethod
    def _named(token: str) -> str | None:
        found = _TOKEN.fullmatch(token)
        return "-".join(found.groups()) if found else None


def _seal(key: Secret, token: str) -> str:
    """Return 64 bits that only who has the *key* can write under *token*."""
    return hmac.digest(key.reveal(), b"return-path\x1f" + token.encode(), "sha256").hex()[
        :_SEAL_LENGTH
    ]
