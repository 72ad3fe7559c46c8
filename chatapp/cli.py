"""Commands for those who run the server: ``flask --app wsgi user create ada@example.org``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from marshmallow import ValidationError
from pymongo.errors import ConnectionFailure, OperationFailure

from chatapp.api.schemas.account import RegistrationSchema
from chatapp.container import container
from chatapp.database.migrations import SchemaTooNew
from chatapp.errors import ChatAppError

user_commands = AppGroup("user", help="Accounts.")
database_commands = AppGroup("db", help="The database.")


def register(app: Flask) -> None:
    """Adds the commands to ``app``."""
    app.cli.add_command(user_commands)
    app.cli.add_command(database_commands)


@user_commands.command("create")
@click.argument("email")
@click.option("--name", default="", help="How the person is called.")
def create_user(email: str, name: str) -> None:
    """Make an account, also where registration is closed. The password is asked for, or read from stdin."""
    account = _checked(RegistrationSchema(), {"email": email, "password": _read_password(), "name": name})
    with _failing_in_one_line():
        user = container().accounts.create_account(**account)
    click.echo(f"Made the account {user.email}.")


@user_commands.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Give an account a new password and sign all its devices out. It is asked for, or read from stdin."""
    wanted = _checked(RegistrationSchema(only=("email", "password")), {"email": email, "password": _read_password()})
    with _failing_in_one_line():
        ended = container().accounts.reset_password(wanted["email"], wanted["password"])
    click.echo(f"{wanted['email']} has a new password. Devices signed out: {ended}.")


@database_commands.command("upgrade")
def upgrade_database() -> None:
    """Bring the database up to date: indexes, validators, migrations. Safe to repeat."""
    with _failing_in_one_line():
        container().upgrade_database()
    click.echo("The database is up to date.")


@contextmanager
def _failing_in_one_line() -> Iterator[None]:
    """What went wrong is said to whoever typed the command, without a trace."""
    try:
        yield
    except ChatAppError as error:
        faults = [sentence for sentences in error.fields.values() for sentence in sentences]
        raise click.ClickException(" ".join(faults) or str(error)) from error
    except SchemaTooNew as error:
        raise click.ClickException(str(error)) from error
    except ConnectionFailure as error:
        reason = str(error).partition(",")[0].partition(" (configured")[0]
        raise click.ClickException(f"MongoDB cannot be reached: {reason}") from error
    except OperationFailure as error:
        raise click.ClickException(f"MongoDB refused it: {error.details and error.details.get('errmsg')}") from error


def _read_password() -> str:
    """From the terminal without showing it, or a line of stdin; never from the arguments, which others see."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\r\n")


def _checked(schema: RegistrationSchema, values: dict[str, str]) -> dict[str, Any]:
    """What the API would take, by the API's own rules."""
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        faults = (f"{name}: {sentences[0]}" for name, sentences in error.messages_dict.items())
        raise click.ClickException("; ".join(faults)) from error
    return loaded
