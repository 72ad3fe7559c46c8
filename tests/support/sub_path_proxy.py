"""A reverse proxy that has the application below a path of its host, as nginx would with ``location /chat/``."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

ABOUT_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}


class SubPathProxy:
    """Listens on loopback. ``astray`` has the paths that were requested and are not below ``prefix``."""

    def __init__(self, port: int, prefix: str) -> None:
        self.astray: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port, prefix, self.astray))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.base_url = f"http://127.0.0.1:{self._server.server_port}{prefix}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(port: int, prefix: str, astray: list[str]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def forward(self) -> None:
            if not self.path.startswith(f"{prefix}/"):
                astray.append(self.path)
                self.send_error(404)
                return
            connection = http.client.HTTPConnection("127.0.0.1", port)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {**self.headers, "X-Forwarded-For": "192.0.2.1", "X-Forwarded-Prefix": prefix}
            connection.request(self.command, self.path.removeprefix(prefix), body, headers)
            answer = connection.getresponse()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in ABOUT_THE_CONNECTION:
                    self.send_header(name, value)
            self.end_headers()
            try:
                while data := answer.read1(65_536):
                    self.wfile.write(data)
            except (OSError, http.client.HTTPException):  # the browser has gone, or the server
                self.close_connection = True
            finally:
                connection.close()

        do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = forward  # noqa: N815 - http.server calls them

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler
