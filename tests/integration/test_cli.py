"""The commands for those who run the server."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.database.migrations import upgrade
from tests.support.api import PASSWORD, make_app
from tests.support.server import ROOT

Documents = Database[dict[str, Any]]


def run(app: Flask, *words: str, stdin: str = "") -> Result:
    return app.test_cli_runner().invoke(args=list(words), input=stdin)


def log_in(app: Flask, email: str, password: str) -> int:
    return app.test_client().post("/api/auth/login", json={"email": email, "password": password}).status_code


def test_an_account_is_made_also_where_registration_is_closed(database: Documents) -> None:
    app = make_app(database, CHATAPP_REGISTRATION="closed")

    result = run(app, "user", "create", "Ada@Example.org", "--name", "Ada", stdin=f"{PASSWORD}\n")

    assert result.exit_code == 0
    assert result.output == "Created the account ada@example.org.\n"
    assert log_in(app, "ada@example.org", PASSWORD) == 200


def test_the_password_cannot_be_given_as_an_argument(app: Flask) -> None:
    for option in ("--password", "-p"):
        assert run(app, "user", "create", "ada@example.org", option, PASSWORD).exit_code == 2
    assert run(app, "user", "create", "ada@example.org", PASSWORD).exit_code == 2


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("no address", PASSWORD, "email: This is not an e-mail address."),
        ("ada@example.org", "short", "password: This is shorter than 8 characters."),
        ("ada@example.org", "", "password: This is shorter than 8 characters."),
    ],
)
def test_what_the_api_would_refuse_is_refused_in_one_line(
    app: Flask, database: Documents, email: str, password: str, sentence: str
) -> None:
    result = run(app, "user", "create", email, stdin=f"{password}\n")

    assert result.exit_code == 1
    assert result.output == f"Error: {sentence}\n"
    assert database["users"].count_documents({}) == 0


def test_an_email_that_is_taken_is_said_so(app: Flask, alice: FlaskClient) -> None:
    result = run(app, "user", "create", "alice@example.org", stdin=f"{PASSWORD}\n")

    assert result.exit_code == 1
    assert result.output == "Error: An account with this e-mail exists already.\n"


def test_a_reset_password_signs_every_device_out(app: Flask, alice: FlaskClient, bob: FlaskClient) -> None:
    result = run(app, "user", "reset-password", "alice@example.org", stdin="another password\n")

    assert result.exit_code == 0
    assert "another password" not in result.output
    assert alice.get("/api/auth/me").status_code == 401
    assert bob.get("/api/auth/me").status_code == 200
    assert log_in(app, "alice@example.org", PASSWORD) == 401
    assert log_in(app, "alice@example.org", "another password") == 200


def test_resetting_the_password_of_nobody_fails(app: Flask) -> None:
    result = run(app, "user", "reset-password", "nobody@example.org", stdin=f"{PASSWORD}\n")

    assert result.exit_code == 1
    assert result.output == "Error: This account does not exist.\n"


def test_the_database_is_brought_up_to_date_and_again(empty_database: Documents) -> None:
    app = make_app(empty_database)

    first, second = run(app, "db", "upgrade"), run(app, "db", "upgrade")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == "The database is up to date.\n"
    assert "email" in empty_database["users"].index_information()


def test_a_database_of_a_later_version_is_refused_in_one_line(empty_database: Documents) -> None:
    upgrade(empty_database)
    empty_database["meta"].update_one({"_id": "schema"}, {"$set": {"version": 1_000}})

    result = run(make_app(empty_database), "db", "upgrade")

    assert result.exit_code == 1
    assert result.output.startswith("Error: The database")
    assert result.output.count("\n") == 1


def test_a_mongodb_that_is_away_is_said_in_one_line() -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50) as nowhere:
        app = make_app(nowhere["chatapp"])

        results = [run(app, "db", "upgrade"), run(app, "user", "create", "ada@example.org", stdin=f"{PASSWORD}\n")]

    for result in results:
        assert result.exit_code == 1
        assert result.output.startswith("Error: MongoDB cannot be reached: 127.0.0.1:9")
        assert result.output.count("\n") == 1


def test_a_mongodb_that_refuses_is_said_in_one_line(mongodb_uri: str) -> None:
    with MongoClient[dict[str, Any]](mongodb_uri, username="nobody", password="wrong") as refusing:
        result = run(make_app(refusing["chatapp"]), "db", "upgrade")

    assert result.exit_code == 1
    assert result.output == "Error: MongoDB refuses the sign-in: the user or the password in MONGODB_URI is wrong.\n"


def test_a_wrong_setting_is_said_in_one_line() -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    environ = {**os.environ, "SECRET_KEY": "only-for-tests", "WEB_CONCURRENCY": "none"}

    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == "chatapp: WEB_CONCURRENCY is 'none', but takes a whole number from 1 to 1000.\n"


def test_the_index_of_search_is_rebuilt_and_checked(app: Flask, alice: FlaskClient, database: Documents) -> None:
    alice.post("/api/conversations/", json={"title": "needle"})

    assert run(app, "search", "check").output == "Checked 0 conversations; 1 are still to be indexed.\n"
    rebuilt = run(app, "search", "rebuild")
    database["search_entries"].delete_many({})
    damaged = run(app, "search", "check")

    assert (rebuilt.exit_code, rebuilt.stdout) == (0, "Indexed 1 conversations.\n")
    assert damaged.exit_code == 1
    assert "1 entries are missing and 0 are wrong" in damaged.output
    assert "needle" not in damaged.output
    assert run(app, "search", "rebuild").exit_code == 0
    assert run(app, "search", "check").exit_code == 0
