"""What people do on the page, in the words of the page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

PASSWORD = "correct horse battery"
PATIENCE = 30_000  # ms to wait for anything on the page: only what never happens takes so long
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

expect.set_options(timeout=PATIENCE)


@dataclass
class Window:
    """A browser window with cookies and storage of its own."""

    browser: Browser
    context: BrowserContext
    page: Page
    base_url: str
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings in the console, and uncaught errors."""
    expected: tuple[str, ...] = ()

    @classmethod
    @contextmanager
    def open(cls, browser: Browser, base_url: str, **options: Any) -> Iterator[Window]:
        """Fails at the end where the page has complained, or has requested anything from another host."""
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(base_url=base_url, locale=options.pop("locale", "en-US"), **options)
        context.set_default_timeout(PATIENCE)
        window = cls(browser, context, context.new_page(), base_url)
        foreign_requests: list[str] = []
        context.on("console", window._note)
        context.on("weberror", lambda error: window.complaints.append(str(error.error)))
        context.on(
            "request",
            lambda request: foreign_requests.append(request.url) if not _own(request.url, base_url) else None,
        )
        yield window
        for open_page in context.pages:
            open_page.unroute_all(behavior="ignoreErrors")  # a request on its way must not fail the next test
        context.close()
        assert foreign_requests == []
        surprising = [text for text in window.complaints if not any(words in text for words in window.expected)]
        assert surprising == [], surprising

    def provokes(self, *words: str) -> None:
        """The test causes complaints with these words, whenever they appear."""
        self.expected += words

    def another_page(self) -> Page:
        """A second tab of the same browser."""
        return self.context.new_page()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


def _own(url: str, base_url: str) -> bool:
    return url.startswith((base_url, "data:", "blob:"))


@dataclass
class Person:
    """Somebody who is signed in."""

    window: Window
    email: str
    name: str

    @classmethod
    def register(cls, window: Window, email: str, name: str) -> Person:
        page = window.page
        page.goto(f"{window.base_url}/register")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        expect(message_box(page)).to_be_visible()
        return cls(window, email, name)

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def id(self) -> str:
        return str(self.api("GET", "/api/auth/me")["id"])

    def api(self, method: str, path: str, **body: Any) -> Any:
        """A call with the person's cookie, as another client of theirs would make it."""
        response = self.window.context.request.fetch(f"{self.window.base_url}{path}", method=method, data=body or None)
        assert response.ok, f"{method} {path}: {response.status} {response.text()}"
        return response.json() if response.status != 204 else None

    def chat(self, title: str = "Tea", turns: int = 1, model: str = "echo", words: str = "Tell me about tea") -> str:
        """Has a conversation through the API. Returns its id."""
        chat = self.api("POST", "/api/chat/start", model=model)
        for turn in range(turns):
            self.api(
                "POST", f"/api/chat/{chat['sessionId']}/message", content=f"{words} {turn}" if turns > 1 else words
            )
        self.api("PATCH", f"/api/conversations/{chat['conversationId']}", title=title)
        return str(chat["conversationId"])

    def open_chat(self, title: str = "Tea", **options: Any) -> str:
        """Has a conversation as ``chat`` does, and opens it. Returns its id."""
        conversation = self.chat(title, **options)
        self.page.goto(f"/c/{conversation}")
        expect(finished(self.page)).to_have_count(options.get("turns", 1))
        return conversation


def message_box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message", exact=True)


def send(page: Page, text: str) -> None:
    message_box(page).fill(text)
    page.get_by_role("button", name="Send").click()


def write_draft(page: Page, text: str) -> None:
    """Types without sending. What is typed is stored after a pause; this ends when it is."""
    message_box(page).fill(text)
    wait_for(page, f"Object.values(localStorage).some((stored) => stored.includes({json.dumps(text)}))")


def choose_model(page: Page, model: str) -> None:
    page.get_by_label("Model").select_option(model)


@contextmanager
def saving(page: Page) -> Iterator[None]:
    """Ends when the server has answered the change made in the block, which the page telling what was read is not."""
    with page.expect_response(
        lambda response: (
            response.request.method == "PATCH" and "readMessageId" not in (response.request.post_data or "")
        )
    ):
        yield


def wait_for(page: Page, condition: str) -> None:
    """Waits for an expression to hold. ``page.wait_for_function`` needs ``eval``, which the page's policy forbids."""
    deadline = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(20)


def answers(page: Page) -> Locator:
    """The rendered answers, including the running one."""
    return page.locator("article.answer")


def finished(page: Page) -> Locator:
    return page.locator("article.answer:not([data-status=streaming])")


def sidebar_link(page: Page, title: str) -> Locator:
    return page.get_by_role("link", name=title, exact=True)


def titles(person: Person) -> list[str]:
    return [conversation["title"] for conversation in person.api("GET", "/api/conversations/")["items"]]
