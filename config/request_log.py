"""One line for each request, without what people wrote or could sign in with."""

import logging
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import NoMoreData


def take_application_log(log: Logger) -> None:
    """The application's lines go where gunicorn's go, with their time, from the same level on.

    Not the libraries': on the level ``debug`` MongoDB's driver writes down whole documents.
    """
    application = logging.getLogger("chatapp")
    application.handlers = log.error_log.handlers
    application.setLevel(log.error_log.level)
    application.propagate = False


class RequestLog(Logger):
    """Gunicorn's log with a request line of its own: no query and no headers.

    It is also cheaper: gunicorn collects every header and variable of a request before it formats.
    """

    def debug(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Where a connection breaks off, gunicorn quotes what had come: headers, or what somebody wrote."""
        super().debug(msg, *(type(one).__name__ if isinstance(one, NoMoreData) else one for one in args), **kwargs)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """``resp`` and ``req`` are gunicorn's; ``request_time`` runs to the end of the answer."""
        if not self.access_log_enabled:
            return
        status = str(resp.status).partition(" ")[0] if resp is not None else "-"
        self.access_log.info(
            "%s %s %s %s %dms",
            environ.get("REMOTE_ADDR", "-"),
            environ.get("REQUEST_METHOD", "-"),
            ascii(environ.get("PATH_INFO", "-"))[1:-1],
            status,
            request_time / timedelta(milliseconds=1),
        )
