"""Accounts: registering, signing in and out, one's own account, and the devices signed in to it."""

from functools import wraps
from typing import Any, cast

from flask import request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from chatapp.api import sign_in
from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.caller_address import caller_address
from chatapp.api.etags import only_if, tagged
from chatapp.api.known_device import known_device, remember_device
from chatapp.api.locations import Created, created
from chatapp.api.openapi import View, may_fail
from chatapp.api.problems import OtherUser
from chatapp.api.schemas.account import (
    AccountUpdateSchema,
    LoginSchema,
    PasswordChangeSchema,
    RegistrationSchema,
    SignInPageSchema,
    UserSchema,
)
from chatapp.api.schemas.base import PageArgs
from chatapp.api.sign_in import USER_HEADER, current_sign_in, current_user_id, refuse_other_user, signed_in
from chatapp.container import container
from chatapp.errors import (
    ChatAppError,
    EmailTaken,
    InvalidCursor,
    NotOwner,
    RegistrationClosed,
    SignInNotFound,
    Throttled,
    WrongCredentials,
    WrongPassword,
)
from chatapp.models.account_models import SignIn, User
from chatapp.models.chat_models import Page
from chatapp.services.attempt_service import PASSWORD_FAILURES, REGISTRATIONS

blueprint = ApiBlueprint("accounts", __name__, url_prefix="/api/auth", description="Accounts and signing in")


_user_schema = UserSchema()
_ABOUT_THE_BODY = (400, 408, 413, 415, 422)


def _bad_bodies_count(view: View) -> View:
    """Counts what is refused for its body among the attempts of the caller's address."""

    @wraps(view)
    def counted(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except (ChatAppError, RequestEntityTooLarge) as refusal:
            if not isinstance(refusal, ChatAppError) or refusal.status in _ABOUT_THE_BODY:
                container().attempts.count_stranger(caller_address())
            raise

    return may_fail(Throttled)(cast(View, counted))


@blueprint.route("/register", methods=["POST"])
@may_fail(EmailTaken, RegistrationClosed)
@_bad_bodies_count
@blueprint.arguments(RegistrationSchema)
@blueprint.response(201, UserSchema)
def register(body: dict[str, Any]) -> Created[User]:
    """Create an account and sign in to it.

    The sign-in ends when the browser is closed. Who may register depends on the settings of the server.
    """
    container().attempts.count(REGISTRATIONS, caller_address())
    user = container().accounts.register(**body)
    _sign_in(user, remember=False)
    return created(user, ".get_account")


@blueprint.route("/login", methods=["POST"])
@may_fail(WrongCredentials)
@_bad_bodies_count
@blueprint.arguments(LoginSchema)
@blueprint.response(200, UserSchema)
def log_in(body: dict[str, Any]) -> User:
    """Sign in.

    The answer is the same for an unknown e-mail and for a wrong password. After ten failures within five minutes a
    caller has to wait. Failures elsewhere count only on devices that have never been signed in to the account. While
    others are guessing, the answer may take three seconds.
    """
    caller = (body["email"], caller_address(), known_device(body["email"]))
    container().attempts.count_login(*caller)
    user = container().accounts.check_credentials(body["email"], body["password"])
    container().attempts.forgive_login(*caller)
    _sign_in(user, remember=body.get("remember", False))
    return user


@blueprint.route("/logout", methods=["POST"])
@may_fail(OtherUser)
@blueprint.response(204)
def log_out() -> None:
    """Sign out.

    Nothing happens if nobody is signed in.
    """
    refuse_other_user(request.headers.get(USER_HEADER))
    token = sign_in.presented_token()
    if token is not None:
        container().accounts.sign_out(token)
    sign_in.end()


@blueprint.route("/me", methods=["GET"])
@signed_in
@tagged
@blueprint.response(200, UserSchema)
def get_account() -> User:
    """Read your own account.

    This is also the way to find out whether the session cookie is still valid.
    """
    return container().accounts.account(current_user_id())


@blueprint.route("/me", methods=["PATCH"])
@signed_in
@blueprint.arguments(AccountUpdateSchema)
@tagged
@blueprint.response(200, UserSchema)
def update_account(body: dict[str, Any]) -> User:
    """Change your name or preferences.

    What is left out stays. Preferences are merged with those that are there.
    """
    return container().accounts.change_account(
        current_user_id(), name=body.get("name"), settings=body.get("settings"), only_if=only_if(_user_schema)
    )


@blueprint.route("/password", methods=["POST"])
@signed_in
@may_fail(WrongPassword, Throttled)
@blueprint.arguments(PasswordChangeSchema)
@blueprint.response(204)
def change_password(body: dict[str, Any]) -> None:
    """Change your password and sign out every other device.

    Sending the same call again, after a lost connection, does no harm.
    """
    attempts = container().attempts
    attempts.count(PASSWORD_FAILURES, current_user_id())
    container().accounts.change_password(current_sign_in(), body["current_password"], body["new_password"])
    attempts.forgive(PASSWORD_FAILURES, current_user_id())


@blueprint.route("/sessions", methods=["GET"])
@signed_in
@may_fail(InvalidCursor)
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, SignInPageSchema)
def list_sign_ins(args: dict[str, Any]) -> Page[SignIn]:
    """List the devices signed in to your account.

    The most recently seen comes first; `current` marks the device that asks.
    """
    return container().accounts.devices(current_user_id(), **args)


@blueprint.route("/sessions", methods=["DELETE"])
@signed_in
@blueprint.response(204)
def end_other_sign_ins() -> None:
    """Sign out every device except this one.

    Their next request is answered with 401, as is one that waits for an answer; their streams end within five seconds.
    """
    container().accounts.end_other_devices(current_sign_in())


@blueprint.route("/sessions/<sign_in_id>", methods=["DELETE"])
@signed_in
@may_fail(SignInNotFound, NotOwner)
@blueprint.response(204)
def end_sign_in(sign_in_id: str) -> None:
    """Sign one device out.

    It may be this one.
    """
    container().accounts.end_device(current_user_id(), sign_in_id)
    if sign_in_id == current_sign_in().id:
        sign_in.end()


def _sign_in(user: User, *, remember: bool) -> None:
    """A fresh token in a fresh session; what the cookie held before ends."""
    accounts = container().accounts
    old_token = sign_in.presented_token()
    _, token = accounts.sign_in(
        user, remember=remember, user_agent=request.user_agent.string, address=request.remote_addr or ""
    )
    if old_token is not None:
        accounts.sign_out(old_token)
    sign_in.begin(token, remember=remember)
    remember_device(user.email, path=url_for(".log_in"))
