"""Sends requests to the provider with urllib3. Every answer can have a connection at once; none waits for another."""

import logging
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import RemoteDisconnected
from ssl import SSLEOFError
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ProtocolError, SSLError
from urllib3.response import HTTPResponse
from urllib3.util import make_headers

_READ_BYTES = 65_536
_MOST_IDLE = 100

# It warns of each connection above that number, and its messages contain the provider's URL.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class _ClosedWhileIdle(Exception):
    """The server had closed a connection that was kept from an earlier request."""


class _Connection(HTTPConnection):
    """Knows whether it was used before, and its socket, which http.client gives up before the last response is read."""

    has_answered = False

    def connect(self) -> None:
        super().connect()
        self.has_answered = False
        self.connected = self.sock

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's
        try:
            response = super().getresponse()
        except (RemoteDisconnected, ConnectionError, SSLEOFError) as error:
            if self.has_answered:
                raise _ClosedWhileIdle from error
            raise
        self.has_answered = True
        return response


class _SecureConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Response:
    """A response. Iterating reads the body, and yields bytes as soon as they arrive (a chunk once it is whole).

    When the whole body has been read, the connection is kept for another request. Closing before that closes it.
    """

    def __init__(self, response: BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._connection = response.connection

    def __iter__(self) -> Iterator[bytes]:
        """Raises ``urllib3.exceptions.HTTPError`` if the body breaks off or nothing arrives for too long."""
        response, encoded = self._response, "content-encoding" in self.headers
        try:
            if response.chunked:  # read1() can do this too, but takes 6 us more for each chunk
                yield from response.read_chunked(_READ_BYTES, decode_content=encoded)
                return
            while data := response.read1(_READ_BYTES, decode_content=encoded):
                yield data
        except SSLError as error:
            raise ProtocolError(str(error)) from error

    def wait_at_most(self, seconds: float) -> None:
        """Sets the timeout of all further reads."""
        if isinstance(self._connection, _Connection) and self._connection.connected is not None:
            self._connection.connected.settimeout(seconds)

    def close(self) -> None:
        self._response.close()


class Wire:
    """Sends requests to the host of ``url``, through a proxy if the environment names one for that host."""

    def __init__(self, url: str) -> None:
        settings: dict[str, Any] = {"maxsize": _MOST_IDLE, "block": False, "retries": False}
        if urlsplit(url).scheme == "https":
            settings["ssl_context"] = httpx2.create_ssl_context()
        proxy = _proxy_for(url)
        if proxy is None:
            self._manager = PoolManager(**settings)
        else:
            user = urlsplit(proxy).netloc.rpartition("@")[0]
            headers = make_headers(proxy_basic_auth=unquote(user)) if user else None
            self._manager = ProxyManager(proxy, proxy_headers=headers, **settings)
        self._manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

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
        for _ in range(2):
            with suppress(_ClosedWhileIdle):
                return Response(
                    self._manager.urlopen(
                        method, url, headers=headers, body=body, timeout=timeout, redirect=False, preload_content=False
                    )
                )
        raise ProtocolError("the server closed two idle connections")


def _proxy_for(url: str) -> str | None:
    target, proxies = urlsplit(url), urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(target.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
