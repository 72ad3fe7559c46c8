"""The page without a pointer, and without a look at it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import (
    PASSWORD,
    Person,
    Window,
    answers,
    finished,
    message_box,
    send,
    sidebar_link,
    wait_for,
)
from tests.support.provider import FakeProvider


def test_everything_can_be_done_by_keyboard_alone(window: Window) -> None:
    page = window.page
    page.goto("/register")
    expect(page.get_by_label("Name")).to_be_focused()
    for text in ("Kay", "kay@example.org", PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab" if text != PASSWORD else "Enter")
    expect(message_box(page)).to_be_focused()
    page.keyboard.type("Hello")
    page.keyboard.press("Enter")
    expect(finished(page)).to_be_visible()
    page.keyboard.press("Control+Shift+O")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kay")
    expect(message_box(page)).to_be_focused()
    page.keyboard.press("Control+Shift+S")
    expect(page.get_by_role("button", name="Open sidebar")).to_be_visible()
    page.keyboard.press("Control+Shift+S")
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    expect(message_box(page)).to_be_focused()


def test_a_screen_reader_reads_an_answer_once_not_word_by_word(ada: Person, page: Page, provider: FakeProvider) -> None:
    page.evaluate("""() => {
        window.announced = [];
        new MutationObserver(() => {
            for (const place of document.querySelectorAll('[aria-live=polite]:not(.toasts)')) {
                const text = place.textContent;
                if (text && text !== window.announced.at(-1)) window.announced.push(text);
            }
        }).observe(document.body, {childList: true, subtree: true, characterData: true});
    }""")
    tea = ada.chat("Tea")
    page.locator(f"a[href='/c/{tea}']").click()
    expect(finished(page)).to_have_count(1)
    provider.behave("lasting:tokens=40")
    send(page, "Speak to me")
    expect(answers(page).last).to_contain_text("tok39")
    provider.control(go_on=True)
    expect(finished(page)).to_have_count(2)
    provider.reset()
    wait_for(page, "window.announced.length > 1")
    page.wait_for_timeout(200)
    text = " ".join(f"tok{number}" for number in range(40))
    assert [said.strip() for said in page.evaluate("window.announced")] == [
        "An answer is being written.",
        f"Answer: {text}",
    ]


def test_a_closed_dialog_returns_the_keyboard_focus(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    ada.open_chat()
    for before in (page.locator(".thread-scroller"), sidebar_link(page, "Tea")):
        before.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        expect(before).to_be_focused()
    message_box(page).fill("Written before it ended")
    ada.api("POST", "/api/auth/logout")
    page.keyboard.press("Enter")
    again = page.get_by_role("dialog", name="Log in again")
    expect(again.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(again).to_have_count(0)
    expect(message_box(page)).to_be_focused()
