"""Gunicorn's configuration: ``gunicorn -c config/gunicorn.py wsgi:app``."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.boot_failure import leave_or_wait
from config.preload import check_mongodb_uri, import_libraries
from config.processes import end_with_parent
from config.request_log import take_application_log
from config.settings import SettingsError, load_settings
from config.start_gate import wait_at_gate


def _complain(error: SettingsError) -> NoReturn:
    print(f"chatapp: {error}", file=sys.stderr, flush=True)  # noqa: T201 - one line, not a log's
    sys.exit(2)


try:
    _settings = load_settings()
except SettingsError as error:
    _complain(error)

_own_metrics_folder = "PROMETHEUS_MULTIPROC_DIR" not in os.environ
if _own_metrics_folder:
    # Before prometheus_client is imported, which reads it once.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="chatapp-metrics-")
_metrics_folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

wsgi_app = "wsgi:app"
proc_name = "chatapp"
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
# chatapp.embedded hands over a socket that it has bound already.
bind = f"fd://{os.environ['CHATAPP_LISTEN_FD']}" if "CHATAPP_LISTEN_FD" in os.environ else f"{_host}:{_settings.port}"
workers = _settings.workers
worker_class = "config.worker.ChatWorker"
worker_connections = 10_000  # an open stream is a connection that mostly waits
preload_app = False  # pymongo's client must be made after the fork
timeout = 30
graceful_timeout = 25
keepalive = 30
limit_request_line = 8190
limit_request_fields = 64
# The application's ProxyFix alone decides whom to believe (CHATAPP_TRUSTED_PROXIES).
forwarded_allow_ips = ""
control_socket_disable = True
# The heartbeat is a file; on a disk that is busy a worker could be taken for dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a file of its own, unlinked at once
logger_class = "config.request_log.RequestLog"
loglevel = _settings.log_level
accesslog = "-" if _settings.request_log else None


def on_starting(server: Any) -> None:
    """Forgets the figures of earlier processes, unless it replaces a running one (SIGUSR2)."""
    if "GUNICORN_PID" in os.environ:
        return
    _metrics_folder.mkdir(parents=True, exist_ok=True)
    for file in _metrics_folder.glob("*.db"):
        file.unlink()


def when_ready(server: Any) -> None:
    """The socket is there, the workers are not. Where the code may change under it, each worker imports for itself."""
    if not server.cfg.reload:
        import_libraries()
    try:
        check_mongodb_uri(_settings.mongodb_uri)
    except SettingsError as error:
        _complain(error)
    wait_at_gate()


def on_exit(server: Any) -> None:
    if _own_metrics_folder:
        shutil.rmtree(_metrics_folder, ignore_errors=True)


def post_fork(server: Any, worker: Any) -> None:
    end_with_parent(worker.ppid)
    take_application_log(worker.log)


def post_worker_init(worker: Any) -> None:
    import chatapp

    if hasattr(chatapp, "worker_started"):
        try:
            chatapp.worker_started(worker.wsgi)
        except SystemExit:
            leave_or_wait(worker)
            raise


def worker_exit(server: Any, worker: Any) -> None:
    """Gunicorn calls it in the master too, for a worker that is gone already."""
    chatapp = sys.modules.get("chatapp")
    if os.getpid() == worker.pid and hasattr(worker, "wsgi") and hasattr(chatapp, "worker_exit"):
        chatapp.worker_exit(worker.wsgi)  # type: ignore[union-attr]


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
