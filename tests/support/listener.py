"""A client that listens in the background and remembers what it had heard when."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread

from tests.support.processes import PATIENCE, wait_until
from tests.support.sse import AnswerStream, Heard

LOST_SECONDS = 1.0
"""A crash may take back no more of an answer than came in so long."""


class Listener:
    """Reads a stream to its end, on a thread of its own."""

    def __init__(self, stream: AnswerStream) -> None:
        self._stream = stream
        self._times: list[tuple[float, int]] = []
        self._failure: Exception | None = None
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def heard(self) -> Heard:
        return self._stream.heard

    @property
    def broken(self) -> bool:
        """Whether the connection ended before the stream did."""
        return self._stream.broken

    @property
    def listening(self) -> bool:
        return self._thread.is_alive()

    def hang_up(self) -> None:
        """Leaves in the middle."""
        self._stream.hang_up()
        self._thread.join()

    def heard_by(self, moment: float) -> str:
        """The text that had come by a moment (monotonic seconds)."""
        length = max((length for at, length in self._times if at <= moment), default=0)
        return self.heard.text[:length]

    def wait_for(self, enough: Callable[[Heard], bool]) -> Heard:
        wait_until(lambda: enough(self.heard) or not self.listening, what="what a listener waits for")
        assert enough(self.heard), self.heard
        return self.heard

    def wait_for_text(self, length: int = 1) -> Heard:
        return self.wait_for(lambda heard: len(heard.text) >= length)

    def to_the_end(self, seconds: float = 2 * PATIENCE) -> Heard:
        """What was heard when the stream has ended, or broken."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"the stream did not end within {seconds} s: {self.heard}"
        if self._failure is not None:
            raise self._failure
        return self.heard

    def _read(self) -> None:
        try:
            with self._stream as stream:
                for event in stream:
                    stream.heard.take(event)
                    self._times.append((time.monotonic(), len(stream.heard.text)))
        except Exception as error:  # noqa: BLE001 - raised again where the listener is asked
            self._failure = error
