"""Stars on messages, and links to one message."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import Person, answers, finished, message_box, saving, send


def messages_of(person: Person, conversation_id: str, **query: object) -> list[dict[str, str]]:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    found = person.api("GET", f"/api/conversations/{conversation_id}/messages?{words}")
    return list(found["items"])


WATCH_FOR_THE_END = """new MutationObserver(() => {
    window.jumped ||= document.querySelector('.thread-content').textContent.includes('about tea 39');
}).observe(document.querySelector('.thread'), {childList: true, subtree: true, characterData: true})"""


def in_view(page: Page, message_id: str) -> None:
    expect(page.locator(f"[data-message-id='{message_id}']")).to_be_in_viewport()


def test_a_starred_message_is_found_on_the_page_of_stars_and_opens_in_its_place(ada: Person) -> None:
    page = ada.page
    conversation = ada.chat(turns=3)
    page.goto(f"/c/{conversation}")
    with saving(page):
        finished(page).first.get_by_role("button", name="Star").click()
    expect(finished(page).first.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("link", name="Starred messages").click()
    page.get_by_role("listitem").get_by_role("link", name="Tea").click()

    starred = messages_of(ada, conversation)[1]["id"]
    expect(page).to_have_url(f"{ada.window.base_url}/c/{conversation}/m/{starred}")
    expect(page.locator("[aria-current=location]")).to_be_visible()
    in_view(page, starred)


def test_a_link_leads_far_back_on_another_branch_and_sending_goes_on_there(ada: Person) -> None:
    page = ada.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    conversation = ada.chat(turns=40)
    path = f"/api/conversations/{conversation}"
    old_end = messages_of(ada, conversation)[-1]["id"]
    first = messages_of(ada, conversation, limit=200)[0]
    linked = messages_of(ada, conversation, limit=200)[4]["id"]
    ada.api("POST", f"{path}/messages", content="Rather coffee", parentId=first["parentId"])

    page.goto(f"/c/{conversation}/m/{linked}")
    in_view(page, linked)
    expect(page.get_by_text("Rather coffee")).to_have_count(0)
    # Both ways: to the beginning, and past what the first page of 50 held.
    page.locator(".thread-scroller").evaluate("box => { box.scrollTop = 0 }")
    expect(page.get_by_text("Start of the conversation")).to_be_visible()
    for _ in range(400):
        page.locator(".thread-scroller").evaluate("box => { box.scrollTop = box.scrollHeight }")
        if page.locator(f"[data-message-id='{old_end}']").count():
            break
        page.wait_for_timeout(50)
    in_view(page, old_end)

    article = page.locator(f"[data-message-id='{old_end}']")
    article.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Copy link").click()
    expect(page.get_by_text("Link copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{ada.window.base_url}/c/{conversation}/m/{old_end}"

    send(page, "Go on with tea")
    expect(page).to_have_url(f"{ada.window.base_url}/c/{conversation}")
    expect(answers(page).last).to_contain_text("Go on with tea")
    expect(message_box(page)).to_have_value("")
    asked = messages_of(ada, conversation)[-2]
    assert (asked["content"], asked["parentId"]) == ("Go on with tea", old_end)


def test_a_link_to_a_message_that_is_gone_says_so_and_shows_the_conversation(ada: Person) -> None:
    page = ada.page
    ada.window.provokes("404")
    conversation = ada.chat()
    page.goto(f"/c/{conversation}/m/0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11")
    expect(page.get_by_text("This message does not exist any more.")).to_be_visible()
    expect(answers(page)).to_have_count(1)


def test_an_edit_at_a_linked_message_far_back_stays_in_its_place(ada: Person) -> None:
    page = ada.page
    conversation = ada.chat(turns=40)
    before, question = messages_of(ada, conversation, limit=200)[3:5]
    page.goto(f"/c/{conversation}/m/{question['id']}")
    in_view(page, question["id"])
    asked = page.locator(f"[data-message-id='{question['id']}']")
    asked.hover()
    asked.get_by_role("button", name="Edit").click()
    page.evaluate(WATCH_FOR_THE_END)
    page.get_by_role("textbox", name="Edit").fill("Rather coffee")
    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(page).to_have_url(f"{ada.window.base_url}/c/{conversation}")
    expect(finished(page).last).to_contain_text("Rather coffee")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    in_view(page, before["id"])
    assert not page.evaluate("window.jumped")
