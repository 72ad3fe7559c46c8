"""What the settings can tidy: tags, the trash, everything."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Person, Window, saving
from tests.browser.seen import THEMES, faults
from tests.support.server import ServerProcess


def tag(ada: Person, title: str, *names: str) -> None:
    ada.api("PATCH", f"/api/conversations/{ada.chat(title)}", tags=list(names))


def test_a_tag_is_renamed_recoloured_and_deleted_everywhere(ada: Person, page: Page) -> None:
    tag(ada, "Atoms", "science", "school")
    tag(ada, "Waves", "science")
    page.goto("/settings")
    page.get_by_label("Name of “science”").fill("physics")
    with saving(page):
        page.get_by_role("button", name="Rename").click()
    with saving(page):
        page.get_by_label("Color of “physics”").select_option("Blue")
    chips = page.get_by_role("group", name="Show only one tag")
    expect(chips.get_by_role("button", name="physics").locator(".tag-dot")).to_have_attribute("data-color", "blue")
    row = page.locator(".tags li").filter(has_text="Conversations: 1")
    row.get_by_role("button", name="Delete").click()
    row.get_by_role("button", name="Really delete?").click()
    expect(chips.get_by_role("button")).to_have_count(1)
    kept = ada.api("GET", "/api/conversations")["items"]
    assert [one["tags"] for one in kept] == [["physics"], ["physics"]]


def test_the_trash_is_emptied_and_nothing_else(ada: Person, page: Page) -> None:
    for title in ("Tea", "Coffee"):
        ada.api("DELETE", f"/api/conversations/{ada.chat(title)}")
    ada.chat("Water")
    page.goto("/settings")
    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("button", name="Really delete?").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    assert ada.api("GET", "/api/conversations?trashed=true")["items"] == []
    assert [one["title"] for one in ada.api("GET", "/api/conversations")["items"]] == ["Water"]


def test_everything_is_deleted_only_after_the_word_was_typed(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Delete all conversations").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("delte")
    dialog.get_by_role("button", name="Delete all conversations").click(force=True)
    expect(dialog).to_be_visible()
    dialog.get_by_role("textbox").fill("Delete")
    dialog.get_by_role("button", name="Delete all conversations").click()
    expect(page.get_by_text("All conversations have been deleted.")).to_be_visible()
    expect(page.locator(".conversation-link")).to_have_count(0)
    assert ada.api("GET", "/api/conversations")["items"] == []
    assert ada.api("GET", "/api/conversations?trashed=true")["items"] == []


def test_after_how_many_days_unused_conversations_go_to_the_trash_is_chosen(ada: Person, page: Page) -> None:
    page.goto("/settings")
    choice = page.get_by_label("Move unused conversations to the trash")
    expect(choice).to_have_value("")
    with saving(page):
        choice.select_option("After 90 days")
    assert ada.api("GET", "/api/auth/me")["settings"]["retentionDays"] == 90
    with saving(page):
        choice.select_option("Never")
    assert "retentionDays" not in ada.api("GET", "/api/auth/me")["settings"]


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_the_settings_of_order(browser: Browser, server: ServerProcess, theme: Any) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme) as window:
        page = window.page
        ada = Person.register(window, f"axe-clearing-{theme}@example.org", "Ada")
        tag(ada, "Atoms", "science")
        ada.api("DELETE", f"/api/conversations/{ada.chat('Tea')}")
        page.goto("/settings")
        expect(page.get_by_role("button", name="Empty the trash")).to_be_visible()
        expect(page.get_by_label("Name of “science”")).to_be_visible()
        assert faults(page) == [], "settings"
        page.get_by_role("button", name="Delete all conversations").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == [], "confirmation"
