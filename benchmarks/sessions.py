"""People to measure with: accounts, and a chat session of each on a new conversation."""

from __future__ import annotations

import http.client
import json
import secrets


def chat_sessions(port: int, count: int) -> list[tuple[str, str]]:
    """``count`` chat sessions, each of a user of its own, with the user's cookie."""
    return [_chat_session(port) for _ in range(count)]


def _chat_session(port: int) -> tuple[str, str]:
    account = {"email": f"{secrets.token_hex(8)}@example.org", "password": secrets.token_hex(8)}
    headers, _ = _call(port, "/api/auth/register", account, "")
    cookie = headers.split(";")[0]
    return str(_call(port, "/api/chat/start", {}, cookie)[1]["sessionId"]), cookie


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
