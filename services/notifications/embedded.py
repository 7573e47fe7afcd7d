"""Notifications in a run of one process: what is sent is left in a folder."""

from pathlib import Path

from services.notifications import app
from services.notifications.making.act import Maker
from services.notifications.making.storage import Storage
from services.notifications.posting.folder import FolderPost
from services.notifications.rendering.page.typesetting import press


def leaving_in(folder: Path) -> app.Service:
    """Return the service whose acts leave their results in *folder*, and send nothing."""
    storage = Storage(folder / "documents")
    maker, post = Maker(storage, press=press()), FolderPost(folder, storage)
    return app.declare(
        app.effects(
            make=lambda intent: maker.make(intent.message, intent.id),
            mail=lambda intent: post.mail(intent.message, intent.id),
            post=lambda intent: post.post(intent.message, intent.id),
            hook=lambda intent: post.hook(intent.message, intent.id),
        )
    )
