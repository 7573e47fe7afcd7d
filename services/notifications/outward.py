"""Notifications on Kafka: acts that reach the world, as an operator's settings name it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.notifications import app
from services.notifications.channels.mail.mailboxes import Mailbox, mailbox
from services.notifications.channels.mail.return_path import ReturnPath
from services.notifications.channels.mail.sending import Mailer, MailServer
from services.notifications.channels.webhook.egress import Egress
from services.notifications.channels.webhook.sending import Poster
from services.notifications.making.act import Maker
from services.notifications.making.storage import Storage
from services.notifications.posting.attempts import Attempt
from services.notifications.posting.hooks import HookPost
from services.notifications.posting.keys import FindsKeys
from services.notifications.posting.letters import LetterPost
from services.notifications.posting.mails import MailPost
from services.notifications.posting.operator import OperatorMail
from services.notifications.posting.standings import Standings
from services.notifications.rendering.page.typesetting import press


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """Where it is noted how endpoints stand, their keys, and who hears of one that fails."""

    standings: Path
    keys: FindsKeys
    egress: Egress
    ca_file: Path | None = None
    operator: Mailbox | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where documents are kept, mail and letters are handed over, and what time it is there."""

    documents: Path
    mail_server: MailServer
    returns: ReturnPath
    letters: Path
    hooks: Hooks
    now: Callable[[], datetime]


def reaching(world: World) -> app.Service:
    """Return the service whose acts reach *world*; nothing is opened but the typesetter."""
    storage = Storage(world.documents)
    maker, letters = Maker(storage, press=press()), LetterPost(storage, folder=world.letters)
    mailer = Mailer(world.mail_server)
    hooks = _hooks(world, mailer)
    mails = MailPost(storage, mailer=mailer, returns=world.returns, now=world.now)
    return app.declare(
        app.effects(
            make=lambda intent: maker.make(intent.message, intent.id),
            mail=lambda intent: mails.mail(intent.message, _attempt(intent, world)),
            post=lambda intent: letters.post(intent.message, intent.id),
            hook=lambda intent: hooks.post(intent.message, _attempt(intent, world)),
        )
    )


def _hooks(world: World, mailer: Mailer) -> HookPost:
    told, returns = world.hooks, world.returns
    ours = mailbox(f"{returns.local}@{returns.domain}", "duestream")
    return HookPost(
        Standings(told.standings),
        poster=Poster(told.egress, ca_file=told.ca_file),
        keys=told.keys,
        tell=OperatorMail(mailer, to=told.operator, ours=ours).disabled,
        now=world.now,
    )


def _attempt(intent: Any, world: World) -> Attempt:
    return Attempt(intent.id, intent.attempt, intent.first_at or world.now())
