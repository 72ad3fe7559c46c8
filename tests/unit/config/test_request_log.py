from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from config.request_log import RequestLog


@pytest.fixture
def log() -> RequestLog:
    config = Config()
    config.set("accesslog", "-")
    return RequestLog(config)


def line(log: RequestLog, caplog: pytest.LogCaptureFixture, **environ: str) -> str:
    log.access_log.addHandler(caplog.handler)
    caplog.set_level(logging.INFO)
    answer = SimpleNamespace(status="200 OK")
    log.access(answer, None, {"REMOTE_ADDR": "10.0.0.1", "REQUEST_METHOD": "GET", **environ}, timedelta(seconds=1.5))
    return caplog.messages[-1]


def test_a_line_says_who_what_and_how_long(log: RequestLog, caplog: pytest.LogCaptureFixture) -> None:
    assert line(log, caplog, PATH_INFO="/api/models") == "10.0.0.1 GET /api/models 200 1500ms"


def test_what_was_searched_for_is_not_in_it(log: RequestLog, caplog: pytest.LogCaptureFixture) -> None:
    environ = {"PATH_INFO": "/api/search", "QUERY_STRING": "q=my+secret", "RAW_URI": "/api/search?q=my+secret"}
    assert "secret" not in line(log, caplog, **environ)


def test_a_path_cannot_start_a_line_of_its_own(log: RequestLog, caplog: pytest.LogCaptureFixture) -> None:
    assert "\n" not in line(log, caplog, PATH_INFO="/\nfake line")


def test_nothing_is_written_where_it_is_switched_off(caplog: pytest.LogCaptureFixture) -> None:
    log = RequestLog(Config())
    log.access_log.addHandler(caplog.handler)
    log.access(SimpleNamespace(status="200 OK"), None, {}, timedelta())
    assert caplog.messages == []
