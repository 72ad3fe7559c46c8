"""Who is calling: Flask-Login on top of the sign-ins that the server stores.

The session cookie carries a random token; ``AccountService.signed_in`` finds its record with one indexed read.
Once the record is gone, the next request is answered with 401 on every worker.

Flask-Login is given a ``request_loader`` alone. Its own session keys, which remember what the browser looked like, and
its own remember cookie, which the server could not revoke, are not used.
"""

from contextlib import ExitStack
from datetime import timedelta
from functools import wraps
from typing import Any, NoReturn, cast

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_required
from itsdangerous import BadSignature, URLSafeTimedSerializer

from chatapp.api.known_device import add_device_cookie
from chatapp.api.openapi import View, may_fail
from chatapp.api.problems import NotSignedIn, OtherUser
from chatapp.api.security import SAFE_METHODS
from chatapp.api.sub_path import sub_path
from chatapp.container import container
from chatapp.errors import TooManyStreams
from chatapp.models.account_models import SignIn

COOKIE = "chatapp_session"
USER_HEADER = "Chatapp-User"

_TOKEN = "token"  # noqa: S105 - the name of a key
_EARLIER_TOKEN = "_user_id"  # noqa: S105
"""Flask-Login's own key, where the token was kept before. Devices that were signed in then still present it there."""


class Caller(UserMixin):
    """The user behind a request, known by the sign-in alone: the account itself is read only where it is shown."""

    def __init__(self, sign_in: SignIn) -> None:
        self.sign_in = sign_in

    def get_id(self) -> str:
        """The id of the user who calls."""
        return self.sign_in.user_id


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie, Secure where the request came by HTTPS, so that plain HTTP on a laptop works as well."""

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002 - Flask's signature
        """Another application may be on the same host."""
        return sub_path() or "/"

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        return request.is_secure

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """What the cookie holds, however old it says it is.

        Its age is told by the clock of the host that signed it. When a sign-in ends, the stored record says.
        """
        serializer = cast(URLSafeTimedSerializer, self.get_signing_serializer(app))
        try:
            return self.session_class(serializer.loads(request.cookies.get(COOKIE, "")))
        except BadSignature:
            return self.session_class()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Says ``Vary: Cookie`` only where the token was read.

        Flask-Login looks into the session after every request; files that are the same for everyone would not be
        cached because of that.
        """
        session.accessed = "token_was_read" in g
        super().save_session(app, session, response)
        add_device_cookie(response)


def register(app: Flask) -> None:
    """Sign-in by cookie on ``app``; 401 is an error like any other, never a redirect."""
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # Where a request has this cookie, Flask-Login asks no request_loader. By its usual name another application
        # on the same host may have set one.
        REMEMBER_COOKIE_NAME="chatapp_unused",
    )
    app.session_interface = SessionCookie()
    manager = LoginManager()
    manager.session_protection = None  # a device stays signed in when its address changes
    manager.request_loader(_load_caller)
    manager.unauthorized_handler(_refuse)
    manager.init_app(app, add_context_processor=False)


def signed_in(view: View) -> View:
    """Allows a view only to callers who are signed in; everyone else gets 401.

    Their writes are counted, a few of their calls are worked on at a time, and their bodies may be larger than those of
    strangers.
    Place it outside the decorators that read the arguments: strangers learn nothing about those. The caller is known
    before the view runs, so a stream needs no session. A client that says in ``USER_HEADER`` which user it shows acts
    for nobody else.
    """

    @wraps(view)
    def checked(*args: Any, **options: Any) -> Any:
        if request.method not in SAFE_METHODS:
            container().limits.count_write(current_user_id())
        request.max_content_length = current_app.config["MAX_SIGNED_IN_BYTES"]
        refuse_other_user(request.headers.get(USER_HEADER))
        with ExitStack() as place:
            place.enter_context(container().limits.place(current_user_id()))
            g.place = place
            return view(*args, **options)

    return may_fail(NotSignedIn, OtherUser)(cast(View, login_required(checked)))


def leave_place() -> None:
    """Lets another call of the same user be worked on, where this one does nothing from here on but wait."""
    g.place.close()


def refuse_other_user(shown: str | None) -> None:
    """Lets a client act only for the user whose id it shows; ``None`` where it does not say whom.

    All tabs of a browser share one cookie, so a tab may still show, and send, what belongs to somebody else.

    Raises:
        OtherUser: somebody else is signed in.
    """
    if shown is not None and is_signed_in() and shown != current_user_id():
        raise OtherUser


def opens_stream(view: View) -> View:
    """Refuses to open more event streams than one user may have. Place it inside ``signed_in``.

    A stream counts from here until its answer ends: what the view waits for gives others no time to pass as well.
    """

    @wraps(view)
    def counted(*args: Any, **kwargs: Any) -> Any:
        close = container().limits.open_stream(current_user_id())
        try:
            response: Response = view(*args, **kwargs)
        except BaseException:
            close()
            raise
        response.call_on_close(close)
        return response

    return may_fail(TooManyStreams)(cast(View, counted))


def is_signed_in() -> bool:
    """Whether the caller is signed in; for views that are open to everyone."""
    return bool(current_user.is_authenticated)


def current_user_id() -> str:
    """The id of the user who calls; only where the caller is signed in."""
    return current_sign_in().user_id


def current_sign_in() -> SignIn:
    """The sign-in that the request came with; only where the caller is signed in."""
    return cast(Caller, current_user).sign_in


def begin(token: str, *, remember: bool) -> None:
    """Puts ``token`` into the caller's cookie: for 30 days where ``remember``, else until the browser closes.

    It takes effect with the next request.
    """
    session.clear()
    session.permanent = remember
    session[_TOKEN] = token


def end() -> None:
    """Takes the token out of the caller's cookie."""
    session.clear()


def presented_token() -> str | None:
    """The token in the caller's cookie, valid or not."""
    g.token_was_read = True
    token = session.get(_TOKEN) or session.get(_EARLIER_TOKEN)
    return token if isinstance(token, str) else None


def _load_caller(_request: Request) -> Caller | None:
    token = presented_token()
    if token is None:
        return None
    sign_in, prolonged = container().accounts.signed_in(token)
    if sign_in is None:
        return None
    if prolonged:
        begin(token, remember=session.permanent)  # sends the cookie again, so that it lives as long as the record
    return Caller(sign_in)


def _refuse() -> NoReturn:
    raise NotSignedIn
