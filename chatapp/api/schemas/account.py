"""Accounts and the devices signed in to them."""

from flask_login import current_user
from marshmallow import fields

from chatapp.api.schemas.account_fields import Email, Password, Preferences
from chatapp.api.schemas.base import ApiSchema, page_schema
from chatapp.api.schemas.examples import CREATED_AT, SEEN_AT, SIGN_IN_ID, USER_ID
from chatapp.api.schemas.fields import Flag, Moment, described
from chatapp.api.schemas.text_fields import Line

EMAIL = "ada@example.org"
PASSWORD = "correct horse battery staple"  # noqa: S105 - an example


class RegistrationSchema(ApiSchema):
    """A new account."""

    example = {"email": EMAIL, "password": PASSWORD, "name": "Ada"}

    email = Email(required=True)
    password = Password(required=True)
    name = Line(most=100, blank=True, metadata={"example": "Ada"})


class LoginSchema(ApiSchema):
    """What signing in takes."""

    example = {"email": EMAIL, "password": PASSWORD}

    email = Email(required=True)
    password = Password(least=1, required=True)
    remember = Flag(
        metadata=described("Stay signed in until 30 days pass without a visit; else until the browser is closed.", True)
    )


class AccountUpdateSchema(ApiSchema):
    """What is to be changed; what is left out stays."""

    example = {"name": "Ada", "settings": {"theme": "dark"}}

    name = Line(most=100, blank=True, metadata={"example": "Ada"})
    settings = Preferences(
        metadata=described(
            "Replaces the preferences that it names and keeps the others; null removes one.", {"theme": "dark"}
        )
    )


class PasswordChangeSchema(ApiSchema):
    """The old password and the new one."""

    example = {"currentPassword": PASSWORD, "newPassword": "a longer horse battery staple"}

    current_password = Password(least=1, required=True)
    new_password = Password(required=True)


class UserSchema(ApiSchema):
    """An account, as its owner sees it."""

    id = fields.String(required=True, metadata={"example": USER_ID})
    email = fields.String(required=True, metadata={"example": EMAIL})
    name = fields.String(required=True, metadata={"example": "Ada"})
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    settings = fields.Dict(
        keys=fields.String(), required=True, metadata=described("The person's own preferences.", {"theme": "dark"})
    )


class SignInSchema(ApiSchema):
    """A device that is signed in."""

    id = fields.String(required=True, metadata={"example": SIGN_IN_ID})
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    last_seen_at = Moment(required=True, metadata=described("To within five minutes.", SEEN_AT))
    user_agent = fields.String(required=True, metadata={"example": "Mozilla/5.0 (X11; Linux x86_64)"})
    address = fields.String(required=True, metadata={"example": "203.0.113.9"})
    current = fields.Function(
        lambda sign_in: sign_in.id == current_user.sign_in.id,
        required=True,
        metadata={"type": "boolean", "description": "Whether it is the device that asks."},
    )


SignInPageSchema = page_schema(SignInSchema)
