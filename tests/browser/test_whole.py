"""Finding in, printing and saving all of a conversation, not only what is on the screen."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect
from pymongo.database import Database

from tests.browser.people import Person, Window, finished, message_box, wait_for
from tests.browser.seen import faults
from tests.support.long_conversations import store_conversation

RICH = """\
# Tea

| a | b |
|---|---|
| 1 | 2 |

| Sort | Origin | Temperature | Time | Remark | Price for 100 g | Caffeine | Harvest |
|---|---|---|---|---|---|---|---|
| Sencha | Japan | 70 °C | 2 min | Fresh, a little grassy, best with soft water | 12.50 € | medium | spring |

$$\\frac{1}{2}$$

```python
def greet(): return "Hello"
```

![the sign](/favicon.svg)
"""
IN_VIEW = """[...CSS.highlights.get('found-here') ?? []].some((range) => {
    const { top } = range.getBoundingClientRect();
    return top > 0 && top < innerHeight;
})"""
"""Whether a marked word is on the screen."""

PAPER: ViewportSize = {"width": 718, "height": 1000}
"""A4 without its margins."""

INK_ON_PAPER = "rgb(30, 37, 33)"
"""Whatever the theme is."""


def find_field(page: Page) -> Any:
    return page.get_by_role("searchbox", name="Find in this conversation")


def test_a_find_sees_messages_that_were_never_loaded(ada: Person, page: Page, store: Database[dict[str, Any]]) -> None:
    def text(number: int) -> str:
        return f"Message number {number}. " + (
            "The **rare** word. " if number in (3, 400, 799) else "Common words. " * 9
        )

    page.goto(f"/c/{store_conversation(store, ada.id, 800, text=text)}")
    expect(page.get_by_text("Message number 799.")).to_be_visible()
    page.keyboard.press("Control+f")
    expect(find_field(page)).to_be_focused()
    page.keyboard.type("RARE word")
    expect(page.get_by_text("3 of 3")).to_be_visible()
    wait_for(page, IN_VIEW)
    for at, number in ((1, 3), (2, 400), (3, 799)):
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"{at} of 3")).to_be_visible()
        expect(page.get_by_text(f"Message number {number}.")).to_be_in_viewport()
        wait_for(page, IN_VIEW)
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_text("Message number 400.")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(find_field(page)).to_have_count(0)
    expect(message_box(page)).to_be_focused()
    wait_for(page, "CSS.highlights.size === 0")
    expect(page.get_by_text("Message number 400.")).to_be_in_viewport()


def test_the_second_control_f_is_the_browsers(ada: Person, page: Page) -> None:
    ada.open_chat("Tea")
    page.evaluate(
        "addEventListener('keydown', (event) => (window.kept = [...(window.kept ?? []), event.defaultPrevented]))"
    )
    page.keyboard.press("Control+f")
    expect(find_field(page)).to_be_focused()
    page.evaluate("window.kept = []")
    page.locator("#find").dispatch_event("keydown", {"key": "f", "ctrlKey": True, "bubbles": True, "cancelable": True})
    assert page.evaluate("window.kept") == [False]


def test_what_a_browser_cannot_mark_is_outlined(ada: Person, page: Page) -> None:
    page.add_init_script("delete CSS.highlights; delete CSS.__proto__.highlights")
    ada.open_chat("Tea", words="Something rare")
    page.keyboard.press("Control+f")
    find_field(page).fill("rare")
    expect(page.locator("[data-found]")).to_have_count(1)


def test_all_of_a_conversation_is_selected_and_nothing_else(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    page.goto(f"/c/{store_conversation(store, ada.id, 300)}")
    message_box(page).fill("A draft")
    page.keyboard.press("Control+a")
    assert page.evaluate("getSelection().toString()") == "A draft"
    page.get_by_role("region", name="Conversation").focus()
    page.keyboard.press("Control+a")
    whole = page.get_by_role("dialog", name="All of the conversation")
    expect(whole).to_be_focused()
    wait_for(page, "getSelection().toString().includes('Message number 299.')")
    copied = page.evaluate("getSelection().toString()")
    assert [number for number in range(300) if f"Message number {number}." not in copied] == []
    assert "Back to the chat" not in copied
    assert "A draft" not in copied
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(whole).to_have_count(0)
    expect(page.get_by_role("region", name="Conversation")).to_be_focused()
    expect(page.get_by_text("Message number 299.")).to_be_visible()


def test_all_of_a_conversation_is_printed_without_the_frame(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    page.add_init_script("window.print = () => { window.printing = true; }")
    page.emulate_media(color_scheme="dark")
    page.goto(f"/c/{store_conversation(store, ada.id, 300)}")
    expect(page.get_by_text("Message number 299.")).to_be_visible()
    page.keyboard.press("Control+p")
    wait_for(page, "window.printing === true")
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    for number in (0, 1, 150, 298, 299):
        assert f"Message number {number}." in shown
    expect(message_box(page)).not_to_be_visible()
    expect(page.get_by_role("navigation", name="Conversations")).not_to_be_visible()
    expect(page.locator(".whole button:visible")).to_have_count(0)
    expect(page.locator(".whole h1")).to_have_css("color", INK_ON_PAPER)
    page.emulate_media(media="screen")
    expect(page.locator(".whole h1")).not_to_have_css("color", INK_ON_PAPER)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator(".whole")).to_have_count(0)
    expect(message_box(page)).to_be_visible()


def test_a_conversation_is_saved_as_one_file_that_opens_offline(
    ada: Person, page: Page, window: Window, tmp_path: Path
) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"/c/{ada.chat('Tea & <milk>', words=RICH)}")
    expect(finished(page).locator(".katex")).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Find, select, print or save").click()
        page.get_by_role("menuitem", name="Save as one HTML file").click()
    path = tmp_path / "saved.html"
    saving.value.save_as(path)
    assert saving.value.suggested_filename == "Tea  milk.html"
    expect(page.locator(".whole")).to_have_count(0)

    reader = window.browser.new_context(offline=True)
    file = reader.new_page()
    complaints: list[str] = []
    file.on("console", lambda message: complaints.append(message.text))
    file.on(
        "request",
        lambda request: complaints.append(request.url) if not request.url.startswith(("file:", "data:")) else None,
    )
    file.goto(path.as_uri())
    expect(file.get_by_role("heading", level=1)).to_have_text("Tea & <milk>")
    assert file.title() == "Tea & <milk>"
    expect(file.locator("time").last).to_contain_text(str(datetime.now(UTC).year))
    answer = file.locator("article.answer")
    expect(answer.get_by_role("cell", name="2", exact=True)).to_be_visible()
    expect(answer.locator("math mfrac")).to_be_visible()
    expect(answer.locator(".hljs-keyword").first).to_have_text("def")
    assert answer.locator("img").evaluate("(image) => image.naturalWidth") > 0
    assert answer.locator("pre").evaluate("(code) => getComputedStyle(code).fontFamily").startswith("ui-monospace")
    expect(file.locator("button, script, link")).to_have_count(0)
    expect(file.get_by_role("heading", level=1)).not_to_have_css("color", INK_ON_PAPER)
    file.emulate_media(media="print")
    file.set_viewport_size(PAPER)
    assert file.evaluate("document.documentElement.scrollWidth") == PAPER["width"], "no column is cut off"
    expect(file.get_by_role("heading", level=1)).to_have_css("color", INK_ON_PAPER)
    expect(file.locator(".table-box").first).to_have_css("background-image", "none")
    assert complaints == []
    reader.close()


def test_thoughts_that_are_unfolded_are_saved_folded_and_printed(
    ada: Person, page: Page, window: Window, tmp_path: Path
) -> None:
    page.add_init_script("window.print = () => { window.printing = true; }")
    page.goto(f"/c/{ada.chat(words='<think>They like tea.</think>Tea', turns=2)}")
    finished(page).first.get_by_role("button", name="Thought").click()
    expect(finished(page).first).to_contain_text("They like tea.")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Find, select, print or save").click()
        page.get_by_role("menuitem", name="Save as one HTML file").click()
    saving.value.save_as(tmp_path / "saved.html")
    expect(page.locator(".whole")).to_have_count(0)
    page.keyboard.press("Control+p")
    wait_for(page, "window.printing === true")
    page.emulate_media(media="print")
    expect(page.locator(".whole details")).to_have_count(1)
    expect(page.locator(".whole details").get_by_text("They like tea.")).to_be_visible()
    page.emulate_media(media="screen")

    file = window.browser.new_page()
    file.goto((tmp_path / "saved.html").as_uri())
    thoughts = file.locator("details").get_by_text("They like tea.")
    expect(file.locator("details summary")).to_have_text([re.compile("^Thought for .* s$")])
    expect(thoughts).not_to_be_visible()
    file.locator("summary").click()
    expect(thoughts).to_be_visible()
    file.close()
