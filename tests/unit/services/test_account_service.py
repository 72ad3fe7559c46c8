"""The rules of accounts, on mongomock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import mongomock
import pytest
from argon2 import PasswordHasher
from pymongo.errors import AutoReconnect

from chatapp.clock import utc_now
from chatapp.errors import Invalid, NotFound, NotOwner, RegistrationClosed, SignInNotFound, WrongCredentials
from chatapp.models.account_models import SignIn
from chatapp.repositories.sign_in_repository import SignInRepository
from chatapp.repositories.user_repository import UserRepository
from chatapp.services import account_service
from chatapp.services.account_service import AccountService
from chatapp.services.passwords import Passwords

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
FASTER_THAN_TODAYS = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)
EMAIL, PASSWORD = "ada@example.org", "correct horse"


@pytest.fixture
def database() -> Any:
    return mongomock.MongoClient(tz_aware=True)["chatapp"]


def service(database: Any, *, registration_open: bool = True, hasher: PasswordHasher = FAST) -> AccountService:
    return AccountService(
        UserRepository(database),
        SignInRepository(database),
        Passwords(hasher),
        registration_open=registration_open,
    )


def test_visitors_cannot_register_where_it_is_closed_but_an_operator_makes_accounts(database: Any) -> None:
    accounts = service(database, registration_open=False)

    with pytest.raises(RegistrationClosed):
        accounts.register(EMAIL, PASSWORD)

    assert accounts.create_account(EMAIL, PASSWORD).email == EMAIL


def test_credentials_that_belong_together_give_the_account(database: Any) -> None:
    accounts = service(database)
    made = accounts.register(EMAIL, PASSWORD)

    assert accounts.check_credentials(EMAIL, PASSWORD).id == made.id
    with pytest.raises(WrongCredentials):
        accounts.check_credentials(EMAIL, "wrong")
    with pytest.raises(WrongCredentials):
        accounts.check_credentials("nobody@example.org", PASSWORD)


def test_a_password_change_that_broke_off_half_way_is_finished_by_the_same_call(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = service(database)
    user = accounts.register(EMAIL, PASSWORD)
    here, _ = accounts.sign_in(user, remember=False, user_agent="", address="")
    _, elsewhere = accounts.sign_in(user, remember=False, user_agent="", address="")

    def away(_self: object, _user_id: str, **_but: str) -> int:
        raise AutoReconnect("connection closed")

    with monkeypatch.context() as broken:
        broken.setattr(SignInRepository, "end_all", away)
        with pytest.raises(AutoReconnect):
            accounts.change_password(here, PASSWORD, "another horse")
    accounts.change_password(here, PASSWORD, "another horse")

    assert accounts.signed_in(elsewhere)[0] is None
    with pytest.raises(Invalid):
        accounts.change_password(here, PASSWORD, "a third horse")


def test_a_reset_stores_the_new_password_before_it_signs_devices_out(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever knows the old one could sign in again between the two, and stay."""
    accounts = service(database)
    accounts.register(EMAIL, PASSWORD)
    works_meanwhile: list[bool] = []

    def look(_self: object, _user_id: str, **_but: str) -> int:
        works_meanwhile.append(bool(accounts.check_credentials(EMAIL, "another horse")))
        return 0

    monkeypatch.setattr(SignInRepository, "end_all", look)
    accounts.reset_password(EMAIL, "another horse")

    assert works_meanwhile == [True]


def test_an_unknown_email_is_answered_only_after_a_password_was_checked(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(Passwords, "matches", lambda _self, _hash, password: checked.append(password))

    with pytest.raises(WrongCredentials):
        service(database).check_credentials("nobody@example.org", PASSWORD)

    assert checked == [PASSWORD]


def test_logging_in_renews_a_hash_that_was_made_with_older_parameters(database: Any) -> None:
    old = service(database).register(EMAIL, PASSWORD)
    accounts = service(database, hasher=FASTER_THAN_TODAYS)

    renewed = accounts.check_credentials(EMAIL, PASSWORD)

    assert "m=16," in renewed.password_hash != old.password_hash
    assert accounts.account(old.id).password_hash == renewed.password_hash
    accounts.sign_in(renewed, remember=False, user_agent="", address="")


def test_a_login_that_raced_a_new_password_is_refused(database: Any) -> None:
    accounts = service(database)
    accounts.register(EMAIL, PASSWORD)
    checked_before = accounts.check_credentials(EMAIL, PASSWORD)
    accounts.reset_password(EMAIL, "another password")

    with pytest.raises(WrongCredentials):
        accounts.sign_in(checked_before, remember=False, user_agent="", address="")

    assert database["sign_ins"].count_documents({}) == 0


def test_of_two_new_passwords_at_once_the_second_is_refused(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = service(database)
    user = accounts.register(EMAIL, PASSWORD)
    sign_in, _ = accounts.sign_in(user, remember=False, user_agent="", address="")
    monkeypatch.setattr(UserRepository, "replace_password", lambda *_, **__: False)

    with pytest.raises(Invalid) as refused:
        accounts.change_password(sign_in, PASSWORD, "another password")
    assert list(refused.value.fields) == ["currentPassword"]


def test_a_new_password_that_came_meanwhile_is_not_replaced(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by another new one nor by the renewed hash of the old one."""
    accounts = service(database, hasher=FASTER_THAN_TODAYS)
    user = service(database).register(EMAIL, PASSWORD)
    sign_in, _ = accounts.sign_in(user, remember=False, user_agent="", address="")
    matches = Passwords.matches

    def change_meanwhile(passwords: Passwords, hash_: str, password: str) -> bool:
        UserRepository(database).replace_password(user.id, "changed meanwhile")
        return matches(passwords, hash_, password)

    monkeypatch.setattr(Passwords, "matches", change_meanwhile)
    accounts.check_credentials(EMAIL, PASSWORD)
    assert accounts.account(user.id).password_hash == "changed meanwhile"

    UserRepository(database).replace_password(user.id, user.password_hash)
    with pytest.raises(Invalid):
        accounts.change_password(sign_in, PASSWORD, "another password")
    assert accounts.account(user.id).password_hash == "changed meanwhile"


def test_a_device_stays_signed_in_for_30_days_if_it_is_remembered_and_else_for_7(database: Any) -> None:
    accounts = service(database)
    user = accounts.register(EMAIL, PASSWORD)
    for remember, days in ((True, 30), (False, 7)):
        sign_in, _ = accounts.sign_in(user, remember=remember, user_agent="", address="")
        assert sign_in.expires_at - sign_in.last_seen_at == timedelta(days=days)


def test_a_device_that_is_signed_out_while_it_is_seen_is_signed_out(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = service(database)
    _, token = accounts.sign_in(accounts.register(EMAIL, PASSWORD), remember=False, user_agent="", address="")
    monkeypatch.setattr(account_service, "SEEN_EVERY", timedelta(0))
    with_token = SignInRepository.with_token

    def end_after_reading(sign_ins: SignInRepository, token_hash: str, now: datetime) -> SignIn | None:
        found = with_token(sign_ins, token_hash, now)
        sign_ins.end_with_token(token_hash)
        return found

    monkeypatch.setattr(SignInRepository, "with_token", end_after_reading)
    assert accounts.signed_in(token) == (None, False)


def test_a_stream_goes_on_while_the_store_is_away_and_not_once_its_device_has_expired(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = service(database)
    user = accounts.register(EMAIL, PASSWORD)
    sign_in, _ = accounts.sign_in(user, remember=False, user_agent="", address="")
    assert accounts.is_signed_in(sign_in)
    assert len(accounts.devices(user.id, limit=10).items) == 1

    database["sign_ins"].update_one({}, {"$set": {"expiresAt": utc_now()}})
    assert not accounts.is_signed_in(sign_in)
    assert accounts.devices(user.id, limit=10).items == ()

    def away(*_: object) -> bool:
        raise AutoReconnect("away")

    monkeypatch.setattr(SignInRepository, "is_active", away)
    assert accounts.is_signed_in(sign_in)


def test_a_preference_that_is_removed_makes_room_for_another(database: Any) -> None:
    accounts = service(database)
    user = accounts.register(EMAIL, PASSWORD)
    accounts.change_account(user.id, name=None, settings={f"name{number}": 1 for number in range(100)})
    changed = accounts.change_account(user.id, name=None, settings={"name0": None, "other": 1})
    assert len(changed.settings) == 100
    with pytest.raises(Invalid):
        accounts.change_account(user.id, name=None, settings={"one more": 1})


def test_preferences_are_bounded_by_the_bytes_that_they_take(database: Any) -> None:
    accounts = service(database)
    user = accounts.register(EMAIL, PASSWORD)
    with pytest.raises(Invalid):
        accounts.change_account(user.id, name=None, settings={"long": "ü" * 100_000})
    assert accounts.account(user.id).settings == {}


def test_a_long_user_agent_is_cut(database: Any) -> None:
    accounts = service(database)

    sign_in, token = accounts.sign_in(
        accounts.register(EMAIL, PASSWORD), remember=True, user_agent="x" * 10_000, address="203.0.113.9"
    )

    assert len(sign_in.user_agent) == 400
    assert accounts.signed_in(token) == (sign_in, False)
    assert accounts.signed_in("made up") == (None, False)


def test_devices_are_ended_by_their_owner_only(database: Any) -> None:
    accounts = service(database)
    ada, eve = accounts.register(EMAIL, PASSWORD), accounts.register("eve@example.org", PASSWORD)
    device, _ = accounts.sign_in(ada, remember=False, user_agent="", address="")

    with pytest.raises(NotOwner):
        accounts.end_device(eve.id, device.id)
    with pytest.raises(SignInNotFound):
        accounts.end_device(ada.id, "malformed")
    accounts.end_device(ada.id, device.id)
    with pytest.raises(SignInNotFound):
        accounts.end_device(ada.id, device.id)


def test_an_account_that_is_gone_is_not_found(database: Any) -> None:
    accounts = service(database)

    for call in (
        lambda: accounts.account("66f1c0ffee15c0ffee15c0de"),
        lambda: accounts.change_account("66f1c0ffee15c0ffee15c0de", name="Nobody", settings=None),
        lambda: accounts.change_account("66f1c0ffee15c0ffee15c0de", name="x", settings=None, only_if=lambda _: True),
        lambda: accounts.reset_password("nobody@example.org", PASSWORD),
    ):
        with pytest.raises(NotFound):
            call()
    gone = accounts.register(EMAIL, PASSWORD)
    database["users"].delete_one({"email": EMAIL})
    with pytest.raises(WrongCredentials):
        accounts.sign_in(gone, remember=False, user_agent="", address="")
