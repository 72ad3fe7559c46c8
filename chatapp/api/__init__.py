"""HTTP: every blueprint, in one tuple.

Errors, headers and sign-in are matters of the whole application and are set up by ``register``.
"""

from flask import Flask

from chatapp.api import (
    auth,
    chat,
    compression,
    conversations,
    docs,
    errors,
    events,
    models,
    openapi,
    operations,
    pages,
    projects,
    request_metrics,
    search,
    security,
    sign_in,
    starred,
    tags,
)
from chatapp.container import Container

API_BLUEPRINTS = (
    auth.blueprint,
    conversations.blueprint,
    projects.blueprint,
    tags.blueprint,
    chat.blueprint,
    events.blueprint,
    starred.blueprint,
    models.blueprint,
    search.blueprint,
    operations.blueprint,
)
PAGE_BLUEPRINTS = (docs.blueprint, pages.blueprint)


def register(app: Flask, parts: Container) -> None:
    """Everything that answers HTTP, on ``app``."""
    request_metrics.register(app)
    security.register(app, parts.settings)
    sign_in.register(app)
    api = openapi.create_api(app, sign_in.COOKIE)
    errors.register(app)  # after it: flask-smorest handles errors of its own accord, also those of pages
    with app.app_context():  # what is documented depends on the settings
        for blueprint in API_BLUEPRINTS:
            api.register_blueprint(blueprint)
    for page in PAGE_BLUEPRINTS:
        app.register_blueprint(page)
    compression.register(app)
