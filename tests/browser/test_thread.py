"""Reading a conversation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from bson import ObjectId
from playwright.sync_api import Page, expect
from pymongo.database import Database

from tests.browser.people import (
    Person,
    Window,
    answers,
    choose_model,
    finished,
    message_box,
    saving,
    send,
    sidebar_link,
    wait_for,
)
from tests.support.long_conversations import store_conversation

RICH = """\
# A heading

Some **bold** text, `code`, a [link](https://example.org/page) and $E = mc^2$.

| a | b |
|---|---|
| 1 | 2 |

```python
def greet(name: str) -> str:
    return f"Hello {name}"
```

![a picture](https://example.org/secret.png)
"""
TOP = "document.querySelector('.thread-scroller').scrollTop"
FROM_END = """(() => { const box = document.querySelector('.thread-scroller');
    return box.scrollHeight - box.clientHeight - box.scrollTop })()"""

CLIPBOARD = "navigator.clipboard.readText()"

NETWORK_AWAY = """() => {
    Object.defineProperty(navigator, 'onLine', {get: () => false});
    dispatchEvent(new Event('offline'));
}"""
"""Makes the browser report that it is offline. The server of these tests is on the same machine and still reachable."""

SETTLED = """async (from) => {
    const box = document.querySelector('.thread-scroller');
    const frame = () => new Promise(requestAnimationFrame);
    for (let frames = 0; box.scrollTop === from && frames < 60; frames += 1) await frame();  // until it starts to move
    for (let still = 0, top = NaN; still < 12; ) {
        await frame();
        still = box.scrollTop === top ? still + 1 : 0;
        top = box.scrollTop;
    }
}"""


def wheel(page: Page, by: int) -> None:
    page.locator(".thread-scroller").hover()
    before = page.evaluate(TOP)
    page.mouse.wheel(0, by)
    page.evaluate(SETTLED, before)


def user_id(person: Person) -> str:
    return str(person.api("GET", "/api/auth/me")["id"])


def test_an_answer_has_tables_code_links_and_formulas(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words=RICH)}")
    answer = finished(page)
    expect(answer.get_by_role("heading", name="A heading")).to_be_visible()
    expect(answer.get_by_role("cell", name="2")).to_be_visible()
    expect(answer.locator(".katex").first).to_be_visible()
    expect(answer.locator(".code .hljs-keyword").first).to_have_text("def")
    expect(answer.locator(".code-language")).to_have_text("python")
    link = answer.get_by_role("link", name="link", exact=True)
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(answer.locator("img")).to_have_count(0)
    expect(answer.get_by_role("link", name="a picture")).to_have_attribute("href", "https://example.org/secret.png")


def test_an_image_with_an_invalid_address_is_shown_as_its_name(ada: Person, page: Page) -> None:
    for address in ("http://localhost:PORT/a.png", "https://<your-domain>/l.png", "https://"):
        page.goto(f"/c/{ada.chat(words=f'Before ![my picture](<{address}>) after')}")
        expect(finished(page)).to_contain_text("Before")
        expect(finished(page)).to_contain_text("after")


def test_an_image_of_this_server_is_shown(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words='![the sign](/favicon.svg)')}")
    expect(finished(page).get_by_role("img", name="the sign")).to_have_js_property("complete", True)
    assert finished(page).locator("img").evaluate("(image) => image.naturalWidth") > 0


def test_a_message_that_cannot_be_rendered_is_shown_as_plain_text(ada: Person, page: Page, window: Window) -> None:
    window.provokes("Error: broken")
    tea = ada.chat(words="Some *words* and ![x](y.png)")
    page.add_init_script("""const test = RegExp.prototype.test;
        RegExp.prototype.test = function (text) {
            if (text === "y.png") throw new Error("broken");
            return test.call(this, text);
        };""")
    page.goto(f"/c/{tea}")
    expect(finished(page)).to_contain_text("Some *words* and ![x](y.png)")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea")


def test_loading_earlier_messages_can_be_retried(
    ada: Person, page: Page, window: Window, store: Database[dict[str, Any]]
) -> None:
    window.provokes("status of 500")
    long = store_conversation(store, user_id(ada), 60)
    page.route("**/messages?*cursor=*", lambda route: route.fulfill(status=500, body="{}"), times=1)
    page.goto(f"/c/{long}")
    expect(page.get_by_text("Message number 59.")).to_be_visible()
    page.locator(".thread-scroller").hover()
    again = page.get_by_role("button", name="Earlier messages could not be loaded.")
    for _ in range(200):
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(60)
        if again.is_visible():
            break
    again.click()
    expect(again).to_have_count(0)
    first = page.get_by_text("Message number 0.")
    for _ in range(200):
        page.mouse.wheel(0, -2000)
        page.wait_for_timeout(60)
        if first.is_visible():
            break
    expect(first).to_be_visible()


def test_code_and_messages_are_copied_unchanged(ada: Person, page: Page, window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/c/{ada.chat(words=RICH)}")
    finished(page).get_by_role("button", name="Copy code").click()
    wait_for(page, f"{CLIPBOARD}.then((text) => text.startsWith('def greet(name: str) -> str:\\n    return'))")
    finished(page).get_by_role("button", name="Copy", exact=True).click()
    wait_for(page, f"{CLIPBOARD}.then((text) => text === {json.dumps(RICH)})")
    finished(page).get_by_role("button", name="Wrap lines").click()
    expect(finished(page).locator("figure.code")).to_have_attribute("data-wrap", "true")


def test_copying_without_the_clipboard_api_keeps_the_keyboard_focus(ada: Person, page: Page) -> None:
    page.add_init_script("""Object.defineProperty(navigator, 'clipboard', {value: undefined});
        addEventListener('copy', () => { window.copied = getSelection().toString(); });""")
    page.goto(f"/c/{ada.chat(words='Take me along')}")
    copy = finished(page).get_by_role("button", name=re.compile("Copy|Copied"))
    copy.press("Enter")
    wait_for(page, "window.copied === 'Take me along'")
    expect(copy).to_be_focused()


def test_the_last_answer_can_be_copied_while_the_first_ones_are_read(
    ada: Person, page: Page, window: Window, store: Database[dict[str, Any]]
) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/c/{store_conversation(store, user_id(ada), 40)}")
    expect(page.get_by_text("Message number 39.")).to_be_visible()
    wheel(page, -20_000)
    expect(page.get_by_text("Message number 39.")).to_have_count(0)
    page.keyboard.press("Control+Shift+C")
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("Message number 39.")


def test_a_model_changed_elsewhere_is_shown_after_one_was_chosen_here(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
    with saving(page):
        choose_model(page, "normal")
    ada.api("PATCH", f"/api/conversations/{tea}", model="empty")
    expect(page.get_by_label("Model")).to_have_value("empty")


def test_the_thread_follows_the_answer_until_the_reader_scrolls_up(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(turns=6, words='Some words that take a line. ' * 12)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
    with saving(page):
        choose_model(page, "normal:tokens=5000:gap=5")
    send(page, "A long one")
    expect(answers(page).last).to_contain_text("tok600 ", timeout=20_000)
    wait_for(page, f"{FROM_END} < 60")
    wheel(page, -700)
    kept = page.evaluate(TOP)
    grown = page.evaluate("document.querySelector('.thread-scroller').scrollHeight")
    wait_for(page, f"document.querySelector('.thread-scroller').scrollHeight > {grown + 300}")
    assert abs(page.evaluate(TOP) - kept) < 2
    page.get_by_role("button", name="Go to the latest message").click()
    wait_for(page, f"{FROM_END} < 60")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


def test_the_thread_stays_where_the_reader_scrolls_by_a_line_with_the_keyboard(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(turns=6, words='Some words that take a line. ' * 12)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
    with saving(page):
        choose_model(page, "normal:tokens=5000:gap=5")
    send(page, "A long one")
    expect(answers(page).last).to_contain_text("tok600 ", timeout=20_000)
    page.locator(".thread-scroller").focus()
    page.keyboard.press("ArrowUp")
    wait_for(page, f"{FROM_END} > 300")
    expect(page.get_by_role("button", name="Go to the latest message")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


def test_a_long_conversation_opens_at_its_end_and_loads_older_messages_in_place(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    page.goto(f"/c/{store_conversation(store, user_id(ada), 500)}")
    expect(page.get_by_text("Message number 499.")).to_be_visible()
    wait_for(page, f"{FROM_END} < 2")
    page.wait_for_timeout(1000)  # rows above the viewport are measured after the first paint
    for _ in range(200):
        if page.get_by_text("Message number 380.").is_visible():
            break
        place = page.evaluate(PLACES)
        wheel(page, -400)
        moved = page.evaluate(PLACES)
        shifts = {round(moved[key] - place[key]) for key in place.keys() & moved.keys()}
        assert all(abs(shift - 400) <= 2 for shift in shifts if shift), (
            "what is on the screen moves by exactly the scrolled distance"
        )
    expect(page.get_by_text("Message number 380.")).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 3000


PLACES = """Object.fromEntries([...document.querySelectorAll('[data-message-id]')]
    .map((row) => [row.dataset.messageId, row.getBoundingClientRect().top])
    .filter(([, top]) => top > 60 && top < innerHeight))"""


def test_a_long_message_is_folded_and_can_be_unfolded(ada: Person, page: Page) -> None:
    page.goto("/")
    send(page, "\n".join(f"line {number}" for number in range(300)))
    own = page.locator("article.own")
    expect(own).to_contain_text("line 10")
    expect(own).not_to_contain_text("line 299")
    own.get_by_role("button", name="Show all").click()
    expect(own).to_contain_text("line 299")


def test_feedback_on_an_answer_is_saved(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    page.get_by_role("button", name="Good answer").click()
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")


def test_a_thumb_that_was_given_is_seen(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    good, bad = page.get_by_role("button", name="Good answer"), page.get_by_role("button", name="Bad answer")
    good.click()
    expect(good).to_have_css("color", "rgb(29, 104, 82)")
    assert good.locator("svg").evaluate("(icon) => getComputedStyle(icon).fill") == "rgb(29, 104, 82)"
    expect(bad.locator("svg")).to_have_css("fill", "none")


def test_the_hidden_buttons_of_a_question_leave_no_gap(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(turns=2)}")
    expect(finished(page)).to_have_count(2)
    question, answer = page.locator("article.own").last, finished(page).last.locator(".message-text")
    copy = question.get_by_role("button", name="Copy")

    def edges() -> tuple[float, float, float]:
        bubble, foot, below = question.locator(".bubble").bounding_box(), copy.bounding_box(), answer.bounding_box()
        assert bubble
        assert foot
        assert below
        return bubble["y"] + bubble["height"], foot["y"] + foot["height"], below["y"]

    bubble, buttons, below = edges()
    assert below - bubble < 40
    assert bubble <= buttons <= below
    expect(copy).to_have_css("opacity", "0")
    question.hover()
    expect(copy).to_have_css("opacity", "1")
    assert edges() == (bubble, buttons, below)


def test_an_error_says_what_can_be_done_and_its_details_on_demand(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 409")
    page.goto(f"/c/{ada.chat()}")
    refusal = {"reason": "turn_in_progress", "message": "Busy.", "requestId": "9f86d081884c7d65"}
    page.route(
        "**/api/conversations/*",
        lambda route: route.fulfill(status=409, json=refusal) if route.request.method == "PATCH" else route.continue_(),
    )
    choose_model(page, "crawl")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Wait for its end or stop it.")
    expect(toast.get_by_text("9f86d081884c7d65")).to_be_hidden()
    toast.get_by_text("Details").click()
    expect(toast.get_by_text("HTTP 409 · turn_in_progress · 9f86d081884c7d65")).to_be_visible()
    shown, composer = toast.bounding_box(), page.locator("form.composer").bounding_box()
    assert shown
    assert composer
    assert shown["y"] + shown["height"] < composer["y"], "it does not cover the composer"


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


def test_regenerating_by_pointer_does_not_focus_the_composer(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    page.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(message_box(page)).not_to_be_focused()


def test_escape_while_composing_does_not_stop_the_answer(ada: Person, page: Page) -> None:
    choose_model(page, "normal:tokens=300:gap=20")
    send(page, "Write a lot")
    expect(answers(page)).to_contain_text("tok5 ")
    composed = "new KeyboardEvent('keydown', {key: 'Escape', keyCode: 229, bubbles: true, cancelable: true})"
    message_box(page).evaluate(f"(box) => box.dispatchEvent({composed})")
    expect(answers(page)).to_contain_text("tok40 ")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


def test_a_server_on_this_machine_is_used_without_a_network(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    page.goto("/")
    expect(sidebar_link(page, "Tea")).to_be_visible()
    page.evaluate(NETWORK_AWAY)
    sidebar_link(page, "Tea").click()
    expect(finished(page)).to_contain_text("Tell me about tea")


def test_a_conversation_that_cannot_be_loaded_offline_says_so_and_loads_with_the_network(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("net::ERR_")
    tea = ada.chat("Tea")
    page.goto(f"/c/{ada.chat('Coffee')}")
    expect(finished(page)).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if f"{tea}/messages" in request.url else None)
    window.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    sidebar_link(page, "Tea").click()
    expect(page.get_by_text("This conversation could not be loaded.")).to_be_visible(timeout=5000)
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("This conversation could not be loaded.")).to_be_visible(timeout=5000)
    assert len(asked) <= 6, "hovering, clicking and one retry requested it, and nothing repeats by itself"
    window.context.set_offline(False)
    expect(finished(page)).to_contain_text("Tell me about tea")


def test_going_back_to_a_conversation_shows_it_at_once_and_at_its_end(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    store_conversation(store, user_id(ada), 200, title="First")
    store_conversation(store, user_id(ada), 200, title="Second")
    page.goto("/")
    sidebar_link(page, "First").click()
    expect(page.get_by_text("Message number 199.")).to_be_visible()
    sidebar_link(page, "Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    expect(page.get_by_text("Message number 199.")).to_be_visible()
    wait_for(page, f"{FROM_END} < 2")
    page.route("**/messages*", lambda _: None)  # what is shown at once needs no request
    sidebar_link(page, "First").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    expect(page.get_by_text("Message number 199.")).to_be_visible()
    wait_for(page, f"{FROM_END} < 2")


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("length", "The answer was cut off: it reached its length limit."),
        ("content_filter", "The answer was cut off by the provider’s content filter."),
    ],
)
def test_an_answer_that_was_cut_off_says_why(
    ada: Person, page: Page, store: Database[dict[str, Any]], reason: str, note: str
) -> None:
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    expect(finished(page)).to_be_visible()
    expect(page.locator(".answer-note")).to_have_count(0)
    store["conversations"].update_one({"_id": ObjectId(tea)}, {"$set": {"messages.1.finishReason": reason}})
    page.reload()
    expect(finished(page).get_by_text(note)).to_be_visible()


def test_going_back_to_a_conversation_shows_what_was_being_read(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    store_conversation(store, user_id(ada), 120, title="First")
    ada.chat("Second")
    page.goto("/")
    sidebar_link(page, "First").click()
    expect(page.get_by_text("Message number 119.")).to_be_visible()
    wheel(page, -4000)
    wheel(page, -150)
    before = page.evaluate(PLACES)
    sidebar_link(page, "Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    first = min(before, key=lambda id_: before[id_])
    wait_for(page, f"Math.abs(({PLACES})['{first}'] - {before[first]}) <= 2")


def test_a_reload_shows_what_was_being_read_however_far_back(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    page.goto(f"/c/{store_conversation(store, user_id(ada), 400)}")
    expect(page.get_by_text("Message number 399.")).to_be_visible()
    for far in (False, True):
        wheel(page, -1500)
        while far and not page.get_by_text("Message number 250.").is_visible():
            wheel(page, -4000)
        before = page.evaluate(PLACES)
        page.reload()
        first = min(before, key=lambda id_: before[id_])
        wait_for(page, f"Math.abs(({PLACES})['{first}'] - {before[first]}) <= 2")
        expect(page.locator("[aria-current=location]")).to_have_count(0)
    page.get_by_role("button", name="Go to the latest message").click()
    expect(page.get_by_text("Message number 399.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Message number 399.")).to_be_visible()
