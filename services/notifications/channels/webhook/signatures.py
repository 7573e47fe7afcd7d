"""Signatures of webhooks (Standard Webhooks 1.0.0, scheme v1: HMAC-SHA256)."""

import base64
import binascii
import hmac
import re
from datetime import datetime

from services.notifications.channels.secret import Secret

_PREFIX = b"whsec_"
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


class KeyRefused(ValueError):
    """A secret that is no signing key; the message says nothing of it."""


def headers(
    payload: bytes, *, message_id: str, at: datetime, keys: tuple[Secret, ...]
) -> dict[str, str]:
    """Return the headers that *payload* goes with.

    ``message_id`` is the same on each attempt, so that the other side takes it once; *at*, the
    time of this attempt, is new on each, so that nobody can send an old one again. While a key is
    replaced, each of the *keys* signs. Raises KeyRefused.
    """
    if not keys:
        raise KeyRefused("without a key nothing is signed")
    if not _ID.fullmatch(message_id):
        # A dot would move the border between what is signed.
        raise ValueError("the id of a webhook is of letters, digits, - and _")
    seconds = str(int(at.timestamp()))
    said = b".".join((message_id.encode("ascii"), seconds.encode(), payload))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{_signature(said, key)}" for key in keys),
    }


def signing_key(secret: Secret) -> bytes:
    """Return the bytes that ``whsec_`` and base64 stand for: 24 to 64 of them; raise KeyRefused."""
    try:
        found = base64.b64decode(secret.reveal().removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise KeyRefused("a signing key is whsec_ and base64") from None
    if not 24 <= len(found) <= 64:
        raise KeyRefused("a signing key is of 24 to 64 bytes")
    return found


def _signature(said: bytes, key: Secret) -> str:
    return base64.b64encode(hmac.digest(signing_key(key), said, "sha256")).decode()
