"""Logging in and out, and more than one person in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Person, Window, message_box


def log_in(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(message_box(page)).to_be_visible()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()


def register_another(ada: Person) -> str:
    """Registers another account on the same server. Ada stays signed in."""
    email = f"other.{ada.email}"
    stranger = ada.window.browser.new_context(base_url=ada.window.base_url)
    assert stranger.request.post("/api/auth/register", data={"email": email, "password": PASSWORD}).ok
    stranger.close()
    return email


def take_over(window: Window, email: str) -> None:
    """Somebody else logs in, in the same browser, and the open tabs are not told."""
    window.provokes("status of 401")  # what was on its way for whoever was signed in before
    assert window.context.request.post("/api/auth/login", data={"email": email, "password": PASSWORD}).ok
