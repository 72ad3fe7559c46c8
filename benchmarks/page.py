"""The page's speed, in Chromium on the real application: ``python -m benchmarks.page``.

Prints one line for each thing that a person waits for, with its bound. The page must have been built.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from bson import ObjectId
from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright
from pymongo import MongoClient
from pymongo.database import Database

from benchmarks.search import Words, store
from chatapp.maintenance.indexing import rebuild
from tests.browser.people import Person, Window, choose_model, message_box, send, sidebar_link
from tests.support.chromium import FLAGS, chromium_path
from tests.support.long_conversations import store_conversation
from tests.support.mongod import Mongod
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

STREAM = "normal:tokens=5000:gap=5"
LATENCY = 50  # ms between the browser and the server
OBSERVE = """
window.seen = {shift: 0, longest: 0};
const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({type, buffered: true});
watch('layout-shift', (entry) => { if (!entry.hadRecentInput) window.seen.shift += entry.value });
watch('longtask', (entry) => { window.seen.longest = Math.max(window.seen.longest, entry.duration) });
"""
KEYS = """async () => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(0);
    }));
    const delays = [];
    for (let count = 0; count < 40; count += 1) {
        const begun = performance.now();
        document.execCommand('insertText', false, 'x');
        await painted();
        delays.push(performance.now() - begun);
    }
    return Math.max(...delays);
}"""
SCRIPTS = """async () => {
    const paints = () => performance.getEntriesByName('first-contentful-paint');
    while (!paints().length) await new Promise(requestAnimationFrame);
    return performance.getEntriesByType('resource')
        .filter((file) => file.name.includes('.js') && file.startTime < paints()[0].startTime)
        .reduce((sum, file) => sum + file.encodedBodySize, 0);
}"""
NOTE_CLICK = """() => {
    addEventListener('click', () => (window.begun = performance.now()), {capture: true, once: true});
}"""
UNTIL = """
window.until = (what, isSo, begun = performance.now()) => new Promise((done, fail) => {
    const look = () => {
        const passed = performance.now() - begun;
        if (passed > 10_000) return fail(new Error(`10 s went by without ${what}`));
        if (!isSo()) return requestAnimationFrame(look);
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now() - begun);
        channel.port2.postMessage(0);
    };
    requestAnimationFrame(look);
});
"""
"""``until`` gives the milliseconds from ``begun`` until it is so, and painted."""

SHOWN = """([text, begun]) =>
    until(`"${text}"`, () => document.querySelector('.thread-content')?.textContent.includes(text), begun)"""
KEY = """([list, typed]) => {
    const begun = performance.now();
    document.execCommand('insertText', false, typed.at(-1));
    return until(`marks in ${list} that all begin with "${typed}"`, () => {
        const marks = [...document.querySelectorAll(list + ' mark')];
        return marks.length && marks.every((mark) => mark.textContent.toLowerCase().startsWith(typed));
    }, begun);
}"""
HIT = """(id) => {
    const begun = performance.now();
    document.querySelector(`.search-group a[href*="${id}"]`).click();
    return until(`message ${id} in sight, its words marked`, () => {
        const [row, box] = [`[data-message-id="${id}"]`, '.thread-scroller'].map((place) =>
            document.querySelector(place)?.getBoundingClientRect());
        return row && box && row.top >= box.top && row.top < box.bottom && CSS.highlights.get('found-here')?.size;
    }, begun);
}"""


def main() -> int:
    """Prints the figures; 1 where a bound is missed."""
    with application() as (server, database), chromium() as browser, Window.open(browser, server.base_url) as window:
        window.context.add_init_script(UNTIL)
        person = Person.register(window, "bench@example.org", "Ada")
        owner = str(person.api("GET", "/api/auth/me")["id"])
        results = [
            *first_load(browser, server.base_url),
            *ten_thousand_messages(window, database, owner),
            *switching(window, database, owner),
            *streaming(window, database, owner),
            *searching(person, database, owner),
        ]
        window.complaints.clear()
    for name, value, bound, unit in results:
        print(f"{name:<58} {value:>9.1f} {unit:<3} (at most {bound:g}) {'' if value <= bound else 'MISSED'}")
    return int(any(value > bound for _, value, bound, _ in results))


Result = tuple[str, float, float, str]


def first_load(browser: Browser, base_url: str) -> Iterator[Result]:
    """Compressed JavaScript before the first paint, for a stranger and for a person who is signed in."""
    with Window.open(browser, base_url) as window:
        yield "JavaScript before the first paint, login", _script_kb(window.page, "/login"), 145, "kB"
        Person.register(window, "first@example.org", "Ada")
        yield "JavaScript before the first paint, chat", _script_kb(window.page, "/"), 145, "kB"


def _script_kb(page: Page, path: str) -> float:
    page.goto(path)
    return float(page.evaluate(SCRIPTS)) / 1000


def ten_thousand_messages(window: Window, database: Database[dict[str, Any]], owner: str) -> Iterator[Result]:
    """Opening a very long conversation, and typing in it."""
    page = window.page
    store_conversation(database, owner, 10_000, title="Ten thousand")
    page.goto("/")
    sidebar_link(page, "Ten thousand").wait_for()
    yield "10,000 messages: open", _open(page, "Ten thousand", "Message number 9999."), 1000, "ms"
    yield "10,000 messages: DOM nodes", page.evaluate("document.querySelectorAll('*').length"), 3000, ""
    message_box(page).focus()
    yield "10,000 messages: slowest key", page.evaluate(KEYS), 50, "ms"
    page.locator(".thread-scroller").hover()
    for _ in range(60):
        page.mouse.wheel(0, -3000)
        page.wait_for_timeout(50)
    yield "10,000 messages, scrolled up: DOM nodes", page.evaluate("document.querySelectorAll('*').length"), 3000, ""
    yield "10,000 messages, scrolled up: heap", _heap_mb(window.context.new_cdp_session(page)), 80, "MB"


def switching(window: Window, database: Database[dict[str, Any]], owner: str) -> Iterator[Result]:
    """From one conversation to another, with the server some way off."""
    page = window.page
    for title in ("One", "Two"):
        store_conversation(database, owner, 300, title=title, text=(title + " {}. " + "word " * 60).format)
    page.goto("/")
    sidebar_link(page, "Two").wait_for()
    network = _move_away(window)
    page.evaluate(OBSERVE)
    yield "another conversation, server 50 ms away", _open(page, "One", "One 299."), 300, "ms"
    _open(page, "Two", "Two 299.")
    yield "a conversation seen before, server 50 ms away", _open(page, "One", "One 299."), 100, "ms"
    page.wait_for_timeout(500)
    yield "layout shift while switching (thousandths)", page.evaluate("window.seen.shift") * 1000, 1, ""
    network.detach()


def streaming(window: Window, database: Database[dict[str, Any]], owner: str) -> Iterator[Result]:
    """An answer of 5,000 tokens at 200 tokens a second, into a conversation of 300 messages."""
    page = window.page
    store_conversation(database, owner, 300, title="Stream")
    page.goto("/")
    _open(page, "Stream", "Message number 299.")
    choose_model(page, STREAM)
    send(page, "Go")
    page.locator("article[data-status=streaming]").wait_for()
    meter = window.context.new_cdp_session(page)
    meter.send("Performance.enable")
    page.evaluate(OBSERVE)
    before = _metrics(meter)
    page.locator("article[data-status=streaming]").wait_for(state="detached", timeout=60_000)
    after = _metrics(meter)
    busy = (after["TaskDuration"] - before["TaskDuration"]) / (after["Timestamp"] - before["Timestamp"])
    yield "5,000 tokens at 200/s: main thread busy", busy * 100, 30, "%"
    yield "5,000 tokens at 200/s: longest task", page.evaluate("window.seen.longest"), 100, "ms"
    yield "5,000 tokens at 200/s: layout shift (thousandths)", page.evaluate("window.seen.shift") * 1000, 1, ""


def searching(person: Person, database: Database[dict[str, Any]], owner: str) -> Iterator[Result]:
    """Each key of a search in 100,000 messages, and the way to one of the first day on an old branch."""
    page, words = person.page, Words(1)
    store(database, owner, words)
    rebuild(database, lambda *_: None)
    first = database["conversations"].find_one({"userId": ObjectId(owner)}, sort=[("createdAt", 1)]) or {}
    fork, old = first["messages"][1]["id"], first["messages"][4]
    person.api("POST", f"/api/conversations/{first['_id']}/messages", content="Another branch", parentId=fork)
    page.goto("/search")
    field = page.get_by_label("Search all messages")
    network = _move_away(person.window)
    typed = [word for word in words.all[30:400] if len(word) >= 5]
    yield "100,000 messages, search page: key, p95", _keys(field, ".search-group", typed[:8]), 100, "ms"
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog").get_by_role("combobox")
    yield "100,000 messages, palette: key, p95", _keys(palette, ".palette", typed[8:16]), 100, "ms"
    page.keyboard.press("Escape")
    field.fill(f'"{" ".join(old["content"].split()[:8])}"')
    page.locator(f".search-group a[href*='{old['id']}']").wait_for()
    yield "100,000 messages: the first day's on an old branch", page.evaluate(HIT, old["id"]), 300, "ms"
    network.detach()


def _keys(field: Locator, results: str, words: list[str]) -> float:
    """The 95th percentile of the milliseconds from each key until what it finds is painted."""
    delays = []
    for word in words:
        field.fill("")
        for count in range(1, 6):
            field.page.wait_for_timeout(150)
            delays.append(field.page.evaluate(KEY, [results, word[:count]]))
    return float(quantiles(delays, n=20)[18])


def _move_away(window: Window) -> CDPSession:
    """From now on, until the session is detached, the server is some way off."""
    network = window.context.new_cdp_session(window.page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    return network


def _open(page: Page, title: str, text: str) -> float:
    """Milliseconds from the press on a conversation's link until its text is painted."""
    page.evaluate(NOTE_CLICK)
    link = sidebar_link(page, title)
    link.evaluate("(link) => link.click()")  # without the hover that would fetch it ahead
    return float(page.evaluate(SHOWN, [text, page.evaluate("window.begun")]))


def _metrics(meter: CDPSession) -> dict[str, float]:
    return {entry["name"]: entry["value"] for entry in meter.send("Performance.getMetrics")["metrics"]}


def _heap_mb(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


@contextmanager
def application() -> Iterator[tuple[ServerProcess, Database[dict[str, Any]]]]:
    """The application on a MongoDB and a provider of its own, and its database."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Mongod(Path(folder), cache_gb=1) as mongod,
        FakeProvider() as provider,
    ):
        env = {**provider.environment(f"echo,{STREAM}"), "MONGODB_URI": mongod.uri, "MONGODB_DB": "bench"}
        with ServerProcess(env, workers=2) as server:
            yield server, MongoClient(mongod.uri, tz_aware=True)["bench"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the page's tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
