"""A real Chromium on the real application: gunicorn, MongoDB, and a provider on loopback."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pymongo import MongoClient
from pymongo.database import Database

from tests.browser.people import Person, Window
from tests.support.chromium import FLAGS, FRONTEND, chromium_path, run_node
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

MODELS = "normal,echo,echo:gap=20,lasting,normal:tokens=5000:gap=5,crawl,error_in_stream,cut,empty"

FOLDER = Path(__file__).parent

numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test in a browser may be tried once more. The end of the output lists each that needed it, and why."""
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def nobody_has_registered_before(request: pytest.FixtureRequest) -> None:
    """A test that is tried once more registers the same people again."""
    if getattr(request.node, "execution_count", 1) > 1:
        request.getfixturevalue("store")["users"].delete_many({})


@pytest.fixture(scope="session")
def built_page() -> None:
    """The build of the page in the working tree. `make` builds it first, so this mostly has nothing to do."""
    index = FRONTEND / "dist" / "index.html"
    sources = [path for folder in ("src", "public", "build") for path in (FRONTEND / folder).rglob("*")]
    if index.exists() and all(path.stat().st_mtime <= index.stat().st_mtime for path in sources if path.is_file()):
        return
    if not (FRONTEND / "node_modules").exists():
        run_node("npm", "ci", "--no-audit", "--no-fund")
    run_node("npm", "run", "build")


@pytest.fixture(scope="session")
def browser(built_page: None) -> Iterator[Browser]:
    """The Chromium from the page's npm packages."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as server:
        yield server


@pytest.fixture(autouse=True)
def no_orders_are_left(provider: FakeProvider) -> None:
    """A test that failed may have left the provider with orders."""
    provider.reset()


@pytest.fixture(scope="session")
def store(mongo_client: MongoClient[dict[str, Any]]) -> Database[dict[str, Any]]:
    """The database of the server that the browser talks to."""
    return mongo_client[f"chatapp_browser_{os.getpid()}"]


@pytest.fixture(scope="session")
def server(
    built_page: None, mongodb_uri: str, store: Database[dict[str, Any]], provider: FakeProvider
) -> Iterator[ServerProcess]:
    env = {**provider.environment(MODELS), "MONGODB_URI": mongodb_uri, "MONGODB_DB": store.name}
    with ServerProcess(env, workers=2) as running:
        yield running


@pytest.fixture
def window(browser: Browser, server: ServerProcess) -> Iterator[Window]:
    """A stranger's browser, 1280 pixels wide. Errors and warnings of the page fail the test."""
    with Window.open(browser, server.base_url) as opened:
        yield opened


@pytest.fixture
def ada(window: Window) -> Person:
    """Somebody who has just registered, in front of a new chat."""
    return Person.register(window, f"ada{next(numbers)}.{os.getpid()}@example.org", "Ada Lovelace")


@pytest.fixture
def page(window: Window) -> Page:
    return window.page


@pytest.fixture
def context(window: Window) -> BrowserContext:
    return window.context
