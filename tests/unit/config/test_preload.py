"""What gunicorn's master does before it forks, which macOS allows less of."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import pytest

from config import preload


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(preload, "patch_standard_library", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(importlib, "import_module", names.append)
    return names


@pytest.mark.parametrize(("platform", "imports"), [("linux", True), ("darwin", False)])
def test_libraries_are_imported_once_where_a_fork_may_follow(
    imported: list[str], monkeypatch: pytest.MonkeyPatch, platform: str, imports: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    preload.import_libraries(may_change=False)
    assert ("flask" in imported) == imports


def test_where_the_code_may_change_each_worker_imports_for_itself(imported: list[str]) -> None:
    preload.import_libraries(may_change=True)
    assert imported == []


@pytest.mark.parametrize(
    ("platform", "environment", "no_proxy"),
    [
        ("darwin", {}, "*"),
        ("darwin", {"HTTPS_PROXY": "http://proxy:3128"}, None),
        ("darwin", {"no_proxy": "localhost"}, "localhost"),
        ("linux", {}, None),
    ],
)
def test_only_the_environment_names_proxies_where_asking_the_system_would_crash(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], no_proxy: str | None
) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    try:
        preload.avoid_system_proxies()
        assert os.environ.get("no_proxy") == no_proxy
    finally:
        monkeypatch.delenv("no_proxy", raising=False)
