"""A change that is wanted only if nothing has changed meets nothing that came in between."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import ConversationInTrash, PreconditionFailed
from chatapp.models.account_models import User
from chatapp.models.chat_models import Conversation, Feedback, Message
from chatapp.repositories.user_repository import UserRepository
from tests.support.history import Book, generation, stored_log


def test_a_conversation_that_changes_after_the_look_is_looked_at_again(book: Book) -> None:
    seen: list[tuple[str, ...]] = []

    def has_no_tags(conversation: Conversation) -> bool:
        seen.append(conversation.tags)
        if len(seen) == 1:
            book.conversations.update(*book.key, {"tags": ["theirs"]})
        return not conversation.tags

    with pytest.raises(PreconditionFailed):
        book.conversations.update(*book.key, {"tags": ["ours"]}, only_if=has_no_tags)

    assert seen == [(), ("theirs",)]
    assert book.conversations.get(*book.key).tags == ("theirs",)


def test_whatever_is_shown_of_a_conversation_counts(book: Book) -> None:
    seen: list[int] = []

    def look(conversation: Conversation) -> bool:
        seen.append(conversation.message_count)
        if len(seen) == 1:
            book.say("meanwhile")
        return True

    changed = book.conversations.update(*book.key, {"title": "New"}, only_if=look)

    assert seen == [0, 1]
    assert (changed.title, changed.message_count) == ("New", 1)


@pytest.mark.parametrize("messages", [1, 130], ids=["in the window", "in a page"])
def test_feedback_that_comes_after_the_look_stays(book: Book, messages: int) -> None:
    first = book.say("first")
    for number in range(messages - 1):
        book.say(str(number))
    assert (book.window().paged_count > 0) == (messages > 100)
    seen: list[Feedback | None] = []

    def has_no_feedback(message: Message) -> bool:
        seen.append(message.feedback)
        if len(seen) == 1:
            book.marks.annotate(*book.key, first.id, {"feedback": Feedback.DOWN})
        return message.feedback is None

    with pytest.raises(PreconditionFailed):
        book.marks.annotate(*book.key, first.id, {"feedback": Feedback.UP}, only_if=has_no_feedback)

    assert seen == [None, Feedback.DOWN]
    assert book.messages.find(*book.key, first.id)[0].feedback is Feedback.DOWN


def test_a_comment_that_comes_after_the_look_stays(book: Book) -> None:
    said = book.say()

    def has_no_comment(message: Message) -> bool:
        if message.comment is None:
            book.marks.annotate(*book.key, said.id, {"comment": "theirs"})
        return message.comment is None

    with pytest.raises(PreconditionFailed):
        book.marks.annotate(*book.key, said.id, {"comment": "ours"}, only_if=has_no_comment)

    assert book.messages.find(*book.key, said.id)[0].comment == "theirs"


def test_a_star_is_given_once_though_another_device_gives_it_after_the_look(book: Book) -> None:
    said = book.say()
    given: list[object] = []

    def star_first(_: Message) -> bool:
        if not given:
            book.marks.star(*book.key, said.id, True)
            given.append(book.database["conversations"].find_one())
        return True

    assert book.marks.star(*book.key, said.id, True, only_if=star_first).starred
    assert [book.database["conversations"].find_one()] == given


def test_nothing_is_starred_in_what_goes_into_the_trash_after_the_look(book: Book) -> None:
    said = book.say()

    def trash_first(_: Message) -> bool:
        book.conversations.trash(*book.key)
        return True

    with pytest.raises(ConversationInTrash):
        book.marks.star(*book.key, said.id, True, only_if=trash_first)
    assert not book.messages.find(*book.key, said.id)[0].starred


def test_a_star_and_a_change_of_nothing_are_refused_as_well(book: Book) -> None:
    said = book.say()
    with pytest.raises(PreconditionFailed):
        book.marks.star(*book.key, said.id, True, only_if=lambda _: False)
    with pytest.raises(PreconditionFailed):
        book.marks.annotate(*book.key, said.id, {}, only_if=lambda _: False)
    with pytest.raises(PreconditionFailed):
        book.conversations.update(*book.key, {}, only_if=lambda _: False)
    assert book.marks.annotate(*book.key, said.id, {}, only_if=lambda _: True) == said


def test_a_star_and_feedback_are_set_by_one_call_whose_condition_is_asked_once(book: Book) -> None:
    said = book.say()
    both = {"starred": True, "feedback": Feedback.UP}
    with pytest.raises(PreconditionFailed):
        book.marks.annotate(*book.key, said.id, both, only_if=lambda _: False)

    marked = book.marks.annotate(*book.key, said.id, both, only_if=lambda message: not message.starred)

    assert (marked.starred, marked.feedback) == (True, Feedback.UP)
    assert "starred" not in stored_log(book)[0], "stars are kept with the conversation"


def test_an_answer_being_written_is_no_reason_to_refuse_another_title(book: Book) -> None:
    said = book.say()
    assert book.begin_turn(book.window(), None, generation(said.id))
    with pytest.raises(PreconditionFailed):
        book.conversations.update(*book.key, {"title": "New"}, only_if=lambda _: False)


def test_an_account_that_changes_after_the_look_is_looked_at_again(database: Database[dict[str, Any]]) -> None:
    users = UserRepository(database)
    ada = users.create("ada@example.org", "Ada", "hash", utc_now())
    seen: list[dict[str, Any]] = []

    def has_no_settings(user: User) -> bool:
        seen.append(user.settings)
        if len(seen) == 1:
            users.update(ada.id, settings={"theme": "dark"})
        return not user.settings

    with pytest.raises(PreconditionFailed):
        users.update(ada.id, settings={"theme": "light"}, only_if=has_no_settings)

    assert seen == [{}, {"theme": "dark"}]
    after = users.get(ada.id)
    assert after is not None
    assert after.settings == {"theme": "dark"}
