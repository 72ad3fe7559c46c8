"""The application below a path, as in ``https://example.org/chat/``.

The proxy takes the path off and says it in ``X-Forwarded-Prefix``; what the application links to then begins with it.
Flask does the same for every ``url_for``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FORM = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


def sub_path() -> str:
    """The path without a slash at its end, as in ``/chat``; empty at the top of a host."""
    return request.root_path


def placed(html: str) -> str:
    """``html`` with its links, which are relative to the application and begin with ``./``, made absolute."""
    return html.replace('"./', f'"{sub_path()}/')


def ignore_malformed(app: WSGIApplication) -> WSGIApplication:
    """``app``, which is at the top of the host if the proxy's path has no usual form."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> object:
        if not _FORM.fullmatch(environ.get("SCRIPT_NAME", "")):
            environ["SCRIPT_NAME"] = ""
        return app(environ, start_response)

    return call  # type: ignore[return-value]
