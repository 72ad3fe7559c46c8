"""A cursor comes back as it went out; anything else is refused by name."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from chatapp.errors import Invalid
from chatapp.models.reasons import FaultReason
from chatapp.repositories.cursors import (
    BranchCursor,
    ListCursor,
    PositionCursor,
    SearchCursor,
    SignInCursor,
    StarCursor,
    scope,
)

HERE = scope("messages", conversation="here")

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1)).map(  # noqa: DTZ001 - naive, as hypothesis wants it
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)


def text_of(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(st.booleans(), MOMENTS, st.binary(min_size=12, max_size=12).map(ObjectId))
def test_a_list_cursor_keeps_its_key(pinned: bool, updated_at: datetime, id_: ObjectId) -> None:
    cursor = ListCursor(pinned, updated_at, id_)

    assert ListCursor.decode(cursor.encode(HERE), HERE) == cursor


@given(st.integers(1, 2**53 - 1), st.uuids().map(str))
def test_a_branch_cursor_keeps_its_place(position: int, message_id: str) -> None:
    cursor = BranchCursor(position, message_id)

    assert BranchCursor.decode(cursor.encode(HERE), HERE) == cursor


@given(st.text(max_size=500))
def test_any_other_text_is_refused_by_name(text: str) -> None:
    for kind in (ListCursor, BranchCursor):
        with pytest.raises(Invalid) as refused:
            kind.decode(text, HERE)
        assert "cursor" in refused.value.fields


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1, "\ud800"],
        {},
        None,
        1,
        [True, 1, "x"],
        [2, 1, str(ObjectId())],
        [0, 10**30, str(ObjectId())],
        [0, "1", str(ObjectId())],
        [0, 1, "nonsense"],
        [0, 1.5, str(ObjectId())],
        [-1, "id"],
        [0, "id"],
        [2**60, "id"],
        [1, 2],
        [[[[]]]],
    ],
)
def test_a_well_formed_text_with_another_content_is_refused(value: object) -> None:
    for kind in (ListCursor, BranchCursor):
        with pytest.raises(Invalid):
            kind.decode(text_of([HERE, *value] if isinstance(value, list) else value), HERE)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (SignInCursor, [0, "nonsense"]),
        (SearchCursor, [0, "nonsense"]),
        (StarCursor, [10**30, "id"]),
        (PositionCursor, [0]),
        (PositionCursor, [2**53]),
    ],
)
def test_a_cursor_of_any_kind_is_refused_where_it_leads_nowhere(kind: type[SignInCursor], values: list[object]) -> None:
    with pytest.raises(Invalid):
        kind.decode(text_of([HERE, *values]), HERE)


DEEP = base64.urlsafe_b64encode(b"[" * 150 + b"]" * 150).decode()


@pytest.mark.parametrize("text", [text_of([HERE, 1, "x" * 400]), DEEP, BranchCursor(1, "id").encode(HERE) + "!!!!"])
def test_a_cursor_that_is_too_long_or_deep_or_has_something_added_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        BranchCursor.decode(text, HERE)


def test_a_cursor_for_one_kind_of_list_is_none_for_another() -> None:
    with pytest.raises(Invalid):
        BranchCursor.decode(ListCursor(True, datetime.now(UTC) + timedelta(days=1), ObjectId()).encode(HERE), HERE)
    with pytest.raises(Invalid):
        ListCursor.decode(BranchCursor(1, "id").encode(HERE), HERE)


def test_a_cursor_of_another_list_is_refused_by_name() -> None:
    cursor = BranchCursor(1, "id")

    with pytest.raises(Invalid) as refused:
        BranchCursor.decode(cursor.encode(scope("messages", conversation="another")), HERE)
    assert refused.value.fields["cursor"][0].reason is FaultReason.INVALID_CURSOR


def test_a_list_is_the_same_whatever_order_its_filters_are_named_in() -> None:
    assert scope("x", user=ObjectId("0" * 24), tag="a") == scope("x", tag="a", user=ObjectId("0" * 24))
    assert scope("x", tag="a") != scope("x", tag=None) != scope("y", tag=None)
