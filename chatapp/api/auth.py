"""Accounts: register, log in and out, one's own account, and the devices signed in to it."""

from __future__ import annotations

from typing import Any

from flask import request

from chatapp.api import sign_in
from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.caller_address import caller_address
from chatapp.api.etags import MalformedHeader, only_if, tagged
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.account import (
    AccountChangeSchema,
    LoginSchema,
    PasswordChangeSchema,
    RegistrationSchema,
    SignInPageSchema,
    UserSchema,
)
from chatapp.api.schemas.base import PageArgs
from chatapp.api.sign_in import current_sign_in, current_user_id, signed_in
from chatapp.container import container
from chatapp.errors import (
    EmailTaken,
    Invalid,
    NotOwner,
    PreconditionFailed,
    RegistrationClosed,
    Throttled,
    WrongCredentials,
)
from chatapp.models.account_models import SignIn, User
from chatapp.models.chat_models import Page
from chatapp.services.account_service import SignInNotFound
from chatapp.services.attempt_service import LOGIN_FAILURES, LOGINS, PASSWORD_FAILURES, REGISTRATIONS

blueprint = ApiBlueprint("accounts", __name__, url_prefix="/api/auth", description="Accounts and signing in")


_user_schema = UserSchema()


@blueprint.route("/register", methods=["POST"])
@may_fail(EmailTaken, RegistrationClosed, Throttled)
@blueprint.arguments(RegistrationSchema)
@blueprint.response(201, UserSchema)
def register(body: dict[str, Any]) -> User:
    """Make an account and sign in to it."""
    container().attempts.count(REGISTRATIONS, caller_address())
    user = container().accounts.register(**body)
    _sign_in(user, remember=False)
    return user


@blueprint.route("/login", methods=["POST"])
@may_fail(WrongCredentials, Throttled)
@blueprint.arguments(LoginSchema)
@blueprint.response(200, UserSchema)
def login(body: dict[str, Any]) -> User:
    """Sign in."""
    attempts = container().attempts
    attempts.count(LOGINS, caller_address())
    attempts.count(LOGIN_FAILURES, body["email"])
    user = container().accounts.check_credentials(body["email"], body["password"])
    attempts.forgive(LOGIN_FAILURES, body["email"])
    _sign_in(user, remember=body["remember"])
    return user


@blueprint.route("/logout", methods=["POST"])
@blueprint.response(204)
def logout() -> None:
    """Sign out. It is no error not to be signed in."""
    token = sign_in.presented_token()
    if token is not None:
        container().accounts.sign_out(token)
    sign_in.end()


@blueprint.route("/me", methods=["GET"])
@signed_in
@tagged
@blueprint.response(200, UserSchema)
def read_account() -> User:
    """Read one's own account."""
    return container().accounts.account(current_user_id())


@blueprint.route("/me", methods=["PATCH"])
@signed_in
@may_fail(Invalid, PreconditionFailed, MalformedHeader)
@blueprint.arguments(AccountChangeSchema, required=False)
@tagged
@blueprint.response(200, UserSchema)
def change_account(body: dict[str, Any]) -> User:
    """Change your name or preferences."""
    return container().accounts.change_account(
        current_user_id(), name=body.get("name"), settings=body.get("settings"), only_if=only_if(_user_schema)
    )


@blueprint.route("/password", methods=["POST"])
@signed_in
@may_fail(Invalid, Throttled)
@blueprint.arguments(PasswordChangeSchema)
@blueprint.response(204)
def change_password(body: dict[str, Any]) -> None:
    """Change one's password and sign out every other device."""
    attempts = container().attempts
    attempts.count(PASSWORD_FAILURES, current_user_id())
    container().accounts.change_password(current_sign_in(), body["current_password"], body["new_password"])
    attempts.forgive(PASSWORD_FAILURES, current_user_id())


@blueprint.route("/sessions", methods=["GET"])
@signed_in
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, SignInPageSchema)
def list_devices(args: dict[str, Any]) -> Page[SignIn]:
    """List the devices signed in to one's account, the last seen first."""
    return container().accounts.devices(current_user_id(), **args)


@blueprint.route("/sessions", methods=["DELETE"])
@signed_in
@blueprint.response(204)
def end_other_devices() -> None:
    """Sign out every device but this one."""
    container().accounts.end_other_devices(current_sign_in())


@blueprint.route("/sessions/<sign_in_id>", methods=["DELETE"])
@signed_in
@may_fail(SignInNotFound, NotOwner)
@blueprint.response(204)
def end_device(sign_in_id: str) -> None:
    """Sign one device out."""
    sign_in_id = sign_in_id.lower()
    container().accounts.end_device(current_user_id(), sign_in_id)
    if sign_in_id == current_sign_in().id:
        sign_in.end()


def _sign_in(user: User, *, remember: bool) -> None:
    """A fresh token in a fresh session; what the cookie held before ends."""
    accounts = container().accounts
    old_token = sign_in.presented_token()
    _, token = accounts.sign_in(
        user,
        remember=remember,
        user_agent=request.user_agent.string,
        address=request.remote_addr or "",
    )
    if old_token is not None:
        accounts.sign_out(old_token)
    sign_in.begin(token, remember=remember)
