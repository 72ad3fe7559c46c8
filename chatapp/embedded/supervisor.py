"""Starts the parts in order, watches over them, and ends them in order."""

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

from chatapp.embedded import Interrupted
from chatapp.embedded.child import Child, Restarts
from chatapp.embedded.data_folder import (
    DataFolder,
    RunLock,
    load_credentials,
    run_lock,
    save_credentials,
    write_private,
)
from chatapp.embedded.model import EmbeddedModel
from chatapp.embedded.mongod import EmbeddedMongod
from chatapp.embedded.programs import find_mongod
from chatapp.embedded.web import WebServer, listen
from config.settings import Settings

MODEL_HEAD_START = 2.5
"""Seconds that the web server waits for the model, so that the first person to open the page finds it answering."""

WEB_GRACE = 26.0
"""Seconds: a little more than gunicorn's own limit, after which gunicorn kills its workers itself."""

PART_GRACE = 3.0
"""Seconds for MongoDB and the model together, which have nothing left to do by then."""

SLOW_MODEL_TIMEOUT = "300"
"""Seconds: with two processors the embedded model reads a full context for about a minute before its first word."""

_TICK = 0.1


class Supervisor:
    """``environ`` tells which parts are wanted, and is passed on to the web server.

    If ``parent`` is given, the application stops when that process ends.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        say: Callable[[str], None],
        options: list[str],
        parent: int | None = None,
    ) -> None:
        self._settings = settings
        self._environ = environ
        self._say = say
        self._options = options
        self._parent = parent
        self._folder = DataFolder(settings.data_dir)
        self._mongod: EmbeddedMongod | None = None
        self._model: EmbeddedModel | None = None
        self._web: WebServer | None = None
        self._told_to_stop: float | None = None
        self._impatient = False

    def run(self) -> int:
        """Returns the exit status once everything has ended.

        Raises:
            StartError: something prevents the start; nothing is left running.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._folder.prepare()
        try:
            with run_lock(self._folder, self._raise_if_stopping) as lock:
                try:
                    return self._start_and_watch(lock)
                finally:
                    with suppress(OSError):  # a full disk must not keep anything running
                        lock.announce_shutdown()
                    self._end()
        except Interrupted:
            return 0

    def _start_and_watch(self, lock: RunLock) -> int:
        started = time.monotonic()
        self._folder.disown_copies()
        pass_fds = [lock.for_children]
        web = self._web = WebServer(listen(self._settings.host, self._settings.port), self._options, pass_fds)
        lock.set_url(web.url)
        web.start()
        web.serve(self._start_parts(pass_fds))
        return self._watch(web, started)

    def _start_parts(self, pass_fds: Sequence[int]) -> dict[str, str]:
        """Starts the parts that are wanted and waits for them. Returns the variables that the web server needs."""
        env = {"CHATAPP_DATA_DIR": str(self._folder.path)}
        credentials = load_credentials(self._folder.credentials)
        if self._is_unset("MONGODB_URI"):
            credentials.mongod_program = find_mongod(self._say, credentials.mongod_program)
            save_credentials(self._folder.credentials, credentials)
            self._say("Starting MongoDB ...")
            self._mongod = EmbeddedMongod(self._folder, credentials, self._settings.mongodb_db, pass_fds)
            self._mongod.start()
        if self._is_unset("OPENAI_API_KEY") and self._is_unset("OPENAI_BASE_URL"):
            self._say("Starting the embedded model ...")
            self._model = EmbeddedModel(self._folder, credentials, pass_fds)
            self._model.child.start()
            env |= {"OPENAI_BASE_URL": self._model.base_url, "OPENAI_API_KEY": self._model.key}
            env["CHATAPP_TITLES"] = self._environ.get("CHATAPP_TITLES") or "question"  # it is too small for good ones
            env["CHATAPP_PROVIDER_TIMEOUT"] = self._environ.get("CHATAPP_PROVIDER_TIMEOUT") or SLOW_MODEL_TIMEOUT
        if self._mongod:
            self._mongod.wait(self._raise_if_stopping)
            env["MONGODB_URI"] = self._mongod.uri
            write_private(self._folder.mongodb_uri, self._mongod.uri)
        self._wait_for_model()
        return env

    def _wait_for_model(self) -> None:
        deadline = time.monotonic() + MODEL_HEAD_START
        while self._model and not self._model.is_ready() and time.monotonic() < deadline:
            self._raise_if_stopping()
            time.sleep(_TICK / 2)

    def _watch(self, web: WebServer, started: float) -> int:
        """Returns when it is told to stop or the web server has ended."""
        parts = [Restarts(part.child, part.failure, self._say) for part in (self._mongod, self._model) if part]
        announced = False
        while not self._must_stop():
            if not web.child.is_running:
                self._say(f"The web server ended with status {web.child.exit_status}; the reason is above.")
                return web.child.exit_status or 1
            if not announced and web.is_ready():
                announced = True
                self._say(f"Ready after {time.monotonic() - started:.1f} s. Open {web.url}")
            for part in parts:
                part.restart_if_ended()
            time.sleep(_TICK)
        return 0

    def _end(self) -> None:
        """First the web server, with time for running answers; then what it needed for that. Takes less than 30 s."""
        if self._web:
            self._web.close_gate()
            self._end_together([self._web.child], WEB_GRACE)
        self._end_together([part.child for part in (self._model, self._mongod) if part], PART_GRACE)
        if self._mongod:
            self._mongod.clean_up()
        self._folder.mongodb_uri.unlink(missing_ok=True)

    def _end_together(self, children: Sequence[Child], grace: float) -> None:
        """Asks them to end and kills those that still run after ``grace`` seconds."""
        for child in children:
            child.end()
        deadline = time.monotonic() + grace
        while any(child.is_running for child in children):
            if time.monotonic() > deadline or self._impatient:
                break
            time.sleep(_TICK / 2)
        for child in children:
            child.kill()

    def _is_unset(self, name: str) -> bool:
        return not self._environ.get(name, "").strip()

    def _must_stop(self) -> bool:
        """A process whose parent has ended gets another parent, on every platform."""
        return self._told_to_stop is not None or (self._parent is not None and os.getppid() != self._parent)

    def _raise_if_stopping(self) -> None:
        if self._must_stop():
            raise Interrupted

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """A second Ctrl-C skips the grace period, unless it is the same keystroke arriving twice, through make."""
        now = time.monotonic()
        if self._told_to_stop is None:
            self._told_to_stop = now
        elif number == signal.SIGINT and now - self._told_to_stop > 1:
            self._impatient = True
