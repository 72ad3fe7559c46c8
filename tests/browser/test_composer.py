"""Writing messages."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.people import Person, Window, answers, choose_model, finished, message_box, saving, send


def test_enter_sends_and_shift_enter_starts_a_new_line(ada: Person, page: Page) -> None:
    message_box(page).press_sequentially("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(message_box(page)).to_have_value("one\ntwo")
    page.keyboard.press("Enter")
    expect(page.locator("article.own .bubble")).to_have_text("one\ntwo", use_inner_text=True)
    expect(message_box(page)).to_have_value("")


def test_enter_while_composing_sends_nothing(ada: Person, page: Page) -> None:
    message_box(page).fill("にほん")
    composing = "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true, isComposing: true})"
    message_box(page).evaluate(f"(box) => box.dispatchEvent({composing})")
    page.wait_for_timeout(200)
    expect(message_box(page)).to_have_value("にほん")
    expect(page.locator("article.own")).to_have_count(0)


def test_enter_that_safari_reports_after_composing_sends_nothing(ada: Person, page: Page) -> None:
    message_box(page).fill("にほん")
    composed = "new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true})"
    message_box(page).evaluate(f"(box) => box.dispatchEvent({composed})")
    page.wait_for_timeout(200)
    expect(message_box(page)).to_have_value("にほん")
    expect(page.locator("article.own")).to_have_count(0)


def test_pasted_text_is_sent_unchanged(ada: Person, page: Page, window: Window) -> None:
    ada.api("PATCH", "/api/auth/me", settings={"formatOwnMessages": False})
    page.reload()
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('  one\\n\\ttwo <b>three</b>')")
    message_box(page).focus()
    page.keyboard.press("Control+V")
    expect(message_box(page)).to_have_value("  one\n\ttwo <b>three</b>")
    page.keyboard.press("Enter")
    expect(page.locator("article.own .plain")).to_have_text("  one\n\ttwo <b>three</b>", use_inner_text=True)


def test_the_field_grows_with_the_text_up_to_a_limit(ada: Person, page: Page) -> None:
    small = message_box(page).bounding_box()
    message_box(page).fill("\n".join(["line"] * 8))
    larger = message_box(page).bounding_box()
    message_box(page).fill("\n".join(["line"] * 300))
    largest = message_box(page).bounding_box()
    assert small
    assert larger
    assert largest
    assert small["height"] < larger["height"] < largest["height"] < 400


def test_the_length_is_shown_near_the_limit_and_a_longer_text_is_not_sent(ada: Person, page: Page) -> None:
    message_box(page).fill("x" * 90_000)
    expect(page.get_by_text("90,000 of 100,000 characters")).to_be_visible()
    message_box(page).fill("x" * 100_002)
    expect(page.get_by_text("2 characters too long")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    message_box(page).fill("👍" * 60_000)  # 60,000 characters in 120,000 code units
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def test_blank_text_is_not_sent(ada: Person, page: Page) -> None:
    message_box(page).fill("  \n ")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    expect(page.locator("article.own")).to_have_count(0)
    expect(message_box(page)).to_have_value("  \n ")


def test_the_model_is_chosen_for_a_new_chat_and_changed_later(ada: Person, page: Page) -> None:
    choose_model(page, "echo")
    send(page, "Say this")
    expect(finished(page)).to_contain_text("Say this")
    expect(page.get_by_role("heading", level=1)).to_have_text("Say this")
    with saving(page):
        choose_model(page, "normal")
    send(page, "And now?")
    expect(finished(page).last).to_contain_text("tok49")


def own(page: Page) -> Locator:
    """What the person has said, sent or not, from the top to the end."""
    return page.locator("article.own .bubble")


def queue(page: Page, text: str) -> None:
    message_box(page).fill(text)
    page.keyboard.press("Enter")
    expect(message_box(page)).to_have_value("")


def test_messages_written_while_an_answer_is_written_are_queued_and_sent_in_order(ada: Person, page: Page) -> None:
    choose_model(page, "lasting")
    send(page, "Write a lot")
    expect(answers(page)).to_contain_text("tok5 ")
    for text in ("second", "third", "fourth"):
        queue(page, text)
    queued = page.locator("article.unsent")
    expect(queued).to_have_count(3)
    expect(queued.first).to_contain_text("Queued")
    expect(own(page)).to_have_text(["Write a lot", "second", "third", "fourth"])
    queued.nth(1).get_by_role("button", name="Edit").click()
    expect(message_box(page)).to_have_value("third")
    expect(queued).to_have_count(2)
    message_box(page).fill("")
    page.reload()
    expect(queued).to_have_count(2)
    expect(answers(page)).to_contain_text("tok5 ")
    queued.last.get_by_role("button", name="Discard").click()
    queue(page, "fifth")
    expect(page.get_by_role("heading", level=1)).not_to_be_empty()  # the conversation is loaded: a choice is saved
    with saving(page):
        choose_model(page, "echo")
    for count in (1, 2, 3):  # each with the model that was shown when it was queued
        expect(answers(page)).to_have_count(count)
        expect(answers(page).last).to_contain_text("tok5 ")
        page.get_by_role("button", name="Stop").click()
    expect(finished(page)).to_have_count(3)
    expect(own(page)).to_have_text(["Write a lot", "second", "fifth"])


def test_what_is_queued_behind_an_answer_that_fails_waits_for_the_person(ada: Person, page: Page) -> None:
    choose_model(page, "error_in_stream")
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    page.route("**/message/stream", hold, times=1)
    with page.expect_request("**/message/stream"):
        send(page, "This fails")
    queue(page, "And then?")
    held = page.locator("article.unsent").last
    expect(held).to_contain_text("Queued")
    while not late:
        page.wait_for_timeout(20)
    late[0].continue_()
    expect(held).to_contain_text("Held back")
    held.get_by_role("button", name="Send").click()
    expect(answers(page)).to_have_count(2)
    expect(page.locator("article.unsent")).to_have_count(0)
