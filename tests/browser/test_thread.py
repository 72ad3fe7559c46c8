"""What a conversation shows of its messages."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from playwright.sync_api import Page, expect
from pymongo.database import Database

from tests.browser.people import RICH, Person, Window, answers, choose_model, finished, message_box, saving, send


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


def test_a_model_changed_elsewhere_is_shown_after_one_was_chosen_here(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
    with saving(page):
        choose_model(page, "normal")
    ada.api("PATCH", f"/api/conversations/{tea}", model="empty")
    expect(page.get_by_label("Model")).to_have_value("empty")


def test_a_long_message_is_folded_and_can_be_unfolded(ada: Person, page: Page) -> None:
    page.goto("/")
    send(page, "\n".join(f"line {number}" for number in range(300)))
    expect(finished(page)).to_be_visible()
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
    expect(good.locator("svg")).to_have_css("fill", "rgb(29, 104, 82)")
    expect(bad.locator("svg")).to_have_css("fill", "none")


def test_the_hidden_buttons_of_a_question_leave_no_gap(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(turns=2)}")
    expect(finished(page)).to_have_count(2)
    question, answer = page.locator("article.own").last, finished(page).last.locator(".message-text")
    copy = question.get_by_role("button", name="Copy")

    def edges() -> tuple[float, float]:
        bubble, foot, below = question.locator(".bubble").bounding_box(), copy.bounding_box(), answer.bounding_box()
        assert bubble
        assert foot
        assert below
        end = bubble["y"] + bubble["height"]
        return foot["y"] + foot["height"] - end, below["y"] - end

    buttons, gap = edges()
    assert 0 <= buttons <= gap < 40
    expect(copy).to_have_css("opacity", "0")
    question.hover()
    expect(copy).to_have_css("opacity", "1")
    assert edges() == (buttons, gap)


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


def test_escape_while_composing_does_not_stop_the_answer(ada: Person, page: Page) -> None:
    choose_model(page, "lasting")
    send(page, "Write a lot")
    expect(answers(page)).to_contain_text("tok5 ")
    composed = "new KeyboardEvent('keydown', {key: 'Escape', keyCode: 229, bubbles: true, cancelable: true})"
    message_box(page).evaluate(f"(box) => box.dispatchEvent({composed})")
    expect(answers(page)).to_contain_text("tok40 ")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


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
    tea = ada.open_chat("Tea")
    expect(page.locator(".answer-note")).to_have_count(0)
    store["conversations"].update_one({"_id": ObjectId(tea)}, {"$set": {"messages.1.finishReason": reason}})
    page.reload()
    expect(finished(page).get_by_text(note)).to_be_visible()
