"""However often a message is edited or answered again, its conversation stays small, and can go on."""

from __future__ import annotations

from typing import Any

import mongomock
import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.errors import Invalid
from chatapp.models.chat_models import Role
from chatapp.models.reasons import FaultReason
from tests.support.history import Book, message, open_book


@pytest.fixture
def book() -> Book:
    database: Database[dict[str, Any]] = mongomock.MongoClient(tz_aware=True)["chatapp"]
    return open_book(database, str(ObjectId()))


def edit(book: Book, parent_id: str, count: int) -> list[str]:
    return [book.say(str(number), parent_id=parent_id).id for number in range(count)]


def test_a_message_names_the_alternatives_around_it(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.repositories.documents.SHOWN_SIBLINGS", 4)
    first = book.say("first")
    ids = edit(book, first.id, 10)

    named = [book.messages.find(*book.key, id_)[0].sibling_ids for id_ in ids]

    assert named[:3] == [tuple(ids[:4])] * 3
    assert named[5] == tuple(ids[3:7])
    assert named[8:] == [tuple(ids[6:])] * 2
    for place, siblings in enumerate(named):
        assert set(ids[max(0, place - 1) : place + 2]) <= set(siblings), "itself, and the next ones on both sides"
    assert book.messages.children(book.window(), first.id) == tuple(ids), "all of them are stored"

    book.database["conversations"].update_one({}, {"$pull": {f"branches.{first.id}": ids[3]}})
    assert book.messages.find(*book.key, ids[3])[0].sibling_ids == tuple(ids[6:]), "a damaged list hides no message"


@pytest.mark.parametrize("limit", ["MAX_CHILDREN", "MAX_LISTED_CHILDREN"])
def test_a_conversation_that_is_full_of_alternatives_takes_no_more_but_goes_on(
    book: Book, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"chatapp.repositories.appending.{limit}", 5)
    first = book.say("first")
    ids = edit(book, first.id, 5)

    with pytest.raises(Invalid) as refused:
        book.say("one more", parent_id=first.id)

    assert [fault.reason for fault in refused.value.fields["parentId"]] == [FaultReason.TOO_MANY]
    assert book.window().branches == {first.id: tuple(ids)}
    answer = message(book, "", ids[-1], Role.ASSISTANT, model="model")
    assert book.conversations.turns.begin(book.window(), None, answer, 0, title=None)
    assert book.conversations.turns.end(answer)
    assert book.say("goes on").parent_id == answer.id
    assert book.say("0", message_id=ids[0], parent_id=first.id).id == ids[0], "what was sent before is still found"


def test_another_answer_is_refused_by_the_message_that_it_was_asked_for(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.repositories.appending.MAX_CHILDREN", 1)
    asked = book.say("question")
    answer = message(book, "", asked.id, Role.ASSISTANT, model="model")
    assert book.conversations.turns.begin(book.window(), None, answer, 0, title=None)
    assert book.conversations.turns.end(answer)
    another = message(book, "", asked.id, Role.ASSISTANT, model="model")
    siblings = (answer.id, another.id)

    with pytest.raises(Invalid) as refused:
        book.conversations.turns.begin(
            book.window(), None, message(book, "", asked.id, Role.ASSISTANT, sibling_ids=siblings), 0, title=None
        )

    assert [fault.reason for fault in refused.value.fields["messageId"]] == [FaultReason.TOO_MANY]


def test_choosing_names_the_ways_that_lead_to_a_message_and_no_others(book: Book) -> None:
    first = book.say("first")
    book.say("anew", parent_id=None)
    middle = book.say("middle", parent_id=first.id)
    one, _ = edit(book, middle.id, 2)

    assert book.messages.choose(*book.key, one) == (one, {"root": first.id, middle.id: one})


@pytest.mark.parametrize("is_turn", [False, True])
def test_after_a_reply_on_a_branch_that_was_not_shown_what_is_above_leads_to_it(book: Book, is_turn: bool) -> None:
    """Also after another reply elsewhere, without a choice in between."""
    first = book.say("first")
    left, right = (book.say(side, parent_id=first.id) for side in ("left", "right"))
    elsewhere = book.say("elsewhere", parent_id=None)

    if is_turn:
        reply = message(book, "reply", left.id)
        answer = message(book, "answer", reply.id, Role.ASSISTANT, model="model")
        assert book.conversations.turns.begin(book.window(), reply, answer, 0, title=None)
        assert book.conversations.turns.end(answer)
        last = answer.id
    else:
        last = book.say("reply", parent_id=left.id).id
    book.say("again elsewhere", parent_id=elsewhere.id)

    assert book.messages.choose(*book.key, first.id)[0] == last
    assert last in [one.id for one in book.messages.page_around(*book.key, first.id, limit=10).items]
    assert book.messages.choose(*book.key, right.id)[0] == right.id
