"""Hostile text in every place where text of a person, a model or a file appears: none of it runs or loads anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.people import Person, Window, answers, finished, send
from tests.browser.test_branches import open_map
from tests.browser.test_safety import PAYLOADS

LINES = tuple(payload for payload in PAYLOADS if payload.isprintable())
"""Those that a title may be."""
SHORT = tuple(line for line in LINES if len(line) <= 50)
ALL = "\n\n".join(PAYLOADS)
SUSPICIOUS = """() => [...document.querySelectorAll('#root *, [role=dialog] *, .whole *')].filter((element) =>
    element.matches('script, iframe, object, embed, base, meta, link, animate, foreignObject') ||
    [...element.attributes].some(({ name, value }) => name.startsWith('on') ||
        (/^(href|src|action|formaction|xlink:href)$/.test(name) &&
            /script:|data:text|svg\\+xml,<|file:|blob:/i.test(value)) ||
        (name === 'style' && /url\\(/i.test(value)))
).map((element) => element.outerHTML.slice(0, 200))"""
"""Elements that run or load something, or that do so once they are clicked."""


@pytest.fixture
def hostile(ada: Person) -> Iterator[Person]:
    """Somebody whose page must run and open nothing. ``Window`` sees to what is loaded and complained about."""
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    ada.page.on("dialog", dismiss)
    yield ada
    assert dialogs == []
    assert ada.window.context.pages == [ada.page]


def safe(page: Page) -> bool:
    assert page.evaluate("window.hacked") is None
    assert page.evaluate(SUSPICIOUS) == []
    return True


def talk(ada: Person) -> str:
    """A conversation that has each payload as a question and as an answer, and all of them as a thought."""
    chat = ada.api("POST", "/api/chat/start", model="echo")
    for payload in PAYLOADS:
        ada.api("POST", f"/api/chat/{chat['sessionId']}/message", content=f"{payload}\n\nzebra")
    ada.api("POST", f"/api/chat/{chat['sessionId']}/message", content=f"<think>{ALL}</think>{ALL}")
    return str(chat["conversationId"])


def test_titles_tags_projects_and_names_are_only_text(hostile: Person, page: Page) -> None:
    hostile.api("PATCH", "/api/auth/me", name=LINES[0], settings={"systemPrompt": ALL})
    for line in LINES:
        chat = hostile.api("POST", "/api/conversations", title=line)["id"]
        hostile.api("POST", f"/api/conversations/{chat}/messages", content=line)
    chats = hostile.api("GET", "/api/conversations?limit=100")["items"]
    for line, chat in zip(SHORT, chats, strict=False):
        project = hostile.api("POST", "/api/projects", name=line)["id"]
        hostile.api("PATCH", f"/api/conversations/{chat['id']}", tags=[line], projectId=project)
    for chat, change in ((chats[1], {"archived": True}), (chats[2], {"pinned": True})):
        hostile.api("PATCH", f"/api/conversations/{chat['id']}", **change)
    hostile.api("DELETE", f"/api/conversations/{chats[3]['id']}")
    page.goto("/")
    expect(page.locator(".tag").nth(10)).to_be_visible()
    assert safe(page)
    page.locator(".conversation-link").first.press("F2")
    page.get_by_role("textbox", name="Title", exact=True).fill(LINES[1])
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text(LINES[1])
    page.locator(".project-button").first.click()
    assert safe(page)
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("hacked")
    expect(page.locator(".palette-row").nth(3)).to_be_visible()
    assert safe(page)
    page.goto("/settings")
    expect(page.locator(".tags li").nth(10)).to_be_visible()
    assert safe(page)


def test_thoughts_versions_and_the_map_are_only_text(hostile: Person, page: Page) -> None:
    conversation = talk(hostile)
    last = hostile.api("GET", f"/api/conversations/{conversation}/messages")["items"][-1]
    hostile.api(
        "POST", f"/api/conversations/{conversation}/messages", role="assistant", editOf=last["id"], content=ALL + "<b>"
    )
    page.goto(f"/c/{conversation}/m/{last['id']}")
    page.get_by_role("button", name="Thought").click()
    expect(page.locator(".reasoning-text")).to_contain_text("constructor")
    assert safe(page)
    page.get_by_role("button", name="Compare versions").click()
    expect(page.locator(".compare-side").first).to_contain_text("constructor")
    assert safe(page)
    page.keyboard.press("Escape")
    open_map(page)
    for key in ("+", "Home", "PageDown", "PageDown"):
        page.keyboard.press(key)
        assert safe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+f")
    page.get_by_role("searchbox", name="Find in this conversation").fill(PAYLOADS[0])
    expect(page.get_by_text("of 4")).to_be_visible()
    assert safe(page)


def test_what_is_searched_and_found_is_only_text(hostile: Person, page: Page) -> None:
    talk(hostile)
    page.goto("/search?q=zebra")
    expect(page.locator(".search-snippet").nth(10)).to_be_visible()
    assert safe(page)
    field = page.get_by_label("Search all messages")
    for line in (*LINES, "tag:<img/src=x/onerror=window.hacked=1>"):
        field.fill(line)
        assert safe(page)
    for line in LINES[:2]:
        page.goto(f"/search?q={line.replace('&', '%26').replace('#', '%23')}")
        expect(field).to_have_value(line)
        expect(page.locator(".search-snippet mark").first).to_be_visible()
        assert safe(page)
    page.locator(".search-group li a").first.click()
    expect(page.locator(".hit-words")).to_have_text(LINES[1])
    assert safe(page)


def test_a_saved_file_and_what_is_printed_hold_nothing_that_runs(
    hostile: Person, page: Page, window: Window, tmp_path: Path
) -> None:
    page.add_init_script("window.print = () => { window.printing = true; }")
    chat = talk(hostile)
    hostile.api("PATCH", f"/api/conversations/{chat}", title="</title></style><script>window.hacked=1</script>")
    page.goto(f"/c/{chat}")
    expect(finished(page).last).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Find, select, print or save").click()
        page.get_by_role("menuitem", name="Save as one HTML file").click()
    path = tmp_path / "saved.html"
    saving.value.save_as(path)
    page.keyboard.press("Control+p")
    expect(page.locator(".whole article")).to_have_count(len(PAYLOADS) * 2 + 2)
    assert safe(page)
    reader = window.browser.new_context(offline=True)
    file = reader.new_page()
    asked: list[str] = []
    file.on("request", lambda request: asked.append(request.url))
    for text in (path.read_text(), path.read_text().replace("Content-Security-Policy", "x-none")):
        path.write_text(text)
        file.goto(path.as_uri())
        expect(file.locator("article")).to_have_count(len(PAYLOADS) * 2 + 2)
        assert safe(file)
    assert [url for url in asked if not url.startswith(("file:", "data:image/"))] == []
    reader.close()


def test_a_saved_file_takes_along_no_private_data_that_an_answer_names(ada: Person, page: Page, tmp_path: Path) -> None:
    ada.open_chat(words="![a picture](/api/auth/me) and ![the sign](/favicon.svg)")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Find, select, print or save").click()
        page.get_by_role("menuitem", name="Save as one HTML file").click()
    path = tmp_path / "saved.html"
    saving.value.save_as(path)
    assert "data:image/svg+xml" in path.read_text()
    assert "data:application/json" not in path.read_text()
    assert "a picture and" in path.read_text()


HREF = "https://evil.example/"
DIAGRAMS = (
    "graph LR\n A[<img src=x onerror=window.hacked=1>] --> B[<script>window.hacked=1</script>]",
    'graph LR\n A --> B\n click A "javascript:window.hacked=1"\n click B call alert(1)',
    f'graph LR\n A --> B\n click A href "{HREF}"',
    f'graph LR\n A@{{ img: "{HREF}x.png", label: "x" }}',
    f"graph LR\n A --> B\n style A fill:url({HREF}x.svg)\n classDef c background:url({HREF})",
    f'%%{{init: {{"themeCSS": "@import url({HREF}); * {{ background: url({HREF}) }}"}}}}%%\ngraph LR\n A --> B',
    "graph LR\n A --> B\n style A fill:u\\72l(https://evil.example/)",
    f'%%{{init: {{"fontFamily": "x; }} * {{ background: url({HREF}) }} a {{"}}}}%%\ngraph LR\n A --> B',
    '%%{init: {"securityLevel": "loose", "htmlLabels": true}}%%\ngraph LR\n A[<iframe src=javascript:alert(1)>]',
    "sequenceDiagram\n participant A\n link A: x @ javascript:alert(1)\n A->>A: <img src=x onerror=alert(1)>",
)


def test_diagrams_run_and_load_nothing(hostile: Person, page: Page, window: Window) -> None:
    page.goto(f"/c/{hostile.chat(words=chr(10).join(f'```mermaid{chr(10)}{code}{chr(10)}```' for code in DIAGRAMS))}")
    code = finished(page).locator(".code")
    expect(code).to_have_count(len(DIAGRAMS))
    for at in range(len(DIAGRAMS)):
        code.nth(at).get_by_role("button", name="Draw diagram").press("Enter")
        expect(code.nth(at).locator(".diagram img, .note")).to_be_visible()
        assert safe(page)
    assert code.locator(".diagram img").count() >= 2, "some are diagrams all the same"


def test_names_of_models_and_details_of_errors_are_only_text(hostile: Person, page: Page, window: Window) -> None:
    window.provokes("status of 500")
    models = {"items": [{"id": line} for line in LINES], "default": LINES[0]}
    page.route("**/api/models", lambda route: route.fulfill(body=json.dumps(models), content_type="application/json"))
    problem = {"detail": LINES[0], "reason": LINES[1], "title": LINES[2], "requestId": LINES[3]}
    page.route(
        "**/message/stream",
        lambda route: route.fulfill(status=422, body=json.dumps(problem), content_type="application/problem+json"),
    )
    window.provokes("status of 422")
    page.goto("/")
    expect(page.locator(".model option")).to_have_count(len(LINES))
    send(page, "Hello")
    expect(page.get_by_text("Not sent.")).to_be_visible()
    page.locator(".unsent summary").click()
    assert safe(page)
    conversation = hostile.chat()
    page.goto(f"/c/{conversation}")
    page.get_by_role("button", name="Chat settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert safe(page)
    page.keyboard.press("Escape")
    answers(page).get_by_role("button", name="More").click()
    expect(page.get_by_role("menuitem", name=LINES[0])).to_be_visible()
    assert safe(page)
