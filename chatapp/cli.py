"""Commands for operators: ``flask --app wsgi user create ada@example.org``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from marshmallow import ValidationError
from pymongo.errors import PyMongoError

from chatapp.api.schemas.account import RegistrationSchema
from chatapp.container import container
from chatapp.database.diagnosis import DatabaseUnusable, reason_for
from chatapp.errors import ChatAppError
from chatapp.maintenance.check import Check

user_commands = AppGroup("user", help="Accounts.")
database_commands = AppGroup("db", help="The database.")


def register(app: Flask) -> None:
    """Adds the commands to ``app``."""
    app.cli.add_command(user_commands)
    app.cli.add_command(database_commands)
    app.cli.add_command(check)


@user_commands.command("create")
@click.argument("email")
@click.option("--name", default="", help="The person's name.")
def create_user(email: str, name: str) -> None:
    """Create an account, even if registration is closed. Prompts for the password, or reads it from stdin."""
    account = _checked(RegistrationSchema(), {"email": email, "password": _read_password(), "name": name})
    with _failing_in_one_line():
        user = container().accounts.create_account(**account)
    click.echo(f"Created the account {user.email}.")


@user_commands.command("reset-password")
@click.argument("email")
def reset_password(email: str) -> None:
    """Set a new password and sign out all devices of the account. Prompts for it, or reads it from stdin."""
    account = _checked(RegistrationSchema(only=("email", "password")), {"email": email, "password": _read_password()})
    with _failing_in_one_line():
        ended = container().accounts.reset_password(account["email"], account["password"])
    click.echo(f"{account['email']} has a new password. Devices signed out: {ended}.")


@database_commands.command("upgrade")
def upgrade_database() -> None:
    """Bring the database up to date: indexes, validators, migrations. Safe to repeat."""
    with _failing_in_one_line():
        container().upgrade_database()
    click.echo("The database is up to date.")


@click.command("check")
@with_appcontext
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
def check(repair: bool) -> None:
    """Look through all conversations for damage, also while the application is used. Exits with 1 if any is left."""
    with _failing_in_one_line():
        result = Check(container().database, click.echo).run(repair=repair)
    click.echo(f"Checked {result.conversations:,} conversations with {result.messages:,} messages.")
    if result.found:
        click.echo(f"Found: {result.found}. Mended: {result.mended}.")
    sys.exit(not result.is_well)


@contextmanager
def _failing_in_one_line() -> Iterator[None]:
    """Reports errors as one line instead of a traceback."""
    try:
        yield
    except ChatAppError as error:
        faults = [sentence for sentences in error.fields.values() for sentence in sentences]
        raise click.ClickException(" ".join(faults) or str(error)) from error
    except DatabaseUnusable as error:
        raise click.ClickException(str(error)) from error
    except PyMongoError as error:
        raise click.ClickException(reason_for(error, container().database, show_host=True)) from error


def _read_password() -> str:
    """From the terminal without echo, or from a line of stdin; never from the arguments, which other users can see."""
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\r\n")


def _checked(schema: RegistrationSchema, values: dict[str, str]) -> dict[str, Any]:
    """Validates by the same rules as the API."""
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        faults = (f"{name}: {sentences[0]}" for name, sentences in error.messages_dict.items())
        raise click.ClickException("; ".join(faults)) from error
    return loaded
