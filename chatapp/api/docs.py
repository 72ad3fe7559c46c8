"""``/openapi.json``, and Swagger UI at ``/docs`` from the files of a package: nothing comes from another host."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, send_from_directory

from chatapp.api.openapi_document import document_bytes
from chatapp.api.sub_path import placed, sub_path

blueprint = Blueprint("docs", __name__)

FOLDER = Path(__file__).parent / "docs_page"
OWN_FILES = frozenset({"docs.css", "docs.js"})
SWAGGER_FILES = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
ONE_DAY = 86_400
TOP = b'[{"url": "/"}]'
"""The servers that the document names where no proxy has put the application below a path."""


@blueprint.get("/openapi.json")
def openapi_json() -> Response:
    """The OpenAPI document of what is running."""
    body = document_bytes(current_app)
    if sub_path():
        body = body.replace(TOP, json.dumps([{"url": sub_path()}]).encode(), 1)
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/docs")
def page() -> Response:
    """Swagger UI, with a form to sign in above it."""
    response = Response(placed((FOLDER / "index.html").read_text()), mimetype="text/html")
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/docs/<name>")
def asset(name: str) -> Response:
    """What the page is made of: our own script and style, the rest as the package ships it."""
    if name in OWN_FILES:
        return send_from_directory(FOLDER, name, max_age=0)
    if name not in SWAGGER_FILES:
        abort(404)
    return send_from_directory(str(files("flask_swagger_ui") / "dist"), name, max_age=ONE_DAY)
