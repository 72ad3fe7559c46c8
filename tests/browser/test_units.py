"""The page's unit tests and type check, so that one command runs everything."""

from __future__ import annotations

import re
from itertools import chain

from chatapp.api.page_files import read_page
from chatapp.api.pages import MODULES, TITLE_FONT
from chatapp.models.failures import FailureCode
from chatapp.models.reasons import FaultReason, Reason
from tests.support.chromium import FRONTEND, run_node


def test_the_unit_tests_of_the_page_pass(built_page: None) -> None:
    run_node("npx", "vitest", "run")


def test_the_types_of_the_page_check(built_page: None) -> None:
    run_node("npx", "tsc", "--noEmit")


def test_the_page_translates_the_reasons_of_the_server_and_no_others() -> None:
    english = (FRONTEND / "src/i18n/en.ts").read_text()
    for kind, words in (("reason", Reason), ("fault", FaultReason)):
        assert set(re.findall(rf'^  "{kind}\.(\w+)": ', english, re.MULTILINE)) == set(words)
    assert set(re.findall(r'^  "answer\.(\w+)": ', english, re.MULTILINE)) >= set(FailureCode)


def test_the_page_needs_at_most_145_kb_of_javascript_before_its_first_paint(built_page: None) -> None:
    """As the server preloads it for a new chat, compressed."""
    built = read_page()
    names = {*re.findall(r"assets/[\w.-]+\.js", built.index or ""), *built.needed_for(*MODULES[""])}
    files = [file for name in names if name.endswith(".js") and (file := built.file(name))]
    sizes = {file.path.name: file.encoded.get("br", file.path).stat().st_size for file in files}
    assert len(sizes) > 5
    assert sum(sizes.values()) <= 145_000, sizes


def test_what_the_server_preloads_is_in_the_build(built_page: None) -> None:
    manifest = read_page().manifest
    assert {TITLE_FONT, *chain.from_iterable(MODULES.values())} <= manifest.keys()
