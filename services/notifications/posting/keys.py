"""The keys by which events are signed: in files of one folder, or in the environment."""

from collections.abc import Callable, Mapping
from pathlib import Path

from services.notifications.channels.secret import Secret, find, several

FindsKeys = Callable[[str], tuple[Secret, ...]]
# Of the environment nothing else is a key: the reference to one is data of a tenant.
KEYS_BEGIN = "WEBHOOK_KEY_"


def keys_in(folder: Path, environment: Mapping[str, str]) -> FindsKeys:
    """Return what finds keys by a reference, newest first; it raises SecretMissing.

    They are read for each event: a key that is replaced counts at once.
    """

    def keys(reference: str) -> tuple[Secret, ...]:
        found = find(reference, folder=folder, environment=environment, prefix=KEYS_BEGIN)
        return several(found)

    return keys
