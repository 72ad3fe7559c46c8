"""Under gevent, as in production: an answer is ended from outside wherever it waits. In processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.provider import FakeProvider

ROOT = Path(__file__).parents[3]

PRELUDE = """
from gevent import monkey
monkey.patch_all()
import os, socket, sys, time, gevent
from chatapp.providers.chat import ChatRequest
from chatapp.providers.openai_provider import ModelProvider
from config.settings import load_settings

def provider(base_url):
    return ModelProvider(load_settings({"SECRET_KEY": "x" * 32, "OPENAI_BASE_URL": base_url}))

def ask(asked, model):
    *pieces, finish = asked.stream(ChatRequest(model, [{"role": "user", "content": "hi"}]))
    return "".join(pieces)

def open_files():
    return len(os.listdir("/proc/self/fd"))

asked = provider(sys.argv[1])
"""

KILL = """
running = gevent.spawn(ask, asked, sys.argv[2])
gevent.sleep(0.3)
assert not running.dead
began = time.monotonic()
running.kill()
print(time.monotonic() - began < 20)  # else it would take 60
gevent.sleep(60)
"""

CONNECTING = """
full = socket.socket()
full.bind(("127.0.0.1", 0))
full.listen(0)
port = full.getsockname()[1]
first = socket.create_connection(("127.0.0.1", port))

def ask_until_ended():
    try:
        ask(provider(f"http://127.0.0.1:{port}/v1"), "normal")
    except gevent.GreenletExit:
        pass  # as a run lets go of what has ended it: a trace keeps its frames, and those a socket

running = gevent.spawn(ask_until_ended)
gevent.sleep(0.2)
assert not running.dead
before = open_files()
running.kill()
print(before - open_files())
"""

MANY = """
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

ask(asked, "echo")
before = resident()
running = [gevent.spawn(ask, asked, "normal:tokens=40:gap=50") for _ in range(500)]
gevent.sleep(1)
print((resident() - before) // 500)
gevent.joinall(running)
assert all(greenlet.value.count("tok") == 40 for greenlet in running)
"""


COUNT = """
from chatapp.providers import openai_tokenizer
ticks = []
def tick():
    while True:
        ticks.append(1)
        gevent.sleep(0.01)
def slow(text):
    monkey.get_original("time", "sleep")(3)
    return list(text)
openai_tokenizer._load = lambda: slow
gevent.spawn(tick)
print(openai_tokenizer.count("word " * 1000), len(ticks) > 10)
"""


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PRELUDE + script, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("model", ["hang", "hang-after-head", "hang-in-the-middle", "crawl"])
def test_an_answer_that_is_ended_from_outside_closes_its_connection_at_once(provider: FakeProvider, model: str) -> None:
    with run(KILL, provider.base_url, model) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        provider.wait_until(lambda state: state["open"] == 0)
        process.kill()


def test_an_answer_can_be_ended_while_it_is_still_connecting(provider: FakeProvider) -> None:
    with run(CONNECTING, provider.base_url) as process:
        assert process.communicate(timeout=30)[0] == "1\n"


def test_500_answers_run_at_once_in_little_memory(provider: FakeProvider) -> None:
    with run(MANY, provider.base_url) as process:
        assert int(process.communicate(timeout=60)[0]) < 50_000
        assert process.returncode == 0


def test_counting_a_long_text_stops_no_stream(provider: FakeProvider) -> None:
    with run(COUNT, provider.base_url) as process:
        assert process.communicate(timeout=60)[0] == "5000 True\n"
