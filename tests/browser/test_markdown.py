"""Messages as formatted text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pymongo.database import Database

from tests.browser.pace import slowness
from tests.browser.people import Person, finished, message_box, saving, wait_for
from tests.support.long_conversations import store_conversation
from tests.support.provider_cases import CASES

LONGEST_TASK = 1000
"""ms on a machine that does nothing else. The inputs below once took up to a minute."""

WATCH_TASKS = """(() => {
    window.longestTask = 0;
    const note = (list) => { for (const task of list.getEntries())
        longestTask = Math.max(longestTask, task.duration); };
    new PerformanceObserver(note).observe({type: 'longtask', buffered: true});
})()"""

COLUMNS = 20_000
TABLE = f"|{'a|' * COLUMNS}\n|{'-|' * COLUMNS}\n"
PLAIN = re.compile("Show formatted|Too large to be shown formatted")
HEAVY = {
    "emphasis": ("*a_ " * 25_000, PLAIN),
    "images": ("![a](" * 20_000, PLAIN),
    "parentheses": ("\\( " * 33_000, PLAIN),
    "columns": (TABLE, PLAIN),
    "quotes": (">" * 100_000, PLAIN),
    "dollars": ("$$ " * 33_000, None),
    "brackets": ("\\[ " * 33_000, None),
    "paragraphs": ("*a*\n\n" * 20_000, None),
    "formulas": ("$x_1$\n\n" * 14_000, None),
    "code": ("Code:\n\n```markdown\n" + "[a](" * 5000 + "\n```", None),
}


Store = Database[dict[str, Any]]


def open_answer(person: Person, store: Store, text: str) -> None:
    """Shows a conversation with an answer that no provider would repeat."""
    conversation = store_conversation(store, person.id, 2, text=lambda number: text if number else "Why?")
    person.page.goto(f"/c/{conversation}")


@pytest.mark.parametrize(("text", "instead"), HEAVY.values(), ids=HEAVY)
def test_an_answer_that_is_hard_to_format_does_not_freeze_the_page(
    ada: Person, page: Page, store: Store, text: str, instead: re.Pattern[str] | None
) -> None:
    page.add_init_script(WATCH_TASKS)
    open_answer(ada, store, text)
    expect(finished(page).locator("p").first).to_be_visible()
    if instead:
        expect(finished(page).get_by_text(instead)).to_be_visible()
    message_box(page).press_sequentially("still here")
    expect(message_box(page)).to_have_value("still here")
    page.wait_for_timeout(1000)  # for what is added step by step
    longest = page.evaluate("longestTask")
    assert longest < LONGEST_TASK * slowness(page)


def test_what_takes_long_to_format_is_formatted_on_demand(ada: Person, page: Page, store: Store) -> None:
    open_answer(ada, store, "*a_ " * 5000 + " and **bold**")
    finished(page).get_by_role("button", name="Show formatted").click()
    finished(page).get_by_role("button", name="Cancel").click()
    finished(page).get_by_role("button", name="Show formatted").click()
    expect(finished(page).locator("strong")).to_have_text("bold")


def test_formulas_are_drawn_where_they_stand(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words=(CASES / 'markdown' / '04_formula_in_list.md').read_text())}")
    item = finished(page).get_by_role("listitem").filter(has_text="nested formula")
    expect(item.locator(".formula.display .katex-display")).to_be_visible()
    expect(finished(page).get_by_role("listitem").filter(has_text="Second step")).to_be_visible()


def test_each_paragraph_has_its_own_direction(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words='שלום עולם' + chr(10) * 2 + 'Hello world' + chr(10) * 2 + '- مرحبا')}")
    directions = "(blocks) => blocks.map((block) => getComputedStyle(block).direction)"
    expect(finished(page).get_by_text("Hello world")).to_be_visible()
    assert finished(page).locator(".markdown > *").evaluate_all(directions) == ["rtl", "ltr", "rtl"]


SIDES = """(boxes) => boxes.map((box) => {
    const text = document.createRange();
    text.selectNodeContents(box);
    return Math.round(text.getBoundingClientRect().right);
})"""
"""Where the text of each element ends on the right."""


RIGHT_TO_LEFT_TABLE = "שלום עולם\n\n|מרכיב|כמות|\n|-|-|\n|חומוס|500 g|"


def test_a_table_begins_where_its_language_does_and_so_do_all_cells_of_a_column(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words=RIGHT_TO_LEFT_TABLE)}")
    answer = finished(page)
    expect(answer.get_by_role("cell", name="500 g")).to_be_visible()
    assert len(set(answer.locator(":is(th, td):last-child").evaluate_all(SIDES))) == 1
    rights = "(boxes) => boxes.map((box) => Math.round(box.getBoundingClientRect().right))"
    assert len(set(answer.locator(".markdown p, table").evaluate_all(rights))) == 1


WIDE_TABLE = (
    "| Name | Description | Remarks | Count | Further remarks | Sources | Last |\n|-|-|-|-|-|-|-|\n"
    "| Tea | A drink that is made of the leaves of a plant | None that anybody would remember for long | 12 |"
    " There is more to say about it than fits here | https://example.org/a/long/address/of/a/source | x |\n"
)


WIDE_THINGS = {
    ".formula.display": "$$" + " + ".join(rf"\frac{{x_{{{number}}}}}{{2}}" for number in range(30)) + "$$",
    ".code pre": f"```\n{'a long line of code ' * 10}\n```",
    ".diagram": f"```mermaid\ngraph LR\n{' --> '.join(f'S{number}[A long step]' for number in range(9))}\n```",
}


def test_what_is_wider_than_its_frame_scrolls_there_and_shows_where_it_is_cut(ada: Person, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    ada.open_chat(words="\n\n".join(WIDE_THINGS.values()))
    finished(page).get_by_role("button", name="Draw diagram").press("Enter")
    expect(finished(page).get_by_role("img", name="Diagram")).to_be_visible()
    for wide in WIDE_THINGS:
        frame = finished(page).locator(wide)
        expect(frame).to_have_css("background-image", re.compile("linear-gradient"))
        assert frame.evaluate("(frame) => frame.scrollWidth > frame.clientWidth"), wide
        frame.evaluate("(frame) => frame.scrollBy(50, 0)")
        assert frame.evaluate("(frame) => frame.scrollLeft") == 50
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_wide_table_scrolls_in_its_frame_with_readable_columns(ada: Person, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"/c/{ada.chat(words=WIDE_TABLE)}")
    frame = finished(page).locator(".table-box")
    expect(frame).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert frame.evaluate("(box) => box.scrollWidth > 2 * box.clientWidth")
    expect(frame).to_have_css("background-image", re.compile("linear-gradient"))  # the edge where it is cut
    widths = frame.locator("td").evaluate_all("(cells) => cells.map((cell) => cell.offsetWidth)")
    assert min(widths) >= 70
    assert widths[1] >= 200, "long text has lines that can be read"
    frame.focus()
    page.keyboard.press("ArrowRight")
    wait_for(page, "document.querySelector('article.answer .table-box').scrollLeft > 0")


def test_own_messages_are_formatted_unless_the_person_prefers_what_they_typed(ada: Person, page: Page) -> None:
    chat = ada.chat(words="Some **bold** text\nand <b>more</b>")
    page.goto(f"/c/{chat}")
    own = page.locator("article.own .bubble")
    expect(own.locator("strong")).to_have_text("bold")
    expect(own).to_have_text("Some bold text\nand <b>more</b>", use_inner_text=True)
    page.goto("/settings")
    with saving(page):
        page.get_by_label("Show Markdown in my own messages").uncheck()
    page.goto(f"/c/{chat}")
    expect(own).to_have_text("Some **bold** text\nand <b>more</b>", use_inner_text=True)


DIAGRAM = """```mermaid
graph TD
  A[Start <b onclick=window.hacked=1>now</b>] --> B{Done?}
  B -->|yes| C[End]
  click A "javascript:window.hacked=1"
```
"""


def test_a_diagram_is_drawn_on_demand_as_a_picture(ada: Person, page: Page) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"/c/{ada.chat(words=DIAGRAM)}")
    draw = finished(page).get_by_role("button", name="Draw diagram")
    expect(draw).to_be_visible()
    expect(finished(page).locator("img")).to_have_count(0)
    draw.press("Enter")
    picture = finished(page).get_by_role("img", name="Diagram")
    expect(picture).to_be_visible()
    assert [url for url in fetched if "/elk-" in url] == [], "the largest part is for what asks for it"
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 50
    assert "data-look%3D%22classic%22" in (picture.get_attribute("src") or ""), "shadows would shine in the dark"
    assert page.locator("[id*=diagram-]").count() == 0, "nothing of it is in the page itself"
    finished(page).get_by_role("button", name="Show code").click()
    expect(finished(page).locator("code")).to_contain_text("A[Start")
    assert page.evaluate("window.hacked") is None


def test_a_diagram_with_an_error_says_so(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words='```mermaid' + chr(10) + 'graph nonsense --' + chr(10) + '```')}")
    finished(page).get_by_role("button", name="Draw diagram").press("Enter")
    expect(finished(page).get_by_text("This diagram cannot be drawn.")).to_be_visible()
