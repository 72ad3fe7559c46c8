"""Several answers to one question, and moving between them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import Person, message_box


def test_a_regenerated_answer_is_a_sibling_of_the_first(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    page.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    page.get_by_role("button", name="Previous version").click()
    expect(page.get_by_text("1 of 2")).to_be_visible()


def test_the_keyboard_switches_between_sibling_answers(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    for count in ("2 of 2", "3 of 3"):
        page.get_by_role("button", name="Regenerate").press("Enter")
        expect(page.get_by_text(count)).to_be_visible()
        expect(message_box(page)).to_be_focused()
    previous = page.get_by_role("button", name="Previous version")
    previous.press("Enter")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    expect(previous).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3")).to_be_visible()
    expect(previous).to_be_disabled()
    expect(page.get_by_role("button", name="Next version")).to_be_focused()
    for count in ("2 of 3", "3 of 3"):
        page.keyboard.press("Control+z")
        expect(page.get_by_text(count)).to_be_visible()


def test_regenerating_by_pointer_does_not_focus_the_composer(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    page.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(message_box(page)).not_to_be_focused()
