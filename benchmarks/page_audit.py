"""Lighthouse's verdict on the login page and on a chat, as on a middling phone: ``python -m benchmarks.page_audit``.

Lighthouse slows the processor to a quarter and reckons with a slow network (its own preset for phones). Its packages
are installed beside this file at the first run. ``CHROME_PATH`` names another browser than the one of the page's tests.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.page import application, chromium
from tests.browser.people import Person, Window
from tests.support.chromium import FLAGS, chromium_path, run_node

FOLDER = Path(__file__).parent / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
GOAL = 95
ROUNDS = 3
"""Runs for each page; the median of its scores counts."""


def main() -> int:
    """Prints the scores; 1 where one is below ``GOAL``."""
    if not (FOLDER / "node_modules").exists():
        run_node("npm", "ci", "--loglevel=error", folder=FOLDER)
    with application() as (server, _):
        scores = {"login": _audit(f"{server.base_url}/login", "")}
        with chromium() as browser, Window.open(browser, server.base_url) as window:
            person = Person.register(window, "audit@example.org", "Ada")
            address = f"{server.base_url}/c/{person.chat('Tea', turns=3)}"
            cookie = "; ".join(f"{one['name']}={one['value']}" for one in window.context.cookies())
        scores["chat"] = _audit(address, cookie)
    missed = False
    for page, found in scores.items():
        for category, score in found.items():
            missed |= score < GOAL
            print(f"{page:6} {category:16} {score:5.0f} (at least {GOAL}) {'' if score >= GOAL else 'MISSED'}")
    return int(missed)


def _audit(url: str, cookie: str) -> dict[str, float]:
    """The median scores of one page, from 0 to 100, by category."""
    reports = [_report(url, cookie) for _ in range(ROUNDS)]
    for audit in _complaints(reports[-1]):
        print(f"       {audit}")
    return {
        category: sorted(report["categories"][category]["score"] * 100 for report in reports)[ROUNDS // 2]
        for category in CATEGORIES
    }


def _report(url: str, cookie: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path, headers = Path(folder, "report.json"), Path(folder, "headers.json")
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        options = ["--quiet", "--output=json", f"--output-path={path}", f"--extra-headers={headers}"]
        options += [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags=--headless {' '.join(FLAGS)}"]
        run_node("node", FOLDER / "node_modules" / "lighthouse" / "cli" / "index.js", url, *options, env=_browser())
        report: dict[str, Any] = json.loads(path.read_text())
    if report.get("runtimeError"):
        raise RuntimeError(report["runtimeError"]["message"])
    return report


def _browser() -> dict[str, str]:
    return {"CHROME_PATH": os.environ.get("CHROME_PATH") or chromium_path()}


def _complaints(report: dict[str, Any]) -> Iterator[str]:
    """What Lighthouse weighs and finds less than good."""
    weighed = {
        ref["id"] for category in report["categories"].values() for ref in category["auditRefs"] if ref["weight"]
    }
    for name in sorted(weighed):
        audit = report["audits"][name]
        if audit["score"] is not None and audit["score"] < 0.9:
            yield f"{audit['title']}: {audit.get('displayValue') or audit['score']}"


if __name__ == "__main__":
    sys.exit(main())
