"""Sends requests to the provider with urllib3. Every answer can have a connection at once; none waits for another."""

import logging
import urllib.request
from collections.abc import Iterator, Mapping
from functools import partial
from http.client import HTTPResponse, RemoteDisconnected
from io import BufferedReader
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ProtocolError
from urllib3.util import make_headers, parse_url

_READ_BYTES = 65_536
_BUFFER_BYTES = 1024
"""Each running answer has such a buffer. http.client's own would have eight times as much."""

# It warns of each idle connection above its maximum, and its messages contain the provider's URL.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class _ClosedWhileIdle(ProtocolError):
    """The server had closed a connection that was kept from an earlier request."""


class _Connection(HTTPConnection):
    """Keeps the socket of the last response, which http.client gives up before the response is read."""

    reading: Any = None

    def response_class(self, sock: Any, **options: Any) -> HTTPResponse:  # type: ignore[override]
        self.reading = sock
        response = HTTPResponse(sock, **options)
        response.fp = BufferedReader(sock.makefile("rb", 0), _BUFFER_BYTES)
        return response

    def getresponse(self) -> Any:  # the response of urllib3, which is not http.client's
        was_used_before = self.sock is self.reading
        try:
            return super().getresponse()
        except (RemoteDisconnected, ConnectionError) as error:
            if was_used_before:
                raise _ClosedWhileIdle from error
            raise


class _SecureConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class Response:
    """A response. Iterating reads the body, and yields bytes as soon as they arrive (a chunk once it is whole).

    When the whole body has been read, the connection is kept for another request. Closing before that closes it.
    """

    def __init__(self, response: BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.close = response.close
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        """Raises ``urllib3.exceptions.HTTPError`` if the body breaks off or nothing arrives for too long."""
        if self._response.chunked:  # read1() can do this too, but takes 6 us more for each chunk
            return iter(self._response.read_chunked(_READ_BYTES, decode_content=True))
        return iter(partial(self._response.read1, _READ_BYTES), b"")

    def wait_at_most(self, seconds: float) -> None:
        """Sets the timeout of all further reads."""
        connection = self._response.connection  # None once the body is read: another answer may use it then
        if isinstance(connection, _Connection):
            connection.reading.settimeout(seconds)


class Wire:
    """Sends requests to the host of ``url``, through a proxy if the environment names one for that host."""

    def __init__(self, url: str) -> None:
        context = httpx2.create_ssl_context() if url.startswith("https:") else None
        self._manager = _manager(url, maxsize=100, retries=False, ssl_context=context)
        pool = self._manager.connection_from_url(url)
        pool.ConnectionCls = _SecureConnection if pool.scheme == "https" else _Connection

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, connect: float, read: float
    ) -> Response:
        """Sends a request and waits for the head of the response, ``connect`` and ``read`` seconds at most.

        Nothing is ever sent twice, with one exception: the server closed an idle connection without saying so (as
        llama.cpp does) and no byte of a response came. Then the request is sent once more.

        Raises:
            urllib3.exceptions.HTTPError: there is no response.
        """
        timeout = Timeout(connect=connect, read=read)
        options: dict[str, Any] = {"headers": headers, "body": body, "timeout": timeout, "preload_content": False}
        send = partial(self._manager.urlopen, method, url, redirect=False, **options)
        try:
            return Response(send())
        except _ClosedWhileIdle:
            return Response(send())


def _manager(url: str, **settings: Any) -> PoolManager:
    target, proxies = urlsplit(url), urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(target.netloc.rpartition("@")[2]):
        return PoolManager(**settings)
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    user = parse_url(proxy).auth
    return ProxyManager(proxy, proxy_headers=make_headers(proxy_basic_auth=user and unquote(user)), **settings)
