"""What is waited for, and what is not."""

from __future__ import annotations

import pytest
from bson.errors import InvalidDocument
from pymongo.errors import AutoReconnect, WriteError

from chatapp.generation import patience
from chatapp.generation.patience import NotCommitted, outlast


class Work:
    """Fails with ``error``, once or several times, then succeeds."""

    def __init__(self, error: Exception, times: int = 1) -> None:
        self.error = error
        self.times = times
        self.tries = 0

    def __call__(self) -> str:
        self.tries += 1
        if self.tries <= self.times:
            raise self.error
        return "done"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_RETRY_EVERY", 0)


@pytest.mark.parametrize("error", [AutoReconnect("away"), NotCommitted()])
def test_what_passes_is_waited_for(error: Exception) -> None:
    assert outlast(Work(error), "it") == "done"


def test_waiting_is_logged_now_and_then_and_not_at_every_try(caplog: pytest.LogCaptureFixture) -> None:
    outlast(Work(AutoReconnect("away"), times=20), "it")
    assert caplog.messages == ["it waits for the store: AutoReconnect"]


@pytest.mark.parametrize("error", [WriteError("not valid", 121), InvalidDocument("not BSON"), LookupError("a fault")])
def test_what_the_store_will_never_take_is_not_tried_again(error: Exception) -> None:
    work = Work(error)
    with pytest.raises(type(error)):
        outlast(work, "it")
    assert work.tries == 1
