"""Who is calling: Flask-Login over the sign-ins that the server keeps.

The session cookie carries a random token; ``AccountService.signed_in`` finds its record with one indexed read.
A record that is gone means 401 at the next request, on every worker.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import URLSafeTimedSerializer

from chatapp.api.openapi import apidoc_of, may_fail, with_apidoc
from chatapp.api.problems import NotSignedIn
from chatapp.container import container
from chatapp.models.account_models import SignIn

COOKIE = "chatapp_session"

View = TypeVar("View", bound=Callable[..., Any])


class Caller(UserMixin):
    """The user behind a request, known by the sign-in alone: the account itself is read only where it is shown."""

    def __init__(self, sign_in: SignIn, token: str) -> None:
        self.sign_in = sign_in
        self._token = token

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self._token


class SignInManager(LoginManager):
    """Flask-Login without its second, irrevocable cookie (``remember_token``), and without watching addresses.

    A device keeps its sign-in when its address changes, so no hash of it goes into the cookie.
    """

    def __init__(self) -> None:
        super().__init__()
        self.session_protection = None
        self._session_identifier_generator = str

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, Secure where the request came by HTTPS, so that plain HTTP on a laptop works as well."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        return request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Made once: Flask makes one for each request."""
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer


def register(app: Flask) -> None:
    """Sign-in by cookie on ``app``; 401 is an error like any other, never a redirect."""
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
    )
    app.session_interface = SessionCookie()
    manager = SignInManager()
    manager.user_loader(_load_caller)
    manager.init_app(app, add_context_processor=False)


def signed_in(view: View) -> View:
    """Only for those who are signed in; everyone else gets 401.

    Outside of what reads the arguments: a caller who is unknown learns nothing about them. Who calls is settled
    before the view runs, so that a stream needs no session.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            raise NotSignedIn
        return view(*args, **kwargs)

    apidoc = apidoc_of(view)
    apidoc.setdefault("manual_doc", {})["security"] = [{"session": []}]
    return may_fail(NotSignedIn)(with_apidoc(cast(View, guarded), apidoc))


def is_signed_in() -> bool:
    """Whether somebody is known to call, in a view for everybody."""
    return bool(current_user.is_authenticated)


def current_user_id() -> str:
    """The id of the user who calls; only where somebody is signed in."""
    return current_sign_in().user_id


def current_sign_in() -> SignIn:
    """The sign-in that the request came with; only where somebody is signed in."""
    return cast(Caller, current_user).sign_in


def begin(sign_in: SignIn, token: str, *, remember: bool) -> None:
    """Puts ``token`` into the caller's cookie: for 30 days where ``remember``, else until the browser closes."""
    session.clear()
    session.permanent = remember
    login_user(Caller(sign_in, token))


def end() -> None:
    """Takes the token out of the caller's cookie."""
    logout_user()
    session.clear()


def presented_token() -> str | None:
    """The token in the caller's cookie, valid or not."""
    token = session.get("_user_id")
    return token if isinstance(token, str) else None


def _load_caller(token: str) -> Caller | None:
    sign_in, prolonged = container().accounts.signed_in(token)
    if sign_in is None:
        return None
    if prolonged:
        session.modified = True  # sends the cookie again, so that it lives as long as the record
    return Caller(sign_in, token)
