"""The API's own page: signing in on it, trying operations, and reading it by day and by night."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.people import PASSWORD, Window
from tests.browser.seen import THEMES, faults
from tests.support.server import ServerProcess

SHOW_SCHEMAS = """
    const clickAll = (selector) => document.querySelectorAll(selector).forEach((button) => button.click());
    clickAll(".opblock .model-example .tabitem:nth-child(2) button");
    clickAll(".opblock .json-schema-2020-12-expand-deep-button");
"""


@pytest.fixture
def docs(window: Window) -> Page:
    """The page in front of somebody who has an account and is not signed in."""
    window.provokes("status of 401")  # how the page learns that nobody is signed in
    registered = window.browser.new_context(base_url=window.base_url)
    registered.request.post("/api/auth/register", data={"email": "docs@example.org", "password": PASSWORD})
    registered.close()
    window.page.goto("/docs")
    return window.page


def sign_in(page: Page, password: str) -> None:
    page.get_by_role("textbox", name="E-mail").fill("docs@example.org")
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def operation(page: Page, method: str, path: str) -> Locator:
    found = page.locator(f".opblock-{method}").filter(has=page.locator(f'[data-path="{path}"]'))
    if found.locator(".opblock-body").count() == 0:
        found.locator(".opblock-summary-control").click()
        found.get_by_role("button", name="Try it out").click()
    return found


def execute(page: Page, method: str, path: str) -> Locator:
    """Tries an operation as it is offered; gives what the server answered."""
    tried = operation(page, method, path)
    tried.get_by_role("button", name="Execute").click()
    return tried.locator(".live-responses-table")


def test_whoever_signs_in_on_the_page_tries_operations_as_themselves(docs: Page) -> None:
    sign_in(docs, PASSWORD)
    expect(docs.get_by_text("Signed in as docs@example.org")).to_be_visible()

    expect(execute(docs, "get", "/api/auth/me")).to_contain_text('"email": "docs@example.org"')
    expect(execute(docs, "post", "/api/conversations")).to_contain_text("201")
    expect(execute(docs, "get", "/api/conversations")).to_contain_text('"items": [')
    assert docs.locator(".authorize, .authorization__btn").count() == 0, "no dialog that could not set the cookie"


def test_a_wrong_password_is_told_on_the_page(docs: Page) -> None:
    sign_in(docs, "wrong password")

    expect(docs.get_by_role("alert")).to_have_text("The e-mail or the password is wrong.")
    expect(docs.get_by_role("textbox", name="Password")).to_have_value("")


def test_the_form_follows_whoever_signs_out_or_in_below_it(docs: Page) -> None:
    sign_in(docs, PASSWORD)
    expect(execute(docs, "post", "/api/auth/logout")).to_contain_text("204")
    expect(docs.get_by_role("button", name="Sign in", exact=True)).to_be_visible()

    sign_in(docs, PASSWORD)
    docs.get_by_role("button", name="Sign out", exact=True).click()
    expect(docs.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(execute(docs, "get", "/api/auth/me")).to_contain_text("401")


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_stands_out_from_its_ground(browser: Browser, server: ServerProcess, theme: Any) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme) as window:
        window.provokes("status of 401")
        page = window.page
        page.goto("/docs")
        expect(page.locator(".opblock").first).to_be_visible()
        shade = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (shade == "rgb(255, 255, 255)") == (theme == "light")
        for method, path in (
            ("post", "/api/auth/register"),
            ("patch", "/api/auth/me"),
            ("delete", "/api/auth/sessions"),
        ):
            operation(page, method, path)
        page.evaluate(f"() => {{{SHOW_SCHEMAS}}}")
        expect(execute(page, "get", "/api/models")).to_contain_text("401")

        assert faults(page, "color-contrast") == []
