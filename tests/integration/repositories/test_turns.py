"""A turn begins and ends with one update each, which match or change nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chatapp.clock import utc_now
from chatapp.errors import ConversationInTrash, MessageIdTaken, MessageNotFound, TurnInProgress
from chatapp.models.chat_models import Feedback, Generation, Message, MessageStatus, Role, Window
from chatapp.repositories.message_overflow import MessageOverflow
from chatapp.repositories.search_index import SearchIndex
from chatapp.repositories.turns import SlotTaken
from tests.support.history import Book, generation, message, open_book, stored_log


def begin(book: Book, window: Window | None = None, parent_id: str | None = None, slot: int = 0) -> Generation | None:
    """Asks a question below ``parent_id``, or the message shown last; ``None`` where it was refused."""
    window = window or book.window()
    asked = message(book, "question", parent_id or window.conversation.active_message_id)
    running = generation(asked.id, slot)
    return running if book.begin_turn(window, asked, running) else None


def end(book: Book, running: Generation, content: str = "answer") -> Message:
    answer = message(book, content, running.parent_id, Role.ASSISTANT, id=running.message_id)
    assert book.conversations.turns.end(answer)
    return answer


def test_beginning_stores_the_question_and_claims_the_answer_in_one_step(book: Book) -> None:
    running = begin(book)

    conversation = book.window().conversation
    assert conversation.generation == running
    assert running is not None
    assert conversation.active_message_id == running.parent_id
    assert conversation.message_count == 1


def test_ending_stores_the_answer_and_frees_the_conversation(book: Book) -> None:
    running = begin(book)
    assert running is not None

    answer = end(book, running)

    window = book.window()
    assert window.conversation.generation is None
    assert window.conversation.active_message_id == answer.id
    assert window.messages[-1] == answer


def test_an_answer_is_new_until_it_is_read_or_followed_and_never_where_it_was_stopped(book: Book) -> None:
    for is_read in (True, False):
        running = begin(book)
        assert running is not None
        answer = end(book, running)
        assert book.window().conversation.unread
        if is_read:
            assert not book.conversations.update(*book.key, {"read_message_id": answer.id}).unread

    second = begin(book)
    assert second is not None
    assert not book.window().conversation.unread

    stopped = message(book, "half an ans", second.parent_id, Role.ASSISTANT, id=second.message_id)
    assert book.conversations.turns.end(replace(stopped, status=MessageStatus.STOPPED))
    assert not book.window().conversation.unread


@pytest.mark.parametrize("meanwhile", ["another turn", "a message", "a branch", "the trash", "the end"])
def test_a_turn_does_not_begin_where_the_conversation_is_not_as_it_was_read(book: Book, meanwhile: str) -> None:
    first = book.say()
    book.say()
    window = book.window()
    match meanwhile:
        case "another turn":
            begin(book)
        case "a message":
            book.say()
        case "a branch":
            book.conversations.update(*book.key, {"active_message_id": first.id})
        case "the trash":
            book.conversations.trash(*book.key)
        case "the end":
            book.conversations.purge(*book.key)
    before = book.database["conversations"].find_one()

    assert begin(book, window) is None

    assert book.database["conversations"].find_one() == before


def test_a_saved_message_that_is_sent_twice_at_once_is_answered_once(book: Book) -> None:
    """Nothing is appended when its answer begins, so only the running answer keeps the other away."""
    saved = book.say()
    window = book.window()

    assert book.begin_turn(window, None, generation(saved.id, 0))
    assert not book.begin_turn(window, None, generation(saved.id, 1))


def test_a_turn_does_not_begin_where_a_message_was_appended_and_another_branch_is_shown_again(book: Book) -> None:
    """What is shown is as it was read; the log is not."""
    shown = book.say()
    window = book.window()
    book.say("beside it", parent_id=None)
    book.conversations.update(*book.key, {"active_message_id": shown.id})
    assert book.window().conversation.active_message_id == window.conversation.active_message_id

    assert begin(book, window) is None
    assert book.window().conversation.message_count == 2


def test_a_move_into_pages_does_not_refuse_a_turn_that_was_decided_before_it(book: Book) -> None:
    for _ in range(100):
        book.say()
    window = book.window()
    MessageOverflow(book.database).shorten(*book.key)
    assert book.window().paged_count > window.paged_count

    assert begin(book, window) is not None


def test_only_the_first_to_end_an_answer_ends_it(book: Book) -> None:
    running = begin(book)
    assert running is not None
    end(book, running, "first")

    late = message(book, "late", running.parent_id, Role.ASSISTANT, id=running.message_id)

    assert not book.conversations.turns.end(late)
    assert [entry["content"] for entry in stored_log(book)] == ["question", "first"]


def test_another_answer_stands_beside_the_first_from_its_beginning(book: Book) -> None:
    running = begin(book)
    assert running is not None
    first = end(book, running)
    second = generation(running.parent_id)

    used_at = utc_now() - timedelta(days=1)
    book.database["conversations"].update_one({}, {"$set": {"updatedAt": used_at}})

    assert book.begin_turn(book.window(), None, second)

    window = book.window()
    assert window.conversation.updated_at > used_at, "it is a use of the conversation"
    assert book.messages.children(window, running.parent_id) == (first.id, second.message_id)
    assert window.conversation.active_message_id == running.parent_id
    assert window.conversation.message_count == 2
    answer = end(book, second, "again")
    assert book.messages.find(*book.key, answer.id)[0].sibling_ids == (first.id, answer.id)
    assert book.shown() == [running.parent_id, answer.id]


def test_a_title_is_set_with_the_turn_that_gives_it(book: Book) -> None:
    asked = message(book, "question", None)

    assert book.begin_turn(book.window(), asked, generation(asked.id), title="Question")

    assert book.window().conversation.title == "Question"
    document = book.database["conversations"].find_one()
    assert document is not None
    assert [event["type"] for event in document["lastChange"]["events"]] == [
        "message.created",
        "generation.started",
        "conversation.updated",
    ]


def test_a_title_that_comes_with_the_answer_to_a_saved_message_is_to_be_indexed(book: Book) -> None:
    saved = book.say("question")
    index = SearchIndex(book.database)
    index.catch_up(10)
    assert not index.is_behind()

    assert book.begin_turn(book.window(), None, generation(saved.id), title="Question")

    assert index.is_behind()


def test_a_slot_is_held_until_its_answer_ends(book: Book) -> None:
    other = open_book(book.database, book.user_id)
    stranger = open_book(book.database)
    running = begin(book)
    assert running is not None

    with pytest.raises(SlotTaken):
        begin(other)
    assert begin(other, slot=1) is not None
    assert begin(stranger) is not None
    other.conversations.trash(*other.key)
    assert book.conversations.turns.taken_slots(book.user_id) == {0, 1}

    end(book, running)
    assert begin(book) is not None


@pytest.mark.parametrize("is_own", [True, False])
def test_no_two_answers_have_one_id_while_they_are_written(book: Book, is_own: bool) -> None:
    running = begin(book)
    assert running is not None
    other = open_book(book.database, book.user_id) if is_own else open_book(book.database)
    asked = message(other, "question", None)
    same = replace(generation(asked.id, slot=1), message_id=running.message_id)

    with pytest.raises(MessageIdTaken):
        other.begin_turn(other.window(), asked, same)
    assert other.window().conversation.message_count == 0

    end(book, running)
    assert other.begin_turn(other.window(), asked, same)


def test_an_id_that_a_message_has_is_never_given_to_an_answer_too(book: Book) -> None:
    said = book.say()
    assert book.begin_turn(book.window(), None, replace(generation(said.id), message_id=said.id))

    with pytest.raises(LookupError):
        book.conversations.turns.end(message(book, "answer", said.id, Role.ASSISTANT, id=said.id))

    assert [entry["content"] for entry in stored_log(book)] == ["hello"]


def test_while_an_answer_is_written_nothing_else_is_appended_or_shown(book: Book) -> None:
    first = book.say()
    running = begin(book)
    assert running is not None

    with pytest.raises(TurnInProgress) as refused:
        book.say()
    assert refused.value.details == {"messageId": running.message_id}
    with pytest.raises(TurnInProgress):
        book.conversations.update(*book.key, {"active_message_id": first.id})
    with pytest.raises(TurnInProgress):
        book.messages.choose(*book.key, running.message_id)
    with pytest.raises(TurnInProgress):
        book.marks.annotate(*book.key, running.message_id, {"feedback": Feedback.UP})

    assert book.conversations.update(*book.key, {"title": "named meanwhile"}).title == "named meanwhile"
    assert book.say(first.content, message_id=first.id) == first


def test_an_answer_ends_in_the_trash_too(book: Book) -> None:
    running = begin(book)
    assert running is not None
    book.conversations.trash(*book.key)

    end(book, running)

    with pytest.raises(ConversationInTrash):
        book.say()
    assert len(stored_log(book)) == 2


def test_an_answer_whose_conversation_is_gone_is_not_stored(book: Book) -> None:
    running = begin(book)
    assert running is not None
    book.conversations.purge(*book.key)

    answer = message(book, "answer", running.parent_id, Role.ASSISTANT, id=running.message_id)

    assert not book.conversations.turns.end(answer)
    assert book.conversations.turns.running() == []


def test_branches_are_found_wherever_their_messages_are(book: Book) -> None:
    said = [book.say(str(number)).id for number in range(160)]
    window = book.window()
    assert window.paged_count > 60

    assert book.messages.children(window, None) == (said[0],)
    assert book.messages.children(window, said[3]) == (said[4],)
    assert book.messages.children(window, said[window.paged_count - 1]) == (said[window.paged_count],)
    assert book.messages.children(window, said[-2]) == (said[-1],)
    assert book.messages.children(window, said[-1]) == ()

    edited = book.say("edited", parent_id=said[3])
    window = book.window()
    assert book.messages.children(window, said[3]) == (said[4], edited.id)
    assert book.shown() == [*said[:4], edited.id]
    assert book.messages.find(*book.key, said[4])[0].sibling_ids == (said[4], edited.id)
    assert [entry.id for entry in book.messages.branch(window, from_message_id=said[5])] == said[5::-1]

    book.conversations.update(*book.key, {"active_message_id": said[90]})
    assert book.shown(7) == said[:91]
    assert book.messages.choose(*book.key, said[4])[0] == said[-1]
    assert book.messages.choose(*book.key, said[3])[0] == said[-1], "the branch that was shown last"
    assert book.messages.choose(*book.key, said[-1])[0] == said[-1]
    with pytest.raises(MessageNotFound):
        list(book.messages.branch(window, from_message_id="unknown"))


def test_a_message_is_found_with_its_position(book: Book) -> None:
    said = [book.say(str(number)).id for number in range(160)]

    for position in (0, 49, 50, 51, 99, 100, 159):
        found, place = book.messages.find(*book.key, said[position])
        assert (found.content, place) == (str(position), position)
    with pytest.raises(MessageNotFound):
        book.messages.find(*book.key, "unknown")
