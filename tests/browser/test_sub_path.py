"""The page and the API's own page below a path of a host that has other applications as well."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from pymongo.database import Database

from chatapp.api.sign_in import COOKIE
from tests.browser.conftest import MODELS
from tests.browser.people import Person, Window, answers, choose_model, message_box, send, sidebar_link
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess
from tests.support.sub_path_proxy import SubPathProxy

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def proxy(
    built_page: None, mongodb_uri: str, store: Database[dict[str, object]], provider: FakeProvider
) -> Iterator[SubPathProxy]:
    env = {**provider.environment(MODELS), "MONGODB_URI": mongodb_uri, "MONGODB_DB": store.name}
    with (
        ServerProcess({**env, "CHATAPP_TRUSTED_PROXIES": "1"}, workers=1) as server,
        SubPathProxy(server.port, "/apps/chat") as proxy,
    ):
        yield proxy


@pytest.fixture
def window(browser: Browser, proxy: SubPathProxy) -> Iterator[Window]:
    with Window.open(browser, proxy.base_url) as opened:
        yield opened
    assert proxy.astray == []


@pytest.fixture
def ada(window: Window) -> Person:
    return Person.register(window, f"below{next(numbers)}.{os.getpid()}@example.org", "Ada Lovelace")


def test_a_conversation_is_had_and_found_again_below_a_path(ada: Person, proxy: SubPathProxy) -> None:
    page = ada.page
    choose_model(page, "echo")
    send(page, "Tell me about tea")
    expect(answers(page)).to_contain_text("Tell me about tea")
    expect(page).to_have_url(re.compile(f"^{proxy.base_url}/c/[0-9a-f]+$"))

    page.reload()
    expect(answers(page)).to_contain_text("Tell me about tea")
    page.get_by_role("link", name="Settings").click()
    expect(page).to_have_url(f"{proxy.base_url}/settings")
    page.reload()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.go_back()
    expect(answers(page)).to_contain_text("Tell me about tea")


def test_what_happens_on_another_device_arrives_below_a_path(ada: Person, proxy: SubPathProxy) -> None:
    with ada.page.expect_response(lambda response: response.url.startswith(f"{proxy.base_url}/api/events?")):
        ada.page.reload()
    ada.chat("From my phone")
    expect(sidebar_link(ada.page, "From my phone")).to_be_visible()


def test_cookies_are_for_the_path_alone_and_a_stranger_is_led_back_to_it(ada: Person, proxy: SubPathProxy) -> None:
    paths = {cookie["name"]: cookie["path"] for cookie in ada.window.context.cookies()}
    assert paths[COOKIE] == "/apps/chat"
    assert all(path.startswith("/apps/chat") for path in paths.values()), paths
    ada.window.context.clear_cookies()

    ada.page.goto(f"{proxy.base_url}/settings")

    expect(ada.page).to_have_url(f"{proxy.base_url}/login?next=%2Fsettings")
    ada.page.get_by_label("Email").fill(ada.email)
    ada.page.get_by_label("Password").fill("correct horse battery")
    ada.page.get_by_role("button", name="Log in").click()
    expect(ada.page).to_have_url(f"{proxy.base_url}/settings")


def test_an_unknown_address_below_the_path_leads_to_its_chat(ada: Person, proxy: SubPathProxy) -> None:
    ada.window.provokes("status of 404")
    ada.page.goto(f"{proxy.base_url}/no/such/page")
    ada.page.get_by_role("link").first.click()
    expect(message_box(ada.page)).to_be_visible()
    expect(ada.page).to_have_url(f"{proxy.base_url}/")


def test_operations_are_tried_on_the_page_of_the_api_below_a_path(ada: Person, proxy: SubPathProxy) -> None:
    page = ada.page
    page.goto(f"{proxy.base_url}/docs")
    expect(page.get_by_text(f"Signed in as {ada.email}")).to_be_visible()
    tried = page.locator(".opblock-get").filter(has=page.locator('[data-path="/api/auth/me"]'))
    tried.locator(".opblock-summary-control").click()
    tried.get_by_role("button", name="Try it out").click()
    tried.get_by_role("button", name="Execute").click()
    expect(tried.locator(".live-responses-table")).to_contain_text(ada.email)
