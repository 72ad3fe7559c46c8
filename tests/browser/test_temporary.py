"""Temporary chats: in no list, and gone when they are closed, unless they are kept."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import Person, finished, send, sidebar_link


def begin(page: Page, text: str) -> str:
    page.get_by_role("switch", name="Temporary").click()
    expect(page.locator(".composer-box[data-temporary]")).to_be_visible()
    expect(page.get_by_text("Every conversation is saved")).not_to_be_visible()
    send(page, text)
    expect(finished(page)).to_have_count(1)
    expect(page.get_by_text("This chat is temporary.")).to_be_visible()
    return page.url.rsplit("/", 1)[1]


def test_a_temporary_chat_is_not_listed_and_gone_when_it_is_closed(ada: Person) -> None:
    ada.window.provokes("status of 404")  # what is being asked for while it is deleted
    page = ada.page
    conversation = begin(page, "Secret tea")
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    expect(page.get_by_text("Your conversations will appear here.")).to_be_visible()
    assert ada.api("GET", "/api/conversations")["items"] == []
    page.get_by_role("button", name="Close and delete").click()
    expect(page.get_by_text("The temporary chat is deleted for good.")).to_be_visible()
    expect(page.get_by_role("switch", name="Temporary")).not_to_be_checked()
    after = asked[[method for method, _ in asked].index("DELETE") + 1 :]
    assert [url for _, url in after if conversation in url] == []
    response = page.context.request.get(f"{ada.window.base_url}/api/conversations/{conversation}")
    assert response.status == 404


def test_a_temporary_chat_that_is_kept_becomes_an_ordinary_one(ada: Person) -> None:
    page = ada.page
    conversation = begin(page, "Tea to keep")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("The chat is kept, and in your list now.")).to_be_visible()
    expect(page.get_by_text("This chat is temporary.")).to_have_count(0)
    title = ada.api("GET", f"/api/conversations/{conversation}")["title"]
    expect(sidebar_link(page, title)).to_be_visible()
    expect(page.get_by_role("img", name="Stored and answered")).to_be_visible()
