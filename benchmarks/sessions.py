"""People to measure with: accounts, and chat sessions on new conversations of theirs."""

from __future__ import annotations

import http.client
import json
import secrets

PER_USER = 4
"""As many answers as one user may have running at once."""


def chat_sessions(port: int, count: int) -> list[tuple[str, str]]:
    """``count`` chat sessions, each with the cookie of its user."""
    sessions: list[tuple[str, str]] = []
    while len(sessions) < count:
        account = {"email": f"{secrets.token_hex(8)}@example.org", "password": secrets.token_hex(8)}
        headers, _ = _call(port, "/api/auth/register", account, "")
        cookie = headers.split(";")[0]
        started = [_call(port, "/api/chat/start", {}, cookie)[1] for _ in range(PER_USER)]
        sessions += [(str(session["sessionId"]), cookie) for session in started]
    return sessions[:count]


def _call(port: int, path: str, body: dict[str, object] | dict[str, str], cookie: str) -> tuple[str, dict[str, object]]:
    """The cookie and the JSON that a call is answered with."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", "Cookie": cookie})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != 201:
        raise RuntimeError(f"{path} answered {answer.status}: {content.decode(errors='replace')}")
    return answer.headers["Set-Cookie"] or "", json.loads(content)
