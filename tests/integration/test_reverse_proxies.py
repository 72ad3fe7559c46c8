"""The examples in deploy/ as they stand, with other ports and certificates, in the programs that they are for."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatapp.embedded.model import free_port
from tests.support.chat_client import PASSWORD, new_id
from tests.support.chat_servers import Backends
from tests.support.processes import end_with_parent, wait_until
from tests.support.provider import FakeProvider
from tests.support.server import ROOT, ServerProcess

TLS = ROOT / "tests" / "support" / "tls"
TOKEN = "what-the-operator-knows"

Answer = tuple[int, http.client.HTTPMessage, bytes]


@dataclass(frozen=True, slots=True)
class Site:
    """One of the sites of an example."""

    port: int
    prefix: str

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    def connect(self) -> http.client.HTTPSConnection:
        trusted = ssl.create_default_context(cafile=str(TLS / "localhost.crt"))
        return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=trusted)

    def call(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        connection = self.connect()
        sent = None if body is None else json.dumps(body)
        connection.request(method, self.prefix + path, sent, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content


@pytest.fixture(scope="module")
def server(mongodb_uri: str) -> Iterator[ServerProcess]:
    env = {"CHATAPP_TRUSTED_PROXIES": "1", "CHATAPP_METRICS_TOKEN": TOKEN}
    with FakeProvider() as provider, Backends.on(mongodb_uri, provider).server(env) as server:
        yield server


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def sites(
    request: pytest.FixtureRequest, server: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Site]]:
    """The site of its own, and the one below a path."""
    program, folder = request.param, tmp_path_factory.mktemp(request.param)
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")
    whole, below = free_port(), free_port()
    write = _write_nginx if program == "nginx" else _write_caddy
    command = write(folder, server.port, whole, below)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [program, *command],
            stdout=log,
            stderr=log,
            env={**os.environ, "HOME": str(folder)},
            preexec_fn=end_with_parent,
        )
    try:
        wait_until(lambda: _listens(whole) and _listens(below), what=(folder / "log").read_text())
        yield {"whole": Site(whole, ""), "below": Site(below, "/chat")}
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(params=["whole", "below"])
def site(request: pytest.FixtureRequest, sites: dict[str, Site]) -> Site:
    return sites[request.param]


def test_somebody_registers_in_a_browser_that_only_says_its_origin(site: Site) -> None:
    status, headers, _ = _register(site, {"Origin": site.origin})
    assert status == 201
    cookie = headers["Set-Cookie"]
    assert f"; Path={site.prefix or '/'};" in f"{cookie};"
    assert "Secure" in cookie
    assert headers["Strict-Transport-Security"]
    assert _register(site, {"Origin": "https://localhost"})[0] == 403, "another port is another site"


def test_the_metrics_are_not_told_even_to_those_who_know_the_token(site: Site, server: ServerProcess) -> None:
    credentials = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/metrics", "/metrics/", "/%6detrics", "//metrics", "/api/../metrics"):
        assert site.call("GET", path, headers=credentials)[0] == 404, path
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/metrics", headers=credentials)
    assert connection.getresponse().status == 200
    connection.close()


def test_nobody_outside_says_where_they_are_or_where_the_application_is(site: Site) -> None:
    lies = {
        "Origin": "https://evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "203.0.113.66",
    }
    assert _register(site, lies)[0] == 403
    document = site.call("GET", "/login", headers=lies)[2].decode()
    assert "evil" not in document
    assert f'src="{site.prefix}/docs/docs.js"' in site.call("GET", "/docs", headers=lies)[2].decode()
    status, headers, _ = _register(site, {**lies, "Origin": site.origin})
    assert status == 201
    devices = json.loads(site.call("GET", "/api/auth/sessions", headers=_cookie(headers))[2])
    assert "203.0.113.66" not in json.dumps(devices)


def test_an_answer_comes_word_by_word_and_a_listener_who_leaves_is_let_go(site: Site, server: ServerProcess) -> None:
    cookie = _cookie(_register(site, {})[1])
    chat = json.loads(site.call("POST", "/api/chat/start", {"model": "hang-in-the-middle"}, cookie)[2])
    connection = site.connect()
    message = json.dumps({"content": "tell me", "id": new_id()})
    path = f"{site.prefix}/api/chat/{chat['sessionId']}/message/stream"
    connection.request("POST", path, message, {**cookie, "Content-Type": "application/json"})
    heard = b""
    answer = connection.getresponse()
    while b"event: delta" not in heard:  # the rest of this answer never comes
        heard += answer.read1(65_536)
    listening = _connections_of(server)
    assert listening
    connection.close()
    wait_until(lambda: len(_connections_of(server)) < len(listening), 60, what="the end of the connection")


def test_the_page_is_reached_without_the_last_slash(sites: dict[str, Site]) -> None:
    status, headers, _ = Site(sites["below"].port, "").call("GET", "/chat")
    assert (status, re.sub(r"^https://localhost:\d+", "", headers["Location"])) in {(301, "/chat/"), (302, "/chat/")}


def _register(site: Site, headers: Mapping[str, str]) -> Answer:
    email = f"{new_id()}@example.org"
    return site.call("POST", "/api/auth/register", {"email": email, "password": PASSWORD}, headers)


def _cookie(headers: http.client.HTTPMessage) -> dict[str, str]:
    return {"Cookie": headers["Set-Cookie"].split(";")[0]}


def _connections_of(server: ServerProcess) -> list[str]:
    """Those that are open at the worker's side."""
    local = f"0100007F:{server.port:04X}"
    lines = Path(f"/proc/{server.worker_pids()[0]}/net/tcp").read_text().splitlines()[1:]
    return [line for line in lines if line.split()[1] == local and line.split()[3] == "01"]


def _write_nginx(folder: Path, app: int, whole: int, below: int) -> list[str]:
    example = (ROOT / "deploy" / "nginx.conf").read_text()
    example = example.replace("127.0.0.1:8000", f"127.0.0.1:{app}")
    for port in (whole, below):
        example = example.replace("listen 443", f"listen 127.0.0.1:{port}", 1)
    example = example.replace("listen 80;", f"listen unix:{folder}/plain;")
    example = re.sub(r"/etc/letsencrypt/.*/fullchain.pem", str(TLS / "localhost.crt"), example)
    example = re.sub(r"/etc/letsencrypt/.*/privkey.pem", str(TLS / "localhost.key"), example)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{example}}}\n"
    )
    return ["-e", "stderr", "-c", str(conf)]


def _write_caddy(folder: Path, app: int, whole: int, below: int) -> list[str]:
    example = (ROOT / "deploy" / "Caddyfile").read_text()
    example = example.replace("127.0.0.1:8000", f"127.0.0.1:{app}")
    tls = f"\ttls {TLS / 'localhost.crt'} {TLS / 'localhost.key'}\n"
    for name, port in (("chat.example.org", whole), ("example.org", below)):
        example = example.replace(f"\n{name} {{\n", f"\nlocalhost:{port} {{\n{tls}")
    conf = folder / "Caddyfile"
    conf.write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + example)
    return ["run", "--adapter", "caddyfile", "--config", str(conf)]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
