"""Starred messages, wherever they lie."""

from __future__ import annotations

import pytest
from bson import ObjectId

from chatapp.clock import utc_now
from chatapp.errors import ConversationInTrash, Invalid, InvalidCursor, MessageNotFound
from chatapp.models.chat_models import Feedback, Role
from chatapp.repositories import message_marks
from tests.support.history import Book, open_book


def starred(book: Book, limit: int = 50) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = book.marks.stars(book.user_id, limit=limit, cursor=cursor)
        ids += [star.message_id for star in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return ids


def test_a_star_is_seen_on_its_message_and_in_the_list_also_from_a_page(book: Book) -> None:
    said = [book.say(str(number)).id for number in range(130)]
    for id_ in (said[3], said[129], said[60]):
        assert book.marks.star(*book.key, id_, True).starred
    assert starred(book) == starred(book, 1) == [said[60], said[129], said[3]]
    assert book.messages.find(*book.key, said[3])[0].starred
    assert [message.id for message in book.messages.page(*book.key, limit=200).items if message.starred] == [
        said[3],
        said[60],
        said[129],
    ]
    assert not book.marks.star(*book.key, said[3], False).starred
    assert starred(book) == [said[60], said[129]]


def test_stars_of_one_moment_are_listed_once_each(book: Book) -> None:
    said = [book.say(str(number)).id for number in range(5)]
    for id_ in said:
        book.marks.star(*book.key, id_, True)
    same = dict.fromkeys((f"stars.{id_}.at" for id_ in said), utc_now())
    book.database["conversations"].update_one({}, {"$set": same})

    assert starred(book, 1) == starred(book, 2) == sorted(said, reverse=True)
    page = book.marks.stars(book.user_id, limit=1)
    with pytest.raises(InvalidCursor):
        book.marks.stars(str(ObjectId()), limit=1, cursor=page.next_cursor)


def test_the_list_shows_the_beginning_of_a_long_message_and_when_it_was_said(book: Book) -> None:
    said = book.say("x" * 1000, role=Role.ASSISTANT)
    book.marks.star(*book.key, said.id, True)

    [star] = book.marks.stars(book.user_id, limit=1).items

    assert (star.role, star.excerpt, star.created_at) == (Role.ASSISTANT, "x" * 200, said.created_at)


def test_starring_twice_changes_nothing(book: Book) -> None:
    id_ = book.say("once").id
    first = book.marks.star(*book.key, id_, True)
    assert book.marks.star(*book.key, id_, True) == first
    assert starred(book) == [id_]


def test_the_list_shows_titles_as_they_are_now_and_nothing_of_the_trash_or_of_others(book: Book) -> None:
    book.marks.star(*book.key, book.say("kept").id, True)
    book.conversations.update(*book.key, {"title": "Renamed"})
    other = open_book(book.database)
    other.marks.star(*other.key, other.say("theirs").id, True)
    [star] = book.marks.stars(book.user_id, limit=10).items
    assert (star.title, star.excerpt, star.conversation_id) == ("Renamed", "kept", book.conversation_id)
    book.conversations.trash(*book.key)
    assert starred(book) == []
    book.conversations.restore(*book.key)
    assert len(starred(book)) == 1
    book.conversations.purge(*book.key)
    assert starred(book) == []
    assert len(starred(other)) == 1


def test_what_cannot_be_starred_is_refused(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_marks, "MAX_STARS", 1)
    first, second = book.say("first").id, book.say("second").id
    with pytest.raises(MessageNotFound):
        book.marks.star(*book.key, "unknown", True)
    book.marks.star(*book.key, first, True)
    with pytest.raises(Invalid):
        book.marks.star(*book.key, second, True)
    book.marks.star(*book.key, first, False)
    assert book.marks.star(*book.key, second, True).starred, "there is room for it now"
    with pytest.raises(InvalidCursor):
        book.marks.stars(book.user_id, limit=1, cursor="nonsense")
    book.conversations.trash(*book.key)
    with pytest.raises(ConversationInTrash):
        book.marks.star(*book.key, first, False)


def test_feedback_and_its_comment_are_kept_apart_from_stars(book: Book) -> None:
    id_ = book.say("answer").id
    book.marks.annotate(*book.key, id_, {"comment": "Short and right."})
    book.marks.star(*book.key, id_, True)
    message = book.marks.annotate(*book.key, id_, {"feedback": "up"})
    assert (message.comment, message.feedback, message.starred) == ("Short and right.", "up", True)
    assert book.marks.annotate(*book.key, id_, {"comment": None}).comment is None


def test_feedback_on_a_message_in_a_page_is_told_too(book: Book) -> None:
    old, *_ = [book.say().id for _ in range(101)]
    assert book.window().paged_count

    book.marks.annotate(*book.key, old, {"feedback": Feedback.UP})

    stored = book.database["conversations"].find_one() or {}
    assert stored["lastChange"]["events"] == [
        {"type": "conversation.updated", "fields": ["feedback"], "messageId": old},
    ]
