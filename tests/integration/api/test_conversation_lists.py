"""Lists of conversations: what is in which, in what order, page by page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.support.answers import body
from tests.support.conversations import CONVERSATIONS, begin, titles


def test_lists_show_pinned_first_then_newest_activity(alice: FlaskClient) -> None:
    made = {title: begin(alice, title=title) for title in ("one", "two", "three")}
    alice.patch(f"/api/conversations/{made['one']['id']}", json={"pinned": True})
    alice.post(f"/api/conversations/{made['two']['id']}/messages", json={"content": "activity"})

    assert titles(alice) == ["one", "two", "three"]


def test_pinning_and_renaming_are_not_activity(alice: FlaskClient) -> None:
    made = begin(alice, title="old")

    changed = body(alice.patch(f"/api/conversations/{made['id']}", json={"title": "new", "pinned": True}))

    assert changed == {**made, "title": "new", "pinned": True}


def test_pages_neither_skip_nor_repeat_while_rows_come_and_go(
    alice: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    made = [begin(alice, title=f"{number:02}") for number in range(12)]
    for one in made[::4]:
        alice.patch(f"/api/conversations/{one['id']}", json={"pinned": True})
    some = {"title": {"$in": ["05", "06", "07", "08"]}}
    database["conversations"].update_many(some, {"$set": {"updatedAt": datetime(2026, 1, 31, tzinfo=UTC)}})
    expected = titles(alice)

    seen: list[str] = []
    cursor = ""
    while True:
        page = body(alice.get(f"{CONVERSATIONS}?limit=2{cursor}"))
        seen += [item["title"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        begin(alice, title="newer than the cursor")
        alice.delete(f"/api/conversations/{page['items'][-1]['id']}?permanent=true")
        cursor = f"&cursor={page['nextCursor']}"

    assert [title for title in seen if title != "newer than the cursor"] == expected


def test_a_cursor_belongs_to_the_filter_that_it_was_given_for(alice: FlaskClient, bob: FlaskClient) -> None:
    for change in ({}, {"archived": True}):
        for _ in range(2):
            alice.patch(f"{CONVERSATIONS}{begin(alice, tags=['work'])['id']}", json=change)
    for _ in range(2):
        alice.delete(f"{CONVERSATIONS}{begin(alice, tags=['work'])['id']}")
    filters = ["", "tag=work", "archived=true", "trashed=true", "archived=true&tag=work", "trashed=true&tag=work"]
    cursors = {query: body(alice.get(f"{CONVERSATIONS}?limit=1&{query}"))["nextCursor"] for query in filters}
    assert None not in cursors.values()

    for made_for, cursor in cursors.items():
        for query in filters:
            answer = alice.get(f"{CONVERSATIONS}?limit=1&cursor={cursor}&{query}")
            assert answer.status_code == (200 if query == made_for else 422), (made_for, query)
        assert alice.get(f"{CONVERSATIONS}?limit=7&cursor={cursor}&{made_for}").status_code == 200
    assert alice.get(f"{CONVERSATIONS}?cursor={cursors['']}&archived=false&trashed=false").status_code == 200
    assert bob.get(f"{CONVERSATIONS}?cursor={cursors['']}").status_code == 422


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=W10", "limit=0", "limit=201", "limit=x", "archived=1"])
def test_a_bad_query_is_refused_by_name(alice: FlaskClient, query: str) -> None:
    answer = alice.get(f"{CONVERSATIONS}?{query}")

    assert answer.status_code == 422
    assert query.partition("=")[0] in body(answer)["errors"]["query"]


def test_archived_tagged_and_trashed_have_lists_of_their_own(alice: FlaskClient) -> None:
    begin(alice, title="plain")
    archived, tagged, trashed = (begin(alice, title=name) for name in ("archived", "tagged", "trashed"))
    alice.patch(f"/api/conversations/{archived['id']}", json={"archived": True})
    alice.patch(f"/api/conversations/{tagged['id']}", json={"tags": ["work"]})
    alice.delete(f"/api/conversations/{trashed['id']}")

    assert titles(alice) == ["tagged", "plain"]
    assert titles(alice, "archived=false") == ["tagged", "plain"]
    assert titles(alice, "archived=true") == ["archived"]
    assert titles(alice, "tag=work") == ["tagged"]
    assert titles(alice, "trashed=true") == ["trashed"]


def test_a_temporary_conversation_is_in_no_list(alice: FlaskClient) -> None:
    made = begin(alice, title="passing", temporary=True)

    assert titles(alice) == []
    assert body(alice.get(f"/api/conversations/{made['id']}"))["temporary"] is True
