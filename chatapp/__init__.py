"""A chat application that never loses a conversation.

The parts are imported where they are needed: the process that watches over the embedded parts, and gunicorn before
gevent has patched the standard library, import this package without Flask and MongoDB's driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from chatapp.container import Container
    from config.settings import Settings


def create_app(settings: Settings | None = None, parts: Container | None = None) -> Flask:
    """The application, ready to answer; it connects to MongoDB when it is first asked something.

    ``parts`` takes the place of those that the settings describe; tests use it.

    Raises:
        SettingsError: the environment has a value that cannot be used.
    """
    from flask import Flask

    from chatapp import api, cli
    from chatapp.container import build_container
    from config.settings import load_settings

    parts = parts or build_container(settings or load_settings())
    app = Flask("chatapp", static_folder=None)
    app.config.update(
        SECRET_KEY=parts.settings.secret_key,
        MAX_CONTENT_LENGTH=parts.settings.max_body_bytes,
        MAX_MESSAGE_CHARS=parts.settings.max_message_chars,
    )
    app.url_map.merge_slashes = False  # an id that is empty names nothing
    app.url_map.strict_slashes = False  # a slash at the end changes nothing; a redirect would surprise programs
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["chatapp"] = parts
    api.register(app, parts)
    cli.register(app)
    return app


def worker_started(app: Flask) -> None:
    """The worker is about to answer: the database is brought up to date, and the background work begins.

    Raises:
        SystemExit: the database was made by a later version; the log says so.
    """
    from chatapp.startup import start

    start(container_of(app))


def worker_stopping(app: Flask, grace_seconds: float) -> None:
    """The worker was told to end: it takes no new turns and gives those that run ``grace_seconds``."""
    container_of(app).background.stop(grace_seconds)


def worker_exit(app: Flask) -> None:
    """The worker ends now."""
    container_of(app).database.client.close()


def container_of(app: Flask) -> Container:
    """The parts that ``app`` is made of."""
    parts: Container = app.extensions["chatapp"]
    return parts
