"""A chat application that never loses a conversation.

Imports are inside of functions because this package is imported without Flask and MongoDB's driver, too: by the process
that watches over the embedded parts, and by gunicorn before gevent has patched the standard library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from chatapp.container import Container
    from config.settings import Settings
    from config.shared_notes import SharedNotes


def create_app(settings: Settings | None = None, parts: Container | None = None) -> Flask:
    """The Flask application. It connects to MongoDB at the first request.

    ``parts`` replaces the parts that the settings describe, for tests.

    Raises:
        SettingsError: a variable of the environment has a value that cannot be used.
    """
    from flask import Flask

    from chatapp import api, cli
    from chatapp.container import build_container
    from config.settings import load_settings

    parts = parts or build_container(settings or load_settings())
    app = Flask("chatapp", static_folder=None)
    app.config.update(
        SECRET_KEY=parts.settings.secret_key,
        MAX_CONTENT_LENGTH=16_384,  # for strangers; chatapp.api.sign_in allows more
        MAX_SIGNED_IN_BYTES=parts.settings.max_body_bytes,
        MAX_MESSAGE_CHARS=parts.settings.max_message_chars,
    )
    app.url_map.merge_slashes = False  # an empty id must not match another route
    app.url_map.strict_slashes = False  # a trailing slash is accepted; a redirect would surprise programs
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["chatapp"] = parts
    api.register(app, parts)
    cli.register(app)
    return app


def worker_started(app: Flask, *, is_first: bool, notes: SharedNotes, place: int) -> None:
    """Called when a worker starts: brings the database up to date and starts the background work.

    The worker leaves its metrics among the ``notes`` of all workers, at its ``place``.

    Raises:
        SystemExit: the database was made by a later version; the log says so.
    """
    from chatapp.startup import start

    parts = container_of(app)
    parts.metrics.share(notes, place)
    start(parts, is_first=is_first)


def worker_stopping(app: Flask, grace_seconds: float) -> None:
    """Called when a worker is told to end: it refuses new turns, and running answers have ``grace_seconds``."""
    container_of(app).background.stop(grace_seconds)


def worker_exit(app: Flask) -> None:
    """Called when a worker ends."""
    parts = container_of(app)
    parts.metrics.publish()
    parts.database.client.close()


def container_of(app: Flask) -> Container:
    """The parts of ``app``."""
    parts: Container = app.extensions["chatapp"]
    return parts
