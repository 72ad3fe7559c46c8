"""Commands for operators: ``flask --app wsgi user create ada@example.org``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from marshmallow import ValidationError
from pymongo.database import Database
from pymongo.errors import PyMongoError

from chatapp.api.schemas.account import RegistrationSchema
from chatapp.container import container
from chatapp.database.diagnosis import DatabaseUnusable, reason_for
from chatapp.errors import ChatAppError
from chatapp.maintenance.archive import ArchiveError
from chatapp.maintenance.backup import back_up, back_up_to
from chatapp.maintenance.check import Check
from chatapp.maintenance.index_check import IndexCheck
from chatapp.maintenance.indexing import IndexBusy, rebuild
from chatapp.maintenance.restore import Restore

user_commands = AppGroup("user", help="Accounts.")
database_commands = AppGroup("db", help="The database.")
search_commands = AppGroup("search", help="The index that messages are found by.")


def register(app: Flask) -> None:
    """Adds the commands to ``app``."""
    app.cli.add_command(user_commands)
    app.cli.add_command(database_commands)
    app.cli.add_command(search_commands)
    for command in (check, backup, restore):
        app.cli.add_command(command)


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


@search_commands.command("rebuild")
def rebuild_index() -> None:
    """Index all messages anew, while they are searched. Goes on where it was interrupted."""
    with _failing_in_one_line():
        count = rebuild(container().database, partial(_show_progress, "conversations"))
    click.echo(f"Indexed {count:,} conversations.")


@search_commands.command("check")
@click.option("--repair", is_flag=True, help="Index again what is wrong.")
def check_index(repair: bool) -> None:
    """Compare the index with the history, also while the application is used. Exits with 1 if anything is wrong."""
    with _failing_in_one_line():
        index = IndexCheck(container().database, click.echo)
        result = index.run(repair=repair)
        click.echo(f"Checked {result.conversations:,} conversations; {index.waiting():,} are still to be indexed.")
    sys.exit(not result.is_well)


@click.command("check")
@with_appcontext
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
def check(repair: bool) -> None:
    """Look through all conversations for damage, also while the application is used. Exits with 1 if any is left."""
    with _failing_in_one_line():
        _check(container().database, repair=repair)


def _check(database: Database[dict[str, Any]], *, repair: bool) -> None:
    """Exits with 1 if anything is wrong afterwards."""
    result = Check(database, click.echo).run(repair=repair)
    click.echo(f"Checked {result.conversations:,} conversations with {result.messages:,} messages.")
    if result.found:
        click.echo(f"Found: {result.found}. Mended: {result.mended}.")
    sys.exit(not result.is_well)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write everything into FILE as it is at this moment, while the application is used. - is standard output."""
    from chatapp.embedded.mongod import embedded_administrator  # workers load this module, too, and never need it

    parts = container()
    with _failing_in_one_line(), embedded_administrator(parts.settings) as administrator:
        if str(file) == "-":
            count = back_up(sys.stdout.buffer, parts.database, _show_progress, administrator=administrator)
        else:
            count = back_up_to(file, parts.database, _show_progress, administrator=administrator)
    click.echo(f"Backed up {count:,} documents into {file}.", err=True)


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--into", "name", help="Restore into this database instead of MONGODB_DB.")
@with_appcontext
def restore(file: Path, name: str | None) -> None:
    """Restore the backup FILE into a database that is empty, then check it."""
    database = container().database
    if name is not None:
        database = database.client.get_database(name, codec_options=database.codec_options)
    with _failing_in_one_line(database):
        count = Restore(file, database, _show_progress).run()
        click.echo(f"Restored {count:,} documents into {database.name}. Checking them ...", err=True)
        _check(database, repair=True)


def _show_progress(collection: str, done: int, total: int) -> None:
    """On standard error: a line that is rewritten on a terminal, else one at the end of each collection."""
    if sys.stderr.isatty():
        click.echo(f"\r{collection}: {done:,} of {total:,}\x1b[K", err=True, nl=done == total)
    elif done == total:
        click.echo(f"{collection}: {done:,}", err=True)


@contextmanager
def _failing_in_one_line(database: Database[dict[str, Any]] | None = None) -> Iterator[None]:
    """Reports errors as one line instead of a traceback. ``database`` is the one that is used, if it is another one."""
    try:
        yield
    except ChatAppError as error:
        faults = [sentence for sentences in error.fields.values() for sentence in sentences]
        raise click.ClickException(" ".join(faults) or str(error)) from error
    except (DatabaseUnusable, ArchiveError, IndexBusy) as error:
        raise click.ClickException(str(error)) from error
    except PyMongoError as error:
        used = container().database if database is None else database
        raise click.ClickException(reason_for(error, used, show_host=True)) from error


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
