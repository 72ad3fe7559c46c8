"""The embedded model answers only clients that have its key."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.embedded.data_folder import DataFolder, load_credentials
from chatapp.embedded.model import EmbeddedModel
from tests.support.processes import command_line, wait_until

PROMPT = {"messages": [{"role": "user", "content": "My secret word is heliotrope. Say hello."}], "max_tokens": 8}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedModel]:
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    folder.prepare()
    model = EmbeddedModel(folder, load_credentials(folder.credentials))
    model.child.start()
    wait_until(model.is_ready, 60)
    yield model
    model.child.kill()


def ask(model: EmbeddedModel, path: str, body: object = None, *, key: str | None = None) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{model.port}{path}", data)
    request.add_header("Content-Type", "application/json")
    if key is not None:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/models", None),
        ("/v1/chat/completions", PROMPT),
        ("/v1/chat/completions", {**PROMPT, "stream": True}),
        ("/completion", {"prompt": "x", "n_predict": 1}),
        ("/tokenize", {"content": "x"}),
        ("/apply-template", PROMPT),
        ("/props", None),
        ("/slots", None),
        ("/metrics", None),
    ],
)
def test_without_its_key_it_says_nothing(model: EmbeddedModel, path: str, body: object) -> None:
    assert ask(model, path, body)[0] == 401
    assert ask(model, path, body, key="guessed")[0] == 401


def test_with_its_key_it_answers(model: EmbeddedModel) -> None:
    status, body = ask(model, "/v1/chat/completions", PROMPT, key=model.key)
    assert status == 200
    assert json.loads(body)["choices"][0]["message"]["content"]


def test_it_streams(model: EmbeddedModel) -> None:
    status, body = ask(model, "/v1/chat/completions", {**PROMPT, "stream": True}, key=model.key)
    assert status == 200
    assert body.count(b"data: ") > 2
    assert b"data: [DONE]" in body


def test_it_says_how_much_fits_into_a_conversation(model: EmbeddedModel) -> None:
    listed = json.loads(ask(model, "/v1/models", key=model.key)[1])["data"]
    assert [(entry["id"], entry["meta"]["n_ctx"]) for entry in listed] == [("SmolLM2-135M-Instruct", 8192)]


def test_it_logs_nothing_of_what_it_is_asked(model: EmbeddedModel) -> None:
    before = model.child.output()
    ask(model, "/v1/chat/completions", PROMPT, key=model.key)
    assert model.child.output() == before
    assert model.key not in before


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's table of connections")
def test_only_this_machine_reaches_it(model: EmbeddedModel) -> None:
    port = f"{model.port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert {row[1] for row in rows if row[1].endswith(":" + port) and row[3] == "0A"} == {f"0100007F:{port}"}


def test_its_key_is_not_on_a_command_line(model: EmbeddedModel) -> None:
    assert model.child.pid is not None
    assert "chatapp.embedded.model" in command_line(model.child.pid)
    assert model.key not in command_line(model.child.pid)
