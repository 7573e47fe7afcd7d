"""Registers JSON Schemas at a schema registry that speaks Confluent's API."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_PATIENCE_S = 20.0
_TYPE = "application/vnd.schemaregistry.v1+json"
_INCOMPATIBLE = 409
_HERE = ("127.0.0.1", "localhost", "::1")

RULES = ("FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "BACKWARD", "NONE")


class Unregistered(Exception):
    """The registry cannot be had, or says no."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a subject: the id of its schema, or why it was not taken."""

    subject: str
    schema_id: int | None
    why: str = ""


class Registry:
    """A registry at *url*, in which ``user:password@`` may stand."""

    def __init__(self, url: str) -> None:
        """Raise Unregistered where a password would go unencrypted beyond this machine."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host:
            raise Unregistered("it is no address: say http://HOST:PORT or https://HOST")
        if parts.password is not None and parts.scheme == "http" and host not in _HERE:
            raise Unregistered("a password is told over https alone")
        self._base = urlunsplit(
            (parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", "")
        )
        self._headers = {"Content-Type": _TYPE, "Accept": f"{_TYPE}, application/json"}
        if parts.username is not None:
            said = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["Authorization"] = f"Basic {base64.b64encode(said).decode()}"

    def register(self, schemas: Mapping[str, str], *, rule: str) -> Iterator[Entered]:
        """Set *rule* on each subject of *schemas*, add its schema where it is new, and say how.

        What stands there already is found again, under the same id. Raise Unregistered where
        nothing works; a schema that breaks *rule* is an outcome.
        """
        for subject, schema in schemas.items():
            name = quote(subject, safe="")
            self._ask("PUT", f"/config/{name}", {"compatibility": rule})
            body = {"schemaType": "JSON", "schema": schema}
            code, answer = self._ask("POST", f"/subjects/{name}/versions", body, also=_INCOMPATIBLE)
            if code == _INCOMPATIBLE:
                yield Entered(subject, None, str(answer.get("message", "it is incompatible")))
            else:
                yield Entered(subject, int(answer["id"]))

    def _ask(
        self, method: str, path: str, body: Mapping[str, Any], *, also: int = 200
    ) -> tuple[int, dict[str, Any]]:
        """Return code and content of an answer that is 200 or *also*; raise Unregistered."""
        data = json.dumps(body).encode()
        request = urllib.request.Request(
            self._base + path, data=data, headers=self._headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
                return 200, _read(answer.read())
        except urllib.error.HTTPError as error:
            content = _read(error.read())
            if error.code == also:
                return also, content
            why = content.get("message") or error.reason
            raise Unregistered(f"it answers {error.code} to {method} {path}: {why}") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "reason", None) or error
            raise Unregistered(str(getattr(why, "strerror", None) or why)) from None


def _read(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
