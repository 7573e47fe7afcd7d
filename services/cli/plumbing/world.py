"""Where notifications reach the world: from the settings, or what of them is missing."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from services.cli.plumbing.failure import fail
from services.runtime.settings import Settings
from services.runtime.worker import Worker

_NEEDED = ("documents_dir", "smtp", "mail_returns_to", "mail_returns_key")


def reaching_the_world(settings: Settings) -> Worker[Any]:
    """Return notifications whose acts reach what *settings* name; say what is missing, or wrong."""
    letters = () if settings.letters_sftp else ("letters_dir",)
    for name in (*_NEEDED, *letters):
        if getattr(settings, name) is None:
            where = f"DUESTREAM_{name.upper()}, or {name} in duestream.toml"
            do = "the README has a table of all settings"
            fail("notifications do not know where the world is", where=where, do=do)
    for name in ("documents_dir", *letters):
        _make(getattr(settings, name), name)
    # What sets pages is dear to import, and no other service needs it.
    from services.notifications.outward import World, reaching

    assert settings.documents_dir, "needed"
    return reaching(
        World(
            documents=settings.documents_dir,
            mail_server=_mail_server(settings),
            returns=returns_of(settings),
            letters=_letters(settings),
            hooks=hooks_of(settings),
            now=lambda: datetime.now(UTC),  # noqa: TID251 - an act has the time of the world
        )
    )


def _letters(settings: Settings) -> Any:
    """Return what hands letters over: into a folder, or to a printer's server."""
    from services.notifications.channels.letter.handover import LetterServer
    from services.notifications.posting.letters import into_folder, to_server

    if settings.letters_sftp is None:
        assert settings.letters_dir is not None, "needed"
        return into_folder(settings.letters_dir)
    door, _, folder = settings.letters_sftp.partition("/")
    who, _, place = door.partition("@")
    host, _, port = place.rpartition(":")
    key, password = _key_file(settings.letters_sftp_key_file), _keys(settings.letters_sftp_password)
    assert settings.letters_sftp_known_hosts is not None, "the settings ask for it"
    return to_server(
        LetterServer(
            hostname=host.strip("[]"),
            port=int(port),
            username=who,
            known_hosts=settings.letters_sftp_known_hosts,
            folder=folder or ".",
            key=key,
            password=password[0] if password else None,
        )
    )


def _key_file(path: Path | None) -> Any:
    from services.notifications.channels.secret import Secret

    if path is None:
        return None
    try:
        return Secret(path.read_bytes())
    except (OSError, ValueError):
        do = "name a file that holds a private key, as ssh-keygen makes it"
        fail("there is no key for the printer's server", where=path, do=do)


def returns_of(settings: Settings) -> Any:
    """Return the mailbox to which mail comes back, and what seals its addresses."""
    from services.notifications.channels.mail.return_path import ReturnPath

    if settings.mail_returns_to is None or settings.mail_returns_key is None:
        where = "DUESTREAM_MAIL_RETURNS_TO and DUESTREAM_MAIL_RETURNS_KEY"
        fail("it is not said to which mailbox mail comes back", where=where, do="set them both")
    local, _, domain = settings.mail_returns_to.partition("@")
    return ReturnPath(local=local, domain=domain, keys=_keys(settings.mail_returns_key))


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
