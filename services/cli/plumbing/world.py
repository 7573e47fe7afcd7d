"""Where notifications reach the world: from the settings, or what of them is missing."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from services.cli.plumbing.failure import fail
from services.runtime.settings import Settings
from services.runtime.worker import Worker

_NEEDED = ("documents_dir", "letters_dir", "smtp", "mail_returns_to", "mail_returns_key")


def reaching_the_world(settings: Settings) -> Worker[Any]:
    """Return notifications whose acts reach what *settings* name; say what is missing, or wrong."""
    for name in _NEEDED:
        if getattr(settings, name) is None:
            where = f"DUESTREAM_{name.upper()}, or {name} in duestream.toml"
            do = "the README has a table of all settings"
            fail("notifications do not know where the world is", where=where, do=do)
    for name in ("documents_dir", "letters_dir"):
        _make(getattr(settings, name), name)
    # What sets pages is dear to import, and no other service needs it.
    from services.notifications.channels.mail.return_path import ReturnPath
    from services.notifications.outward import World, reaching

    assert settings.documents_dir and settings.letters_dir and settings.mail_returns_to, "needed"
    local, _, domain = settings.mail_returns_to.partition("@")
    return reaching(
        World(
            documents=settings.documents_dir,
            mail_server=_mail_server(settings),
            returns=ReturnPath(local=local, domain=domain, keys=_keys(settings.mail_returns_key)),
            letters=settings.letters_dir,
            hooks=hooks_of(settings),
            now=lambda: datetime.now(UTC),  # noqa: TID251 - an act has the time of the world
        )
    )


def hooks_of(settings: Settings) -> Any:
    """Return what posting events needs to know."""
    from services.notifications.channels.mail.mailboxes import AddressRefused, mailbox
    from services.notifications.channels.webhook.egress import Egress
    from services.notifications.outward import Hooks
    from services.notifications.posting.keys import keys_in

    try:
        operator = mailbox(settings.operator_email) if settings.operator_email else None
    except AddressRefused as refused:
        do = "name one mailbox, as operator@example.org"
        fail(f"nobody can be written to: {refused}", where="DUESTREAM_OPERATOR_EMAIL", do=do)
    return Hooks(
        standings=settings.standings,
        keys=keys_in(settings.secrets_dir, os.environ),
        egress=Egress(opened=settings.webhook_networks),
        ca_file=settings.webhook_ca_file,
        operator=operator,
    )


def _mail_server(settings: Settings) -> Any:
    from services.notifications.channels.mail.sending import MailServer

    assert settings.smtp is not None, "needed"
    host, _, port = settings.smtp.rpartition(":")
    password = _keys(settings.smtp_password)
    return MailServer(
        hostname=host.strip("[]"),
        port=int(port),
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=password[0] if password else None,
        calls_itself=settings.mail_returns_to.partition("@")[2] if settings.mail_returns_to else "",
        ca_file=settings.smtp_ca_file,
    )


def _keys(said: SecretStr | None) -> tuple[Any, ...]:
    from services.notifications.channels.secret import Secret

    return (Secret(said.get_secret_value().encode()),) if said else ()


def _make(folder: Path, name: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"no files can be left: {(error.strerror or 'unknown').lower()}"
        fail(what, where=error.filename, do=f"choose another folder with DUESTREAM_{name.upper()}")
