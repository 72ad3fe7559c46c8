"""Fail points do nothing unless they are armed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from chatapp import failpoints


def run(code: str, armed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from chatapp.failpoints import reach\n{code}"],
        env={**os.environ, "CHATAPP_FAILPOINTS": armed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unarmed_point_does_nothing() -> None:
    failpoints.reach("nowhere")


def test_an_armed_point_runs_its_action_inside_the_block_only() -> None:
    ran: list[int] = []

    with failpoints.armed("here", lambda: ran.append(1)):
        failpoints.reach("here")
        failpoints.reach("elsewhere")
    failpoints.reach("here")

    assert ran == [1]


def test_kill_ends_the_process_at_the_named_time() -> None:
    done = run("for n in range(5):\n    print(n, flush=True)\n    reach('a')", "other=kill, a=kill@3")

    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["0", "1", "2"]


def test_wait_waits() -> None:
    failpoints.arm_from("slow=wait:0.2")
    began = time.monotonic()
    failpoints.reach("slow")
    failpoints._armed.clear()

    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("text", ["a=explode", "a=", "a=wait:soon"])
def test_an_unknown_action_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        failpoints.arm_from(text)
