"""Sends requests to the configured provider. The ``openai`` client says where to, and with which headers and key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx2
import openai
from urllib3.exceptions import HTTPError
from urllib3.util import make_headers

from chatapp.models.failures import FailureCode
from chatapp.providers.errors import ProviderError, from_exception, from_response
from chatapp.providers.wire import Response, Wire
from config.settings import Settings

_OPENAI = "https://api.openai.com/v1"
_CONNECT_SECONDS = 10.0
_MOST_BYTES = 16_777_216
"""The longest body that is read as a whole. The longest lists of models have less than 1 MB."""


class ProviderClient:
    """Sends requests to the configured provider. All methods raise ``ProviderError``.

    Connections are set up at the first request, because they must not be shared with a process that was forked.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: _Made | None = None

    def url(self, path: str) -> str:
        """The URL of a path below the configured base URL."""
        made = self._make()
        return made.base_url + path + made.query

    def root_url(self, path: str) -> str:
        """The URL of a path that is not part of the OpenAI protocol, such as a server's tokenizer."""
        made = self._make()
        return made.base_url.removesuffix("/v1") + path + made.query

    def stream(self, body: Mapping[str, object]) -> Response:
        """Asks for a completion. The caller reads the body, and closes the response."""
        head = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        return self._send("POST", self.url("/chat/completions"), body, self._settings.provider_timeout, head)

    def get(self, url: str, seconds: float) -> object:
        """The JSON at a URL. Each read waits ``seconds`` at most."""
        return _json(self._send("GET", url, None, seconds, {}))

    def post(self, url: str, body: Mapping[str, object], seconds: float) -> object:
        """The JSON with which a POST is answered. Each read waits ``seconds`` at most."""
        return _json(self._send("POST", url, body, seconds, {}))

    def _send(
        self, method: str, url: str, body: Mapping[str, object] | None, seconds: float, head: Mapping[str, str]
    ) -> Response:
        made = self._make()
        content = None if body is None else json.dumps(body).encode()
        connect = min(_CONNECT_SECONDS, seconds)
        try:
            response = made.wire.request(method, url, {**made.head, **head}, content, connect=connect, read=seconds)
        except (HTTPError, ValueError) as error:  # ValueError: characters that a URL or a header cannot have
            raise from_exception(error) from None
        if not 200 <= response.status < 300:
            raise from_response(response.status, response.headers, _whole(response).decode(errors="replace"))
        return response

    def _make(self) -> _Made:
        if self._made is None:
            settings = self._settings
            if not settings.openai_api_key and not settings.openai_base_url:
                raise ProviderError(FailureCode.NOT_CONFIGURED)
            key, base_url = settings.openai_api_key or "none", settings.openai_base_url or _OPENAI
            # It is only asked for its URL and its headers. Without this it would set up connections of its own.
            unused = httpx2.Client(transport=httpx2.BaseTransport(), trust_env=False)
            try:
                with openai.OpenAI(api_key=key, base_url=base_url, http_client=unused) as client:
                    self._made = _made(client)
            except (HTTPError, httpx2.InvalidURL, ValueError) as error:
                raise from_exception(error) from None
        return self._made


@dataclass(frozen=True, slots=True)
class _Made:
    """What all requests have in common. ``query`` comes from the base URL and is part of every URL."""

    wire: Wire
    base_url: str
    query: str
    head: dict[str, str]


def _made(client: openai.OpenAI) -> _Made:
    address = urlsplit(str(client.base_url))
    headers = {**client.default_headers, **client.auth_headers}
    # X-Stainless-* tell what machine and what Python this is. No provider needs to know, and each costs time.
    head = {n: value for n, value in headers.items() if isinstance(value, str) and not n.startswith("X-Stainless-")}
    user, _, host = address.netloc.rpartition("@")
    if user:
        head["Authorization"] = make_headers(basic_auth=unquote(user))["authorization"]
    base_url = urlunsplit((address.scheme, host, address.path.rstrip("/"), "", ""))
    return _Made(Wire(base_url), base_url, f"?{address.query}" if address.query else "", head)


def _json(response: Response) -> object:
    said = _whole(response)
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        is_page = said.lstrip().startswith(b"<")
        raise ProviderError(FailureCode.WRONG_ADDRESS if is_page else FailureCode.MALFORMED_ANSWER) from None


def _whole(response: Response) -> bytes:
    """The whole body of a response, unless it is too long."""
    data = bytearray()
    with closing(response):
        try:
            for piece in response:
                data += piece
                if len(data) > _MOST_BYTES:
                    raise ProviderError(FailureCode.MALFORMED_ANSWER)
        except HTTPError as error:
            raise from_exception(error, begun=True) from None
    return bytes(data)
