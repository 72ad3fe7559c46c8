"""The settings page: what is set there applies everywhere."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Person, Window, finished, message_box, send, sidebar_link
from tests.browser.test_offline import NETWORK_AWAY
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

NEW_PASSWORD = "another horse battery"


def test_a_changed_name_is_used_in_the_greeting(ada: Person, page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("Name").fill("Countess")
    page.locator("form", has=page.get_by_label("Name")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Countess")


def test_a_changed_password_logs_out_the_other_devices(ada: Person, page: Page, server: ServerProcess) -> None:
    ada.window.provokes("status of 422")
    with Window.open(ada.window.browser, server.base_url) as phone:
        phone.provokes("status of 401")
        log_in(phone.page, ada.email, PASSWORD)
        page.goto("/settings")
        page.get_by_label("Current password").fill("not the password")
        page.get_by_label("New password").fill(NEW_PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("alert")).to_have_text("This is not your password.")
        page.get_by_label("Current password").fill(PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_text("Your password has been changed")).to_be_visible()
        phone.page.reload()
        expect(phone.page).to_have_url(re.compile("/login"))
        log_in(phone.page, ada.email, NEW_PASSWORD)


def test_another_device_is_listed_and_can_be_logged_out(ada: Person, page: Page, server: ServerProcess) -> None:
    with Window.open(ada.window.browser, server.base_url) as phone:
        phone.provokes("status of 401")
        log_in(phone.page, ada.email, PASSWORD)
        page.goto("/settings")
        expect(page.locator(".devices li")).to_have_count(2)
        page.locator(".devices li").get_by_role("button", name="Log out").click()
        expect(page.locator(".devices li")).to_have_count(1)
        expect(page.get_by_text("This device")).to_be_visible()
        phone.page.reload()
        expect(phone.page).to_have_url(re.compile("/login"))


def test_a_new_chat_uses_the_default_model_and_the_system_prompt(
    ada: Person, page: Page, provider: FakeProvider
) -> None:
    page.goto("/settings")
    page.get_by_label("Default model").select_option("echo")
    page.get_by_label("System prompt").fill("Answer like a pirate.")
    page.locator("form", has=page.get_by_label("System prompt")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="New chat").click()
    send(page, "Ahoy")
    expect(finished(page)).to_contain_text("Ahoy")
    conversation = ada.api("GET", f"/api/conversations/{page.url.rsplit('/', 1)[1]}")
    assert conversation["model"] == "echo"
    assert conversation["systemPrompt"] == "Answer like a pirate."


def test_a_default_model_that_is_no_longer_offered_is_not_used(ada: Person, page: Page) -> None:
    ada.api("PATCH", "/api/auth/me", settings={"defaultModel": "gone"})
    page.goto("/")
    expect(page.get_by_label("Model")).to_have_value("normal")
    send(page, "Anybody there?")
    expect(finished(page)).to_contain_text("tok49")


def test_the_theme_switch_and_the_theme_setting_agree(ada: Person, page: Page) -> None:
    page.goto("/settings")
    page.get_by_text("Light", exact=True).click()
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    expect(page.locator(".sidebar .lucide-sun")).to_be_visible()
    page.get_by_text("Light", exact=True).click()
    expect(page.locator(".sidebar .lucide-moon")).to_be_visible()


def test_an_archived_conversation_can_be_opened_and_unarchived(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    ada.api("PATCH", f"/api/conversations/{tea}", archived=True)
    ada.api("DELETE", f"/api/conversations/{tea}")
    page.goto("/settings")
    page.get_by_role("button", name="Restore").click()
    archive = page.get_by_role("region", name="Archive")
    archive.get_by_role("link", name="Tea").click()
    expect(finished(page)).to_be_visible()
    expect(page.get_by_text("This conversation is archived.")).to_be_visible()
    page.go_back()
    archive.get_by_role("button", name="Unarchive").click()
    expect(sidebar_link(page, "Tea")).to_be_visible()
    expect(archive).to_have_count(0)


def test_an_archived_conversation_says_so_and_is_taken_out_where_it_is_read(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    ada.api("PATCH", f"/api/conversations/{tea}", archived=True)
    page.goto(f"/c/{tea}")
    expect(page.get_by_text("This conversation is archived.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_editable()
    page.get_by_role("button", name="Unarchive").click()
    expect(page.get_by_text("This conversation is archived.")).to_have_count(0)
    expect(sidebar_link(page, "Tea")).to_be_visible()


def test_conversations_can_be_deleted_permanently_by_keyboard(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 404")  # the page looks up what events report, and finds it gone
    for title in ("Tea", "Coffee"):
        ada.api("DELETE", f"/api/conversations/{ada.chat(title)}")
    page.goto("/settings")
    rows = page.locator(".conversation-rows li")
    rows.first.get_by_role("button", name="Delete permanently").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.get_by_role("button", name="Restore")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
    assert ada.api("GET", "/api/conversations/?trashed=true")["items"] == []


def test_deleting_permanently_asks_again_after_a_while(ada: Person, page: Page) -> None:
    """The first click is like one in Safari, where a clicked button gets no focus to lose."""
    ada.api("DELETE", f"/api/conversations/{ada.chat()}")
    page.clock.install()
    page.goto("/settings")
    row = page.locator(".conversation-rows li")
    delete = row.get_by_role("button", name="Delete permanently")
    confirm = row.get_by_role("button", name="Really delete?")
    delete.dispatch_event("click")
    expect(confirm).to_be_visible()
    page.get_by_role("heading", name="Trash").click()
    expect(delete).to_be_visible()
    delete.dispatch_event("click")
    expect(confirm).to_be_visible()
    page.clock.fast_forward(6000)
    expect(delete).to_be_visible()


def test_settings_are_saved_without_a_network_on_a_server_on_this_machine(ada: Person, page: Page) -> None:
    page.goto("/")
    expect(message_box(page)).to_be_visible()
    page.evaluate(NETWORK_AWAY)
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_text("This device")).to_be_visible()
    page.get_by_label("Name").fill("Countess")
    page.locator("form", has=page.get_by_label("Name")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


def log_in(page: Page, email: str, password: str) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(message_box(page)).to_be_visible()


def test_what_is_typed_into_the_settings_and_not_saved_survives_a_reload(ada: Person, page: Page) -> None:
    page.goto("/settings")
    page.get_by_label("System prompt").fill("Answer like a pirate.")
    page.get_by_label("Name", exact=True).fill("Ada King")
    page.get_by_label("Current password").fill("never kept")
    page.reload()
    expect(page.get_by_label("System prompt")).to_have_value("Answer like a pirate.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ada King")
    expect(page.get_by_label("Current password")).to_have_value("")
    expect(page.get_by_text("Not saved yet.")).to_have_count(2)
    page.locator("form", has=page.get_by_label("System prompt")).get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not saved yet.")).to_have_count(1)
    page.get_by_label("Name", exact=True).fill("Ada Lovelace")
    expect(page.get_by_text("Not saved yet.")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.includes('unsaved'))") == []
