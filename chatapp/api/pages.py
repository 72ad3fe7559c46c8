"""Serves the page: one document for every address, and the files of its build."""

import json
from functools import cache
from html import escape

from flask import Blueprint, Response, abort, request, send_file
from pymongo import timeout
from pymongo.errors import PyMongoError
from werkzeug.exceptions import NotFound

from chatapp.api.errors import answer_http_error, wants_json
from chatapp.api.page_files import BuiltPage, read_page
from chatapp.api.schemas.account import UserSchema
from chatapp.api.sign_in import current_user_id, is_signed_in, presented_token
from chatapp.api.sub_path import placed, sub_path
from chatapp.container import container
from chatapp.errors import NotFound as NoAccount

blueprint = Blueprint("pages", __name__)

_user_schema = UserSchema()

ONE_YEAR = 31_536_000  # seconds; the name of a file under assets/ changes with its content
ONE_DAY = 86_400
READ_SECONDS = 0.5
"""How long the document waits for MongoDB."""

CONFIG_PLACE = '<meta name="chatapp" content="" />'
ROOT = '<div id="root"></div>'
MODULES = {
    "": ("src/app/SignedIn.tsx", "src/chat/ChatPage.tsx"),
    "c": ("src/app/SignedIn.tsx", "src/chat/ChatPage.tsx", "src/chat/Thread.tsx"),
    "starred": ("src/app/SignedIn.tsx", "src/chat/StarredPage.tsx"),
    "search": ("src/app/SignedIn.tsx", "src/search/SearchPage.tsx"),
    "settings": ("src/app/SignedIn.tsx", "src/settings/SettingsPage.tsx"),
}
"""The modules that signed-in people need, by the first part of the address."""

TITLE_FONT = "node_modules/@fontsource-variable/newsreader/files/newsreader-latin-wght-normal.woff2"
MODULE_LINK = '<link rel="modulepreload" fetchpriority="low" crossorigin href="./{}" />'
FONT_LINK = '<link rel="preload" as="font" type="font/woff2" crossorigin href="./{}" />'
NOT_BUILT = """<!doctype html><html lang="en"><title>Chatapp</title><p>The page has not been built.
Run <code>npm ci &amp;&amp; npm run build</code> in <code>chatapp/frontend</code>, then start the server again.
The API works: see <a href="./docs">its documentation</a>.</p></html>"""


@cache
def built_page() -> BuiltPage:
    """The document and what it names, read once: they only change together with the application."""
    return read_page()


@blueprint.get("/")
@blueprint.get("/login")
@blueprint.get("/register")
@blueprint.get("/search")
@blueprint.get("/settings")
@blueprint.get("/starred")
@blueprint.get("/c/<conversation_id>")
@blueprint.get("/c/<conversation_id>/m/<message_id>")
def page(**_ids: str) -> Response:
    """The document. It says who is signed in; the browser fetches everything else."""
    return _document(200)


@blueprint.get("/assets/<name>")
def asset(name: str) -> Response:
    """A file of the build, compressed where the browser accepts that."""
    return _file(ONE_YEAR, "assets", name, immutable=True)


@blueprint.get("/favicon.svg")
def icon() -> Response:
    """The icon in the browser's tab."""
    return _file(ONE_DAY, "favicon.svg", immutable=False)


@blueprint.app_errorhandler(NotFound)
def nothing_here(error: NotFound) -> Response | NotFound:
    """An unknown address: the page's own 404 for a person, JSON for a client of the API."""
    if wants_json() or request.method not in ("GET", "HEAD") or request.path.startswith("/assets/"):
        return answer_http_error(error)  # type: ignore[return-value]
    return _document(404)


def _document(status: int) -> Response:
    built = built_page()
    if built.index is None:
        return Response(placed(NOT_BUILT), 503 if status == 200 else status, mimetype="text/html")
    config = _config()
    stranger = config.get("user", ...) is None
    modules = () if stranger or status != 200 else MODULES.get(request.path.split("/")[1], ())
    preloads = _preloads(built, modules, stranger=stranger)
    meta = f'<meta name="chatapp" content="{escape(json.dumps(config))}" />'
    body = built.index.replace(CONFIG_PLACE, meta + preloads)
    if modules:
        body = body.replace(ROOT, ROOT + built.skeleton)
    response = Response(placed(body), status, mimetype="text/html")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request) if status == 200 else response  # type: ignore[return-value]


def _preloads(built: BuiltPage, modules: tuple[str, ...], *, stranger: bool) -> str:
    """Links to what the page would request a moment later. Each saves a round trip."""
    if stranger:
        return "".join(FONT_LINK.format(file) for file in built.needed_for(TITLE_FONT))
    return "".join(MODULE_LINK.format(file) for file in built.needed_for(*modules))


def _config() -> dict[str, object]:
    """What the page must know before its first request."""
    settings = container().settings
    return {
        "basePath": sub_path(),
        "maxMessageChars": settings.max_message_chars,
        "registrationOpen": settings.registration_open,
        **_user(),
    }


def _user() -> dict[str, object]:
    """The signed-in user, or null; nothing while MongoDB does not answer, so that the page requests it itself."""
    if not presented_token():
        return {"user": None}
    try:
        with timeout(READ_SECONDS):
            account = container().accounts.account(current_user_id()) if is_signed_in() else None
    except (PyMongoError, NoAccount):
        return {}
    return {"user": _user_schema.dump(account) if account else None}


def _file(seconds: int, *names: str, immutable: bool) -> Response:
    file = built_page().file(*names)
    if file is None:
        abort(404)
    coding = request.accept_encodings.best_match(file.encoded)
    response = send_file(file.encoded[coding] if coding else file.path, mimetype=file.mimetype, max_age=seconds)
    response.cache_control.public = True
    response.cache_control.immutable = immutable
    if coding:
        response.content_encoding = coding
    if file.encoded:
        response.vary.add("Accept-Encoding")
    return response
