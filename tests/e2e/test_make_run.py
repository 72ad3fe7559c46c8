"""The first minutes with the application: one command, a conversation, a crash, the same conversation."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatapp.embedded.data_folder import load_credentials
from tests.support.application import MAKE_RUN, Application
from tests.support.chat_client import Person
from tests.support.processes import children, command_line, is_running, wait_until
from tests.support.server import OWN_VARIABLES, ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

Start = Callable[..., Application]


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Start]:
    """Creates applications on the data folder of the test, and ends them."""
    made: list[Application] = []

    def make(**options: object) -> Application:
        made.append(Application(tmp_path, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.clean_up()


def test_a_conversation_is_whole_after_everything_was_killed(application: Start) -> None:
    first = application(command=MAKE_RUN)
    first.start()
    chat = Person.register(first.base_url).start()
    reply = chat.say("Say hello.")
    assert reply.status == 201
    assert reply.answer["status"] == "complete"
    assert reply.answer["content"]
    assert chat.header()["title"] == "Say hello."  # the embedded model is not asked for a title
    before = chat.history()
    pids = first.pids()
    assert len(pids) >= 6  # make, the supervisor, gunicorn, two workers, MongoDB, the model
    first.kill()
    wait_until(lambda: not any(is_running(pid) for pid in pids))

    second = application(command=MAKE_RUN)
    second.start()
    again = chat.at(second.base_url)
    assert again.history() == before
    assert again.say("And again.").answer["status"] == "complete"
    assert len(again.history()) == 4


def test_sigterm_ends_everything_in_time(application: Start) -> None:
    app = application(command=MAKE_RUN)
    app.start()
    pids = app.pids()
    assert app.terminate() < 30
    assert not any(is_running(pid) for pid in pids)


def test_a_running_answer_may_finish_before_everything_ends(application: Start) -> None:
    app = application()
    app.start()
    chat = Person.register(app.base_url).start()
    with chat.stream("Tell me a long story about the sea.") as stream:
        stream.until_text()
        app.process.send_signal(signal.SIGTERM)
        answer = stream.rest().answer
    assert answer["status"] in {"complete", "interrupted"}
    assert app.ends_with() == 0
    app.start()
    assert chat.at(app.base_url).history()[-1]["content"] == answer["content"]


def test_a_second_start_on_the_same_data_says_so_and_harms_nothing(application: Start) -> None:
    first, second = application(), application()
    first.start()
    pids = first.pids()
    second.launch()
    assert second.ends_with() == 1
    assert second.output == (
        f"chatapp: It is already running at {first.base_url} (process {first.process.pid}), on the data in "
        f"{first.data}. Stop it first, or set CHATAPP_DATA_DIR to another folder.\n"
    )
    assert first.pids() == pids
    assert Person.register(first.base_url).start().history() == []


def test_a_port_that_is_taken_is_reported(application: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        app = application(port=port)
        app.launch()
        assert app.ends_with() == 1
    assert app.output == (
        f"chatapp: Port {port} on 127.0.0.1 is taken by another program. Stop that, or set PORT to another port.\n"
    )


def test_a_wrong_setting_stops_the_start_with_one_line(application: Start) -> None:
    app = application(env={"WEB_CONCURRENCY": "many"})
    app.launch()
    assert app.ends_with() == 2
    assert app.output == "chatapp: WEB_CONCURRENCY is 'many', but takes a whole number from 1 to 1000.\n"


@pytest.mark.parametrize("suitable", [True, False], ids=["short path", "long path"])
def test_a_flask_command_finds_the_database_of_the_application_that_runs(suitable: bool, application: Start) -> None:
    """The socket of MongoDB is in the data directory, or in a temporary folder if the path is too long."""
    with tempfile.TemporaryDirectory(prefix="chatapp-e2e-", dir="/tmp") as short:
        data = Path(short) / "data" if suitable else Path(short) / ("x" * 100)
        app = application(env={"CHATAPP_DATA_DIR": str(data)})
        app.start()
        person = Person.register(app.base_url)
        answer = flask_command(data, "user", "reset-password", person.email, stdin="another password\n")
        assert answer.returncode == 0, answer.stderr
        person.ask("GET", "/api/auth/me", expect=401)
        assert (data / "run" / "mongod.sock").exists() == suitable
        app.terminate()
        assert not list(data.rglob("*.sock"))
        assert not (data / "run" / "socket_folder").exists()


def flask_command(data: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    env |= {"CHATAPP_DATA_DIR": str(data)}
    return subprocess.run(
        command, cwd=ROOT, env=env, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_copy_of_the_data_leaves_the_original_running(application: Start) -> None:
    original = application()
    original.start()
    chat = Person.register(original.base_url).start()
    pids = original.pids()
    copy = original.data.with_name("copy")
    subprocess.run(["cp", "-a", original.data, copy], check=True)
    assert flask_command(copy, "db", "upgrade").returncode != 0  # no MongoDB runs on the copy
    second = application(env={"CHATAPP_DATA_DIR": str(copy)})
    second.launch()
    wait_until(lambda: "Open http" in second.output or second.process.poll() is not None, 60)
    assert original.pids() == pids
    assert chat.say("Still there?").status == 201
    second.clean_up()
    assert original.pids() == pids


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_outlives_the_supervisor(application: Start, number: signal.Signals) -> None:
    app = application()
    app.start()
    pids = app.pids()
    app.process.send_signal(number)
    app.ends_with()
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_everything_ends_when_make_is_killed(application: Start) -> None:
    app = application(command=MAKE_RUN)
    app.start()
    pids = app.pids()
    app.process.kill()
    app.ends_with()
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_a_start_waits_for_an_earlier_one_that_is_finishing_an_answer(application: Start) -> None:
    first, second = application(), application()
    first.start()
    chat = Person.register(first.base_url).start()
    with chat.stream("Tell me a very long story about the sea.") as stream:
        stream.until_text()
        first.process.send_signal(signal.SIGTERM)
        second.start()
        answer = stream.rest().answer
    assert chat.at(second.base_url).history()[-1]["content"] == answer["content"]


def test_a_start_right_after_a_kill_waits_for_processes_that_are_still_ending(application: Start) -> None:
    app = application()
    app.start()
    person = Person.register(app.base_url)
    for _ in range(3):
        app.process.kill()
        app.ends_with()
        app.start()
    assert person.at(app.base_url).ask("GET", "/api/auth/me")["email"] == person.email


def test_embedded_parts_that_crash_are_restarted(application: Start) -> None:
    app = application()
    app.start()
    chat = Person.register(app.base_url).start()
    parts = [pid for pid in children(app.process.pid) if "gunicorn" not in command_line(pid)]
    assert len(parts) == 2
    for pid in parts:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(children(app.process.pid)) == 3 and not set(parts) & set(children(app.process.pid)))
    assert app.output.count("Restarting it.") == 2

    def answers() -> bool:
        return chat.say("Hello?").status == 201

    wait_until(answers, 40)


def test_with_other_services_no_embedded_part_starts(application: Start, mongodb_uri: str) -> None:
    app = application(env={"MONGODB_URI": mongodb_uri, "MONGODB_DB": "chatapp_e2e", "OPENAI_API_KEY": "unused"})
    app.start()
    assert len(children(app.process.pid)) == 1
    assert not list((app.data / "mongod").iterdir())


def test_nobody_else_can_read_the_data_directory(application: Start) -> None:
    app = application()
    app.start()
    for path in (app.data, *app.data.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path} has mode {mode:o}"
    assert load_credentials(app.data / "embedded.json").mongod_password not in app.output


def test_a_later_start_repeats_no_setup(application: Start) -> None:
    app = application(command=MAKE_RUN)
    app.start()
    app.terminate()
    before, said = made(app.data), len(app.output)
    app.start()
    assert "Installing" not in app.output[said:]
    assert "Building" not in app.output[said:]
    assert made(app.data) == before


def made(data: Path) -> dict[str, int]:
    """When the things that are created only once were created: the environment, the page and the database."""
    page, database = ROOT / "chatapp/frontend/dist/.built-from", next(data.glob("**/WiredTiger"))
    once = [*ROOT.glob(".venv/.installed-*"), page, database]
    return {str(path): path.stat().st_mtime_ns for path in once}
