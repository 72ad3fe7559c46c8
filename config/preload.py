"""Imports the expensive libraries once, in gunicorn's master, for all workers.

Measured with two workers on two processors: a worker begins to answer 0.4 s after its fork instead of 2.0 s, and the
workers share the memory that the libraries take. The workers import the application's own modules themselves, so that
a reload (SIGHUP) runs the new code. They also open their own connections, which cannot be shared.
"""

import gc
import importlib
import os
import sys

from gevent import monkey

from config.mongodb_uri import unreadable

_LIBRARIES = (
    "argon2",
    "email_validator",
    "flask",
    "flask_login",
    "flask_smorest",
    "httpx2",
    "marshmallow",
    "openai",
    "prometheus_client",
    "pymongo",
    "urllib3",
)


def patch_standard_library() -> None:
    """Makes blocking calls switch to another greenlet. Must run before pymongo and ssl are imported.

    ``os`` and ``signal`` stay as they are: forking and the ends of children are up to gunicorn's master.
    """
    monkey.patch_all(os=False, signal=False)


def import_libraries(*, may_change: bool) -> None:
    """Call it in the master, when nothing else runs in it.

    Does nothing where the code ``may_change``, nor on macOS: a system library that was loaded before a fork may end
    the forked process when it is used there.
    """
    if may_change or sys.platform == "darwin":
        return
    patch_standard_library()
    for name in _LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # a collection would write to every object, and so copy the memory page that it is on


def avoid_system_proxies() -> None:
    """On macOS only the environment names proxies: asking the system for them ends a forked process (bpo-30385)."""
    if sys.platform == "darwin" and not any(name.lower().endswith("_proxy") for name in os.environ):
        os.environ["no_proxy"] = "*"


def parse_as_driver(uri: str) -> None:
    """Parses MONGODB_URI as the driver will. The error does not quote it, because there may be a password in it.

    Raises:
        SettingsError: the driver cannot parse it.
    """
    patch_standard_library()
    from pymongo.errors import PyMongoError
    from pymongo.uri_parser import parse_uri

    if uri.startswith("mongodb+srv:"):
        return  # the rest is in the DNS, which may be unavailable for a moment
    try:
        parse_uri(uri)
    except (PyMongoError, ValueError):
        raise unreadable() from None
