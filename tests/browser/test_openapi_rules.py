"""The linters that authors of clients trust find nothing in the OpenAPI document; the page's packages include them."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest

from tests.support.chromium import run_node
from tests.support.conformity import document_of_the_code

ALONE = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document_of_the_code()))
    return path


def test_redoclys_recommended_rules_find_nothing(built_page: None, document: Path) -> None:
    rules = document.with_name("redocly.yaml")
    rules.write_text("extends: [recommended]")

    found = _found("redocly", "lint", document, "--config", rules, "--format", "json")

    assert [f"{problem['ruleId']}: {problem['message']}" for problem in found["problems"]] == []


def test_spectrals_recommended_rules_find_nothing(built_page: None, document: Path) -> None:
    rules = document.with_name("spectral.json")
    rules.write_text('{"extends": ["spectral:oas"]}')

    found = _found("spectral", "lint", document, "--ruleset", rules, "--format", "json", "--quiet")

    assert [f"{problem['code']}: {problem['message']}" for problem in found] == []


def _found(linter: str, *arguments: str | Path) -> Any:
    """What ``linter`` writes, also where it fails because of what it found."""
    try:
        return json.loads(run_node("npx", linter, *arguments, env=ALONE))
    except CalledProcessError as failed:
        return json.loads(failed.stdout)
