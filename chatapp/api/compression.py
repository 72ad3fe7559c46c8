"""Compresses JSON, and answers 304 where the client has what would be sent (RFC 9110, sections 8.4, 12.5.3 and 13.1.2).

Event streams stay as they are: a coder would hold their events back, and cost each of hundreds of streams its memory.

Compression can betray a secret that stands beside text which an attacker chooses (BREACH): the attacker makes the
victim's browser ask again and again, and watches the length of the answers. No answer here holds both: the session's
token is only in the cookie, what a request says is repeated only in answers that hold nothing else (422), and requests
from other sites come without the cookie (``SameSite=Lax``). An answer that holds a secret, such as a link that anyone
may use, says ``Cache-Control: no-transform`` and is sent as it is.
"""

import gzip
import sys
from collections.abc import Callable

from flask import Flask, Response, request

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEAST_BYTES = 1_000
"""Smaller answers fit into one packet either way."""

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, 3),
    "gzip": lambda body: gzip.compress(body, 1, mtime=0),
}
"""By preference where the client has none. The levels are those that cost a worker little: see docs/decisions/0072."""


def register(app: Flask) -> None:
    """Compresses the responses of ``app``. Register it last: hooks registered earlier then see the final response."""
    app.after_request(finish_json)


def finish_json(response: Response) -> Response:
    """Chooses the coding, gives each coding an entity tag of its own, and sends no body that the client has."""
    if response.mimetype != "application/json" or response.is_streamed or response.direct_passthrough:
        return response
    coding = _coding_for(response)
    tag, is_weak = response.get_etag()
    if tag and coding and not is_weak:
        tag = f"{tag}-{coding}"
        response.set_etag(tag)
    if tag and _is_known(response, tag):
        response.status_code = 304
    elif coding:
        response.set_data(CODINGS[coding](response.get_data()))
        response.content_encoding = coding
    return response


def _coding_for(response: Response) -> str | None:
    """The coding that the client prefers; ``None`` to send the body as it is, also where the client says nothing."""
    if (
        (response.content_length or 0) < LEAST_BYTES
        or "Content-Encoding" in response.headers
        or response.cache_control.no_transform
    ):
        return None
    response.vary.add("Accept-Encoding")
    accepted = request.accept_encodings
    best = max((*CODINGS, "identity"), key=accepted.quality)
    return best if best in CODINGS and accepted.quality(best) > 0 else None


def _is_known(response: Response, tag: str) -> bool:
    asks = request.method in ("GET", "HEAD") and response.status_code == 200
    return asks and request.if_none_match.contains_weak(tag)
