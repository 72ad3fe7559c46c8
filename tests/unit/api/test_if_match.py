"""``If-Match`` as the document describes it, and as the server reads it."""

from __future__ import annotations

import re

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from chatapp.api.etags import only_if
from chatapp.api.openapi_document import TAGS
from chatapp.api.schemas.account import UserSchema

app = Flask(__name__)


@given(st.from_regex(TAGS, fullmatch=True))
def test_the_server_can_read_whatever_the_document_allows(value: str) -> None:
    with app.test_request_context(headers={"If-Match": value}):
        assert only_if(UserSchema()) is not None


def test_the_document_allows_no_tag_without_quotes() -> None:
    assert not [value for value in ("0", "", "other", '"a" "b"', '*, "a"') if re.search(TAGS, value)]
