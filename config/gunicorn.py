"""Gunicorn's configuration: ``gunicorn -c config/gunicorn.py wsgi:app``."""

import os
import sys
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.connections import MOST_PER_ADDRESS
from config.master import ChatMaster
from config.preload import avoid_system_proxies, import_libraries, parse_as_driver
from config.processes import end_with_parent, raise_file_limit
from config.request_log import take_application_log
from config.settings import SettingsError, load_settings
from config.shared_notes import SharedNotes
from config.start_gate import wait_at_gate


def _complain(error: SettingsError) -> NoReturn:
    print(f"chatapp: {error}", file=sys.stderr, flush=True)  # noqa: T201 - one line, not a log entry
    sys.exit(2)


try:
    _settings = load_settings()
except SettingsError as error:
    _complain(error)

avoid_system_proxies()
for _name in ("PROMETHEUS_MULTIPROC_DIR", "prometheus_multiproc_dir"):
    os.environ.pop(_name, None)  # prometheus_client would count in files there; a full disk would end the workers

wsgi_app = "wsgi:app"
proc_name = "chatapp"
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
# chatapp.embedded passes on a socket that it has already bound.
bind = f"fd://{os.environ['CHATAPP_LISTEN_FD']}" if "CHATAPP_LISTEN_FD" in os.environ else f"{_host}:{_settings.port}"
workers = _settings.workers
worker_class = "config.worker.ChatWorker"
# Most are open streams, which mostly wait. Answers need connections to the provider, and all to MongoDB.
worker_connections = min(10_000, max(100, raise_file_limit() - _settings.answers_per_worker - 300))
preload_app = False  # pymongo's client must be created after the fork
timeout = 30
graceful_timeout = 25
keepalive = 30
limit_request_line = 8190
limit_request_fields = 64
# Only the application's ProxyFix decides which proxies to trust (CHATAPP_TRUSTED_PROXIES).
forwarded_allow_ips = ""
control_socket_disable = True
# The heartbeat is a file. On a busy disk a worker could seem dead, so the file is kept in memory if the system has a
# folder for that (macOS has none), else in the folder for temporary files.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - unlinked at once
logger_class = "config.request_log.RequestLog"
loglevel = _settings.log_level
accesslog = "-" if _settings.request_log else None


def on_starting(server: Any) -> None:
    server.__class__ = ChatMaster  # gunicorn has a setting for the class of its workers, but none for this one
    server.notes = SharedNotes(places=3 * workers + 16)  # while they are replaced there are twice as many


def when_ready(server: Any) -> None:
    """The socket exists, but no worker does."""
    import_libraries(may_change=server.cfg.reload)
    try:
        parse_as_driver(_settings.mongodb_uri)
    except SettingsError as error:
        _complain(error)
    wait_at_gate()


def pre_fork(server: Any, worker: Any) -> None:
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in count() if place not in taken)


def post_fork(server: Any, worker: Any) -> None:
    end_with_parent(worker.ppid)
    worker.master = server
    # All that comes through a proxy comes from its address. It has to limit its own clients.
    worker.most_per_address = None if _settings.trusted_proxies else MOST_PER_ADDRESS
    take_application_log(worker.log)


def post_worker_init(worker: Any) -> None:
    from chatapp import worker_started

    if worker.application is not None:
        worker_started(worker.application, is_first=worker.age == 1, notes=worker.master.notes, place=worker.place)


def worker_exit(server: Any, worker: Any) -> None:
    """Gunicorn also calls it in the master, for a worker that has already ended."""
    if os.getpid() == worker.pid and worker.application is not None:
        import chatapp

        chatapp.worker_exit(worker.application)
