"""The ``openai`` client as this application uses it: for its connections, its authentication and its errors."""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import httpx2
import openai

from chatapp.models.failures import FailureCode
from chatapp.providers.errors import ProviderError
from chatapp.providers.transport import StreamTransport
from config.settings import Settings

_CONNECT_SECONDS = 10.0
_OPENAI = "https://api.openai.com/v1"
_STREAMED = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Content-Type": "application/json"}

# It would name the provider's address, in which a password may stand, for every request.
logging.getLogger("httpx2").setLevel(logging.WARNING)


class ProviderClient:
    """Requests to the configured provider. All methods raise the client's and httpx2's exceptions.

    The client is made at its first use: a connection must not be shared with the process this one was forked from.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: _Made | None = None
        self.base_url = (settings.openai_base_url or _OPENAI).rstrip("/")

    @property
    def root_url(self) -> str:
        """Where a server keeps what is not of the protocol, such as its tokenizer."""
        return self.base_url.removesuffix("/v1")

    def stream(self, path: str, body: Mapping[str, object]) -> httpx2.Response:
        """POSTs; the body of the response has not been read, and closing the response ends it.

        The request is the one that the client would make, whose making costs it more than carrying it does. What is the
        same in all of them is therefore made once.

        Raises:
            openai.APIStatusError: for an answer with another status than one of success.
            httpx2.HTTPError: no answer came.
        """
        made = self._clients
        url = httpx2.URL(self.base_url + path)
        content = json.dumps(body).encode()
        request = httpx2.Request("POST", url, headers=made.head, content=content, extensions=made.extensions)
        response = made.http.send(request, stream=True)
        if not response.is_success:
            raise _refusal(response)
        return response

    def get(self, path: str, timeout: float) -> object:
        """The JSON at a path or a URL; ``timeout`` in seconds.

        Raises:
            openai.APIError: it cannot be had.
            ValueError: it is no JSON.
        """
        response = self._clients.openai.get(path, cast_to=httpx2.Response, options={"timeout": timeout})
        return response.json()

    def post(self, path: str, body: Mapping[str, object], timeout: float) -> object:
        """The JSON that a POST to a path or a URL is answered with; as ``get``."""
        content = json.dumps(body).encode()
        client = self._clients.openai
        response = client.post(path, cast_to=httpx2.Response, content=content, options={"timeout": timeout})
        return response.json()

    def close(self) -> None:
        """Ends all connections that are kept for later."""
        if self._made is not None:
            self._made.openai.close()

    @property
    def _clients(self) -> _Made:
        if self._made is None:
            settings = self._settings
            if not settings.openai_api_key and not settings.openai_base_url:
                raise ProviderError(FailureCode.NOT_CONFIGURED)
            wait = settings.provider_timeout
            timeout = httpx2.Timeout(wait, connect=min(_CONNECT_SECONDS, wait))
            http = _http_client(httpx2.URL(self.base_url), timeout)
            client = openai.OpenAI(
                api_key=settings.openai_api_key or "none",
                base_url=self.base_url,
                timeout=timeout,
                max_retries=0,
                http_client=http,
            )
            self._made = _Made(client, http)
        return self._made


@dataclass(frozen=True)
class _Made:
    """The client, what carries its requests, and what those have in common."""

    openai: openai.OpenAI
    http: httpx2.Client

    @cached_property
    def head(self) -> httpx2.Headers:
        """The headers of a request for a streamed answer, but for those of its body."""
        head = httpx2.Headers(self.http.headers)
        for headers in (self.openai.default_headers, self.openai.auth_headers, _STREAMED):
            head.update({name: value for name, value in headers.items() if isinstance(value, str)})
        return head

    @cached_property
    def extensions(self) -> dict[str, object]:
        return {"timeout": self.http.timeout.as_dict()}


def _refusal(response: httpx2.Response) -> openai.APIStatusError:
    with closing(response):
        said = response.read().decode(errors="replace")
    try:
        body = json.loads(said)
    except ValueError:
        body = said
    return openai.APIStatusError(f"status {response.status_code}", response=response, body=body)


def _http_client(url: httpx2.URL, timeout: httpx2.Timeout) -> httpx2.Client:
    """With the usual transport where the environment names a proxy for this host: only that one knows proxies."""
    proxies = urllib.request.getproxies()
    if (url.scheme in proxies or "all" in proxies) and not urllib.request.proxy_bypass(url.host):
        return httpx2.Client(timeout=timeout, limits=httpx2.Limits(max_connections=None, max_keepalive_connections=20))
    return httpx2.Client(timeout=timeout, transport=StreamTransport())
