"""Accounts: who may sign in, and for how long a device stays signed in."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from pymongo.errors import PyMongoError

from chatapp.clock import utc_now
from chatapp.errors import Invalid, NotFound, RegistrationClosed, WrongCredentials, WrongPassword
from chatapp.models.account_models import SignIn, User
from chatapp.models.chat_models import Condition, Page
from chatapp.models.reasons import FaultReason
from chatapp.repositories.sign_in_repository import SignInRepository
from chatapp.repositories.user_repository import UserRepository
from chatapp.services.passwords import Passwords

REMEMBERED = timedelta(days=30)
NOT_REMEMBERED = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
TOKEN_BYTES = 32
USER_AGENT_CHARS = 400
MOST_SETTINGS = 100
SETTINGS_BYTES = 200_000


class AccountService:
    """Accounts and the devices signed in to them. E-mails come in normalised."""

    def __init__(
        self, users: UserRepository, sign_ins: SignInRepository, passwords: Passwords, *, registration_open: bool
    ) -> None:
        self._users = users
        self._sign_ins = sign_ins
        self._passwords = passwords
        self._registration_open = registration_open

    def register(self, email: str, password: str, name: str = "") -> User:
        """A new account, made by a visitor.

        Raises:
            RegistrationClosed: visitors may not make accounts.
            EmailTaken: an account with this e-mail exists.
        """
        if not self._registration_open:
            raise RegistrationClosed
        return self.create_account(email, password, name)

    def create_account(self, email: str, password: str, name: str = "") -> User:
        """A new account, even if registration is closed.

        Raises:
            EmailTaken: an account with this e-mail exists.
        """
        return self._users.create(email, name, self._passwords.hash(password), utc_now())

    def check_credentials(self, email: str, password: str) -> User:
        """The account with this e-mail and password. An unknown e-mail takes as long as a wrong password.

        Raises:
            WrongCredentials: one of them is wrong. The error does not say which.
        """
        user = self._users.with_email(email)
        if user is None:
            self._passwords.matches_nobody(password)
            raise WrongCredentials
        if not self._passwords.matches(user.password_hash, password):
            raise WrongCredentials
        if self._passwords.is_outdated(user.password_hash):
            return self._rehashed(user, password)
        return user

    def _rehashed(self, user: User, password: str) -> User:
        new_hash = self._passwords.hash(password)
        if self._users.replace_password(user.id, new_hash, old_hash=user.password_hash):
            return replace(user, password_hash=new_hash)
        return user

    def account(self, user_id: str) -> User:
        """The account ``user_id``.

        Raises:
            NotFound: it is gone.
        """
        return _found(self._users.get(user_id))

    def change_account(
        self,
        user_id: str,
        *,
        name: str | None,
        settings: Mapping[str, object] | None,
        only_if: Condition[User] | None = None,
    ) -> User:
        """Changes the account, and gives it as it is then; see ``UserRepository.update``.

        Raises:
            NotFound: the account is gone.
            PreconditionFailed: ``only_if`` does not hold.
            Invalid: there would be too many settings, or they would be too large.
        """
        if settings:
            _check_size({**self.account(user_id).settings, **settings})
        return _found(self._users.update(user_id, name=name, settings=settings, only_if=only_if))

    def change_password(self, sign_in: SignIn, current: str, new: str) -> None:
        """Sets a new password and signs out every other device of the user.

        If a crash separates the two steps, the same call again completes them.

        Raises:
            WrongPassword: ``current`` is not the password.
        """
        user = self.account(sign_in.user_id)
        wrong = WrongPassword()
        if not self._passwords.matches(user.password_hash, current):
            if not self._passwords.matches(user.password_hash, new):
                raise wrong
        elif not self._users.replace_password(user.id, self._passwords.hash(new), old_hash=user.password_hash):
            raise wrong  # it was changed elsewhere meanwhile
        self._sign_ins.end_all(user.id, keep=sign_in.id)

    def reset_password(self, email: str, new: str) -> int:
        """Sets a new password without knowing the old one, signs out every device, and says how many there were.

        Raises:
            NotFound: there is no account with this e-mail.
        """
        user = _found(self._users.with_email(email))
        self._users.replace_password(user.id, self._passwords.hash(new))
        return self._sign_ins.end_all(user.id)

    def sign_in(self, user: User, *, remember: bool, user_agent: str, address: str) -> tuple[SignIn, str]:
        """Signs in a device. Gives the sign-in and the token that the device presents, which is stored nowhere.

        Raises:
            WrongCredentials: the password has changed since it was checked, which signed out all devices.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        sign_in = self._sign_ins.create(
            user.id,
            _token_hash(token),
            user_agent=user_agent[:USER_AGENT_CHARS],
            address=address,
            now=utc_now(),
            lifetime=REMEMBERED if remember else NOT_REMEMBERED,
        )
        still = self._users.get(user.id)
        if still is None or still.password_hash != user.password_hash:
            self.sign_out(token)
            raise WrongCredentials
        return sign_in, token

    def signed_in(self, token: str) -> tuple[SignIn | None, bool]:
        """The sign-in that ``token`` belongs to, and whether it has just been extended (at most every five minutes)."""
        now = utc_now()
        sign_in = self._sign_ins.with_token(_token_hash(token), now)
        if sign_in is None or now - sign_in.last_seen_at < SEEN_EVERY:
            return sign_in, False
        if not self._sign_ins.extend(sign_in, now):
            return None, False
        return sign_in, True

    def is_signed_in(self, sign_in: SignIn) -> bool:
        """Whether the sign-in is still valid. While the store is away it is: nobody can have ended it."""
        try:
            return self._sign_ins.is_active(sign_in, utc_now())
        except PyMongoError:
            return True

    def sign_out(self, token: str) -> None:
        """Ends the sign-in that ``token`` belongs to, if any."""
        self._sign_ins.end_with_token(_token_hash(token))

    def devices(self, user_id: str, *, limit: int, cursor: str | None = None) -> Page[SignIn]:
        """As ``SignInRepository.list``, of now."""
        return self._sign_ins.list(user_id, utc_now(), limit=limit, cursor=cursor)

    def end_device(self, user_id: str, sign_in_id: str) -> None:
        """Signs one device of the user out.

        Raises:
            SignInNotFound: no device has this id.
            NotOwner: the device is another user's.
        """
        self._sign_ins.end(user_id, sign_in_id)

    def end_other_devices(self, sign_in: SignIn) -> None:
        """Signs out every device of the user except this one."""
        self._sign_ins.end_all(sign_in.user_id, keep=sign_in.id)


def _check_size(settings: Mapping[str, object]) -> None:
    """Limits the settings: every answer about the account carries them, and a document has a size limit."""
    kept = {name: value for name, value in settings.items() if value is not None}
    if len(kept) > MOST_SETTINGS:
        sentence = f"There would be more than {MOST_SETTINGS} settings."
        raise Invalid.field("settings", FaultReason.TOO_MANY, sentence, MOST_SETTINGS)
    if len(json.dumps(kept, ensure_ascii=False).encode()) > SETTINGS_BYTES:
        sentence = f"All settings together would be larger than {SETTINGS_BYTES} bytes."
        raise Invalid.field("settings", FaultReason.TOO_LARGE, sentence, SETTINGS_BYTES)


def _token_hash(token: str) -> str:
    """A fast hash is as safe as a slow one here, because tokens are 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _found(user: User | None) -> User:
    if user is None:
        raise NotFound("This account does not exist.")
    return user
