"""Answers to what is not an HTTP request, in the form of every other error.

Gunicorn's own are pages of HTML that quote the request, and it writes the quotation into the log as well. What it
could not read may be anything: a header with a credential, or the rest of a message whose length was wrong.
"""

import json
import re
from http import HTTPStatus

from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidHeader,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.http.message import Request

_STATUSES: tuple[tuple[type[ParseException], HTTPStatus], ...] = (
    (LimitRequestLine, HTTPStatus.REQUEST_URI_TOO_LONG),
    (LimitRequestHeaders, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    (UnsupportedTransferCoding, HTTPStatus.NOT_IMPLEMENTED),
    (ExpectationFailed, HTTPStatus.EXPECTATION_FAILED),
)
_REASONS = {
    HTTPStatus.REQUEST_URI_TOO_LONG: ("uri_too_long", "The address is too long."),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: ("headers_too_large", "The request's headers are too large."),
}
_OTHER = ("bad_request", "This is not a request that can be understood.")

_HOST = re.compile(r"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]*")


def check_host(request: Request) -> None:
    """Does what gunicorn leaves out: it only refuses several hosts.

    Raises:
        InvalidHeader: the request does not say which host it is for, and must (RFC 9112, section 3.2).
    """
    hosts = [value for name, value in request.headers if name == "HOST"]
    if (not hosts and request.version >= (1, 1)) or not all(map(_HOST.fullmatch, hosts)):
        raise InvalidHeader("Host")


def refusal(error: Exception) -> bytes:
    """The whole answer, after which the connection is closed: what follows on it cannot be understood."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    reason, sentence = _REASONS.get(status, _OTHER)
    body = json.dumps({"code": int(status), "status": status.phrase, "message": sentence, "reason": reason}).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
