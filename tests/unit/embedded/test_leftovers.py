from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.embedded import leftovers
from chatapp.embedded.child import Child
from chatapp.embedded.leftovers import end_leftovers, record

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"


@pytest.fixture
def sleeper() -> Iterator[Child]:
    child = Child("sleeper", ["sleep", "60"])
    child.start()
    yield child
    child.kill()


def test_what_was_recorded_and_still_runs_is_ended(tmp_path: Path, sleeper: Child) -> None:
    file = tmp_path / "children.json"
    record(file, [sleeper])
    assert end_leftovers(file) == 1
    assert not sleeper.is_running
    assert not file.exists()


def test_what_does_not_end_when_asked_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "PATIENCE", 0.2)
    child = Child("stubborn", [sys.executable, "-c", STUBBORN], log=tmp_path / "log")
    child.start()
    while "on" not in child.output():
        time.sleep(0.02)
    record(tmp_path / "children.json", [child])
    end_leftovers(tmp_path / "children.json")
    child.kill()  # only waits for it
    assert child.exit_status == -9


def test_another_process_that_got_the_same_number_is_left_alone(tmp_path: Path, sleeper: Child) -> None:
    file = tmp_path / "children.json"
    file.write_text(json.dumps([{"pid": sleeper.pid, "born": "another boot 12345"}]))
    assert end_leftovers(file) == 0
    assert sleeper.is_running


def test_nothing_is_left_after_an_orderly_end(tmp_path: Path) -> None:
    assert end_leftovers(tmp_path / "children.json") == 0


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"pid": 1}]', "null"])
def test_a_damaged_record_stops_no_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "children.json"
    file.write_text(text)
    assert end_leftovers(file) == 0


def test_a_process_that_has_ended_counts_as_gone(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as process:  # a zombie until it is waited for
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert leftovers._born(process.pid) is None
