"""How workers start, are replaced and end: idle connections at once, running requests in their own time."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chat_client import Person
from tests.support.chat_servers import Backends
from tests.support.fake_models import FOUR_SECONDS, SIX_SECONDS, TWO_SECONDS
from tests.support.processes import is_running, wait_until
from tests.support.provider import FakeProvider
from tests.support.server import ROOT, ServerProcess

SLOW_FORK = """
import time
from config.gunicorn import *
from config.gunicorn import post_fork as after_fork

def post_fork(server, worker):
    print("forked", flush=True)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        pass
    after_fork(server, worker)
"""
"""The project's configuration, with a second between the fork of a worker and its own signal handlers."""

SLOW_AFTER_AN_ANSWER = """
import time
from config.gunicorn import *
from config.request_log import RequestLog

class SlowLog(RequestLog):
    def access(self, *arguments):
        super().access(*arguments)
        time.sleep(1)

logger_class = SlowLog
"""
"""The project's configuration, with a second in which the client has its answer and the worker is not done with it."""


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def server(mongodb_uri: str, provider: FakeProvider) -> Iterator[ServerProcess]:
    with Backends.on(mongodb_uri, provider).server() as server:
        yield server


def connect(server: ServerProcess) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(server.base_url.removeprefix("http://"), timeout=30)


def refuses_connections(server: ServerProcess) -> bool:
    host, port = server.base_url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def test_an_idle_connection_does_not_hold_up_the_end(server: ServerProcess) -> None:
    connection = connect(server)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    assert server.terminate() < 5
    assert "Traceback" not in server.logs
    connection.close()


def test_a_half_sent_request_does_not_hold_up_the_end(server: ServerProcess) -> None:
    host, port = server.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        time.sleep(0.2)
        assert server.terminate() < 5
    assert "Traceback" not in server.logs


def test_an_answer_that_runs_is_heard_to_its_end_while_nobody_new_is_let_in(
    server: ServerProcess, provider: FakeProvider
) -> None:
    chat = Person.register(server.base_url).start(model=SIX_SECONDS)
    with chat.stream("tell me") as stream:
        stream.until_text()
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses_connections(server))
        assert provider.running == [SIX_SECONDS]
        assert stream.rest().answer["status"] == "complete"
    wait_until(lambda: not is_running(server.pid))


def test_an_answer_that_nobody_listens_to_is_finished_before_its_worker_ends(server: ServerProcess) -> None:
    chat = Person.register(server.base_url).start(model=TWO_SECONDS)
    with chat.stream("tell me") as stream:
        stream.until_text()
    server.terminate()
    server.start()
    assert chat.history()[-1]["status"] == "complete"


def test_a_request_that_is_being_answered_is_told_to_use_another_connection_next(server: ServerProcess) -> None:
    person = Person.register(server.base_url)
    chat = person.start(model=FOUR_SECONDS)
    connection = connect(server)
    body = json.dumps({"content": "tell me"})
    headers = {"Content-Type": "application/json", "Cookie": person.cookie, "Connection": "keep-alive"}
    connection.request("POST", f"/api/chat/{chat.session_id}/message", body, headers)
    wait_until(lambda: bool(chat.header()["generation"]))
    server.signal(signal.SIGTERM)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Connection"]) == (201, "close")
    connection.close()


def test_a_request_that_is_on_its_way_at_the_end_is_answered_and_not_refused(server: ServerProcess) -> None:
    person = Person.register(server.base_url)
    chat = person.start(model="echo")
    connection = connect(server)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    worker = server.worker_pids()[0]
    os.kill(worker, signal.SIGSTOP)  # so that it sees the signal and the request at the same time
    headers = {"Content-Type": "application/json", "Cookie": person.cookie}
    message = json.dumps({"content": "hello", "id": "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"})
    path = f"/api/chat/{chat.session_id}/message"
    connection.request("POST", path, message, headers)
    os.kill(worker, signal.SIGTERM)
    os.kill(worker, signal.SIGCONT)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Connection"]) == (201, "close")
    connection.close()
    assert [entry["content"] for entry in chat.history()][:1] == ["hello"]


def test_a_connection_whose_answer_said_nothing_of_its_end_is_kept_for_the_next_request(
    mongodb_uri: str, tmp_path: Path
) -> None:
    config = tmp_path / "slow.py"
    config.write_text(SLOW_AFTER_AN_ANSWER)
    env = {"MONGODB_URI": mongodb_uri, "PYTHONPATH": str(ROOT)}
    with ServerProcess(env, workers=1, config=str(config)) as server:
        connection = connect(server)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        assert answer.headers["Connection"] == "keep-alive"
        answer.read()
        os.kill(server.worker_pids()[0], signal.SIGTERM)
        connection.request("GET", "/healthz")
        assert connection.getresponse().headers["Connection"] == "close"
        connection.close()


def test_sigterm_soon_after_a_reload_does_not_wait_for_the_workers_that_are_replaced(server: ServerProcess) -> None:
    before = server.worker_pids()
    with Person.register(server.base_url).start(model="hang-in-the-middle").stream("tell me") as stream:
        stream.until_text()
        server.signal(signal.SIGHUP)
        wait_until(lambda: bool(set(server.worker_pids()) - set(before)))
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses_connections(server))
        assert is_running(before[0]), "the answer still has its time"


def test_a_reload_replaces_the_workers_and_cuts_nobody_off(server: ServerProcess) -> None:
    before = server.worker_pids()
    person = Person.register(server.base_url)
    with person.start(model="normal").stream("tell me") as stream:
        stream.until_text()
        server.signal(signal.SIGHUP)
        wait_until(lambda: bool(server.worker_pids()) and not set(before) & set(server.worker_pids()))
        assert stream.rest().answer["status"] == "complete"
    assert person.start().say("and you?").status == 201


def test_a_worker_that_has_just_been_forked_hears_that_it_must_end(mongodb_uri: str, tmp_path: Path) -> None:
    log, config = tmp_path / "log", tmp_path / "slow_fork.py"
    config.write_text(SLOW_FORK)
    env = {**os.environ, "MONGODB_URI": mongodb_uri, "PORT": "0", "WEB_CONCURRENCY": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gunicorn", "-c", str(config), "wsgi:app"]
    with log.open("wb") as output, subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output) as master:
        wait_until(lambda: "forked" in log.read_text())
        started = time.monotonic()
        master.terminate()
        master.wait(40)
        assert time.monotonic() - started < 10


def test_a_worker_that_is_killed_is_replaced(server: ServerProcess) -> None:
    before = server.worker_pids()
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: bool(server.worker_pids()) and server.worker_pids() != before)
    assert Person.register(server.base_url).start().say("hello").status == 201


def test_workers_do_not_outlive_a_master_that_is_killed(server: ServerProcess) -> None:
    workers = server.worker_pids()
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not any(is_running(pid) for pid in workers))


def test_a_wrong_setting_stops_the_start_with_one_line(mongodb_uri: str) -> None:
    with pytest.raises(RuntimeError) as refusal, ServerProcess({"CHATAPP_ENV": "staging", "MONGODB_URI": mongodb_uri}):
        pass
    lines = [line for line in str(refusal.value).splitlines()[1:] if line]
    assert lines == ["chatapp: CHATAPP_ENV is 'staging', but takes development or production."]


def test_who_sends_headers_without_end_is_cut_off(server: ServerProcess) -> None:
    connection = connect(server)
    connection.request("GET", "/healthz", headers={"X-Long": "x" * 10_000})
    assert connection.getresponse().status == 431
    connection.close()


def test_a_syntax_error_during_development_is_shown_until_it_is_mended(mongodb_uri: str, tmp_path: Path) -> None:
    code = tmp_path / "in_development.py"
    code.write_text("from wsgi import app\n")
    env = {"MONGODB_URI": mongodb_uri, "GUNICORN_CMD_ARGS": "--reload", "PYTHONPATH": str(tmp_path)}
    with ServerProcess(env, workers=1, app="in_development:app") as server:
        code.write_text("from wsgi import app\ndef broken(:\n")
        wait_until(lambda: "def broken(:" in page_of(server))
        code.write_text("from wsgi import app\n")
        wait_until(lambda: page_of(server) == '{"status":"ok"}')


def page_of(server: ServerProcess) -> str:
    connection = connect(server)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read().decode().strip()
    except OSError:  # between two workers
        return ""
    finally:
        connection.close()
