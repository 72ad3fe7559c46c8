"""Whatever a person or a language model writes, nothing of it runs and nothing is loaded from another host."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import Person, Window, finished, sidebar_link

PAYLOADS = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "<svg onload='window.hacked = 1'></svg>",
    "<svg><animate onbegin=window.hacked=1 attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.hacked = 1</script>'></iframe>",
    "<a href='javascript:window.hacked=1'>x</a>",
    "[x](javascript:window.hacked=1)",
    "[x](  javascript:window.hacked=1)",
    "[x](JaVaScRiPt:window.hacked=1)",
    "[x](java\tscript:window.hacked=1)",
    "[x](&#106;avascript:window.hacked=1)",
    "[x](data:text/html,<script>window.hacked=1</script>)",
    "[x](vbscript:window.hacked=1)",
    "<javascript:window.hacked=1>",
    "![x](javascript:window.hacked=1)",
    "![x](https://evil.example/pixel.png)",
    "![x](//evil.example/pixel.png)",
    "![x][ref]\n\n[ref]: https://evil.example/pixel.png",
    "<img src='https://evil.example/pixel.png'>",
    "<style>@import url(https://evil.example/x.css)</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>",
    "<object data=https://evil.example/></object><embed src=https://evil.example/>",
    "<form action=https://evil.example/><button>x</button></form>",
    "<details open ontoggle=window.hacked=1>",
    "<math><mtext></p><style><img src onerror=window.hacked=1></style></mtext></math>",
    "<div style='background:url(https://evil.example/)'>x</div>",
    "```html\n<script>window.hacked=1</script>\n```",
    '```"><img/src/onerror=window.hacked=1>\nx\n```',
    "$$\\href{javascript:window.hacked=1}{x}$$",
    "$$\\includegraphics{https://evil.example/x.png}$$",
    "$$\\htmlData{onclick=window.hacked=1}{x}$$",
    "<!--><img src=x onerror=window.hacked=1>-->",
    "\"'><script>window.hacked=1</script>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "javascript:window.hacked=1",
    "\u202e<script>window.hacked=1</script>",
    "<sub onclick=window.hacked=1>x</sub><sup style='background:url(https://evil.example/)'>x</sup>",
    "<br onload=window.hacked=1 style='background:url(https://evil.example/)'>",
    "[x](javascript&colon;window.hacked=1)",
    "[x](java&#x0A;script:window.hacked=1)",
    "[x](&#1;javascript:window.hacked=1)",
    "[x](data:image/svg+xml,<svg/onload=window.hacked=1>)",
    "[x](blob:https://evil.example/x) [x](file:///etc/passwd) [x](feed:javascript:window.hacked=1)",
    '[x](https://evil.example/" onclick="window.hacked=1)',
    '![" onerror="window.hacked=1](/favicon.svg)',
    "$$\\htmlStyle{background:url(https://evil.example/)}{x}$$",
    "$$\\url{javascript:window.hacked=1}$$",
)


def test_no_payload_runs_or_loads_anything_in_a_thread(ada: Person, page: Page, window: Window) -> None:
    chat = ada.api("POST", "/api/chat/start", model="echo")
    for payload in PAYLOADS:
        ada.api("POST", f"/api/chat/{chat['sessionId']}/message", content=f"{payload}\n\nend")
    page.goto(f"/c/{chat['conversationId']}")
    expect(finished(page).last).to_be_visible()
    start = page.get_by_text("Start of the conversation")
    while not start.is_visible():  # past every message: only those near the viewport are rendered
        assert page.locator(FORBIDDEN).count() == 0
        assert _suspicious_targets(page) == []
        page.locator(".thread-scroller").hover()
        page.mouse.wheel(0, -700)
        page.wait_for_timeout(60)
    assert page.evaluate("window.hacked") is None
    assert window.context.pages == [page], "nothing was opened"


FORBIDDEN = ".thread :is(script, iframe, object, embed, form, style, link, meta, base, img:not([src='/favicon.svg']))"


def _suspicious_targets(page: Page) -> list[str]:
    """Targets of the rendered links, except those to the other host, which do no harm until they are followed."""
    targets = page.locator(".markdown a").evaluate_all(
        "(links) => links.map((link) => link.getAttribute('href') ?? '')"
    )
    return [target for target in targets if not target.startswith(("https://evil.example/", "//evil.example/"))]


@pytest.mark.parametrize("payload", ["<img src=x onerror=window.hacked=1>", "</title><script>window.hacked=1</script>"])
def test_no_payload_runs_in_a_title_or_a_name(ada: Person, page: Page, payload: str) -> None:
    ada.api("PATCH", "/api/auth/me", name=payload)
    page.goto(f"/c/{ada.chat(payload)}")
    expect(sidebar_link(page, payload)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(payload)
    expect(page).to_have_title(re.compile(re.escape(payload)))
    page.goto("/settings")
    expect(page.get_by_label("Name")).to_have_value(payload)
    assert page.evaluate("window.hacked") is None


def test_the_page_forbids_inline_scripts_and_being_framed(page: Page) -> None:
    answer = page.goto("/login")
    assert answer is not None
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'self'"


def test_logging_in_does_not_redirect_to_another_site(window: Window) -> None:
    page = window.page
    Person.register(window, "careful@example.org", "Careful")
    for elsewhere in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/.//evil.example/",
        "javascript:alert(1)",
    ):
        page.goto(f"/login?next={elsewhere}")
        expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_visible()
        assert page.url == f"{window.base_url}/"
