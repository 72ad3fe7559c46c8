"""A turn from its reservation to its end."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta

import pytest
from gevent.event import Event

from chatapp.clock import utc_now
from chatapp.errors import (
    ConversationInTrash,
    MessageIdTaken,
    TooManyAnswers,
    TurnInProgress,
)
from chatapp.failpoints import armed
from chatapp.generation.run import MAX_ANSWER_BYTES
from chatapp.generation.turn import AnotherAnswer, Reserved, SentBefore
from chatapp.models.chat_models import MessageStatus, NewMessage, Role
from chatapp.models.failures import FailureCode
from chatapp.providers.errors import ProviderError
from chatapp.repositories import appending
from tests.integration.generation.conftest import Bench, Script, ended


def test_the_users_message_and_the_answer_are_in_the_history(bench: Bench) -> None:
    answer = ended(bench.send("Hi"))
    assert answer.status is MessageStatus.COMPLETE
    assert [(message.role, message.content) for message in bench.history()] == [
        (Role.USER, "Hi"),
        (Role.ASSISTANT, "Hello, world."),
    ]
    assert bench.history()[1] == answer


def test_the_users_message_is_stored_before_the_model_is_asked(bench: Bench) -> None:
    bench.reserve("Hi")
    assert bench.script.asked == 0
    assert bench.history()[0].content == "Hi"


def test_a_second_turn_is_refused_with_the_running_answer_and_stores_nothing(bench: Bench, script: Script) -> None:
    script.steps = [Event()]
    turn = bench.send("first")
    with pytest.raises(TurnInProgress) as refused:
        bench.reserve("second")
    assert refused.value.details == {"messageId": turn.answer.id}
    assert bench.header().message_count == 1


def test_the_same_message_again_joins_its_answer_and_asks_the_model_once(bench: Bench, script: Script) -> None:
    release = Event()
    script.steps = ["a", release, "b"]
    id_ = str(uuid.uuid4())
    turn = bench.send("Hi", id=id_)
    again = bench.reserve("Hi", id=id_)
    assert isinstance(again, SentBefore)
    assert bench.engine.text_of(again.answer) is turn.text
    release.set()
    answer = ended(turn)
    later = bench.reserve("Hi", id=id_)
    assert isinstance(later, SentBefore)
    assert later.answer == answer
    assert script.asked == 1
    assert bench.header().message_count == 2


def test_an_id_used_for_something_else_is_refused(bench: Bench) -> None:
    id_ = str(uuid.uuid4())
    ended(bench.send("Hi", id=id_))
    with pytest.raises(MessageIdTaken):
        bench.reserve("Ho", id=id_)
    with pytest.raises(MessageIdTaken):
        bench.reserve("Hi", id=id_, parent_id=str(uuid.uuid4()))


def test_a_message_that_was_only_saved_is_answered_when_it_is_sent(bench: Bench) -> None:
    id_ = str(uuid.uuid4())
    bench.messages.append(bench.user_id, bench.conversation.id, NewMessage("saved", id_))
    ended(bench.send("saved", id=id_))
    assert [message.content for message in bench.history()] == ["saved", "Hello, world."]


def test_a_trashed_conversation_takes_no_turn(bench: Bench) -> None:
    bench.conversations.trash(bench.user_id, bench.conversation.id)
    with pytest.raises(ConversationInTrash):
        bench.reserve()


def test_a_user_has_no_more_answers_running_than_allowed_and_a_free_slot_is_used_again(
    bench: Bench, script: Script
) -> None:
    release = Event()
    script.steps = [release, "done"]
    turns = []
    for _ in range(4):
        bench.conversation = bench.conversations.create(bench.user_id)
        turns.append(bench.send())
    bench.conversation = bench.conversations.create(bench.user_id)
    with pytest.raises(TooManyAnswers):
        bench.reserve()
    assert bench.header().message_count == 0
    release.set()
    for turn in turns:
        ended(turn)
    ended(bench.send())


def test_another_users_answers_take_no_slot(bench: Bench, script: Script) -> None:
    script.steps = [Event()]
    bench.send()
    other = Bench(bench.database, script, "0" * 24, 1)
    other.send()


@pytest.mark.parametrize(
    ("steps", "status", "code", "content"),
    [
        ([ProviderError(FailureCode.THROTTLED)], MessageStatus.ERROR, "throttled", ""),
        (["some ", ProviderError(FailureCode.CONNECTION_LOST)], MessageStatus.INTERRUPTED, "connection_lost", "some "),
        ([RuntimeError("a fault")], MessageStatus.ERROR, "internal", ""),
        ([], MessageStatus.ERROR, "empty_answer", ""),
    ],
)
def test_a_provider_that_fails_leaves_an_answer_that_says_so(
    bench: Bench, script: Script, steps: list[object], status: MessageStatus, code: str, content: str
) -> None:
    script.steps = steps
    answer = ended(bench.send())
    assert (answer.status, answer.content) == (status, content)
    assert answer.error is not None
    assert answer.error.code == code
    assert bench.history()[-1] == answer
    script.steps = ["works again"]
    assert ended(bench.send()).content == "works again"


def test_a_flood_is_cut_off_at_the_bound(bench: Bench, script: Script) -> None:
    script.steps = ["€" * 40_000] * 20
    answer = ended(bench.send())
    assert answer.status is MessageStatus.INTERRUPTED
    assert answer.size <= MAX_ANSWER_BYTES
    assert set(answer.content) == {"€"}
    assert script.closed == 1
    assert bench.history()[-1] == answer


def test_a_title_keeps_what_holds_letters_and_emoji_together(bench: Bench) -> None:
    said = "\N{MAN}\u200d\N{GIRL} \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

    bench.reserve(f"{said}\u202e\n")

    assert bench.header().title == said


def test_the_first_message_names_the_conversation_until_it_has_a_title(bench: Bench) -> None:
    turn = bench.send("Why is\nthe sky blue? " * 10)
    ended(turn)
    title = bench.header().title
    assert turn.title == title
    assert title.startswith("Why is the sky blue?")
    assert len(title) <= 61
    second = bench.send("Another thing")
    ended(second)
    assert second.title is None
    assert bench.header().title == title


def test_a_name_given_while_the_first_message_is_sent_stays(bench: Bench) -> None:
    def rename() -> None:
        bench.conversations.update(bench.user_id, bench.conversation.id, {"title": "Capitals"})

    with armed("turn.before_begin", rename):
        turn = bench.send("What is the capital of France?")

    assert turn.title is None
    assert bench.header().title == "Capitals"


def test_a_message_that_is_being_answered_beside_another_message_is_joined(bench: Bench, script: Script) -> None:
    saved = bench.messages.append(bench.user_id, bench.conversation.id, NewMessage("Hi"))
    bench.messages.append(bench.user_id, bench.conversation.id, NewMessage("Hello?", parent_id=saved.id))
    release = Event()
    script.steps = ["Yes, ", release, "hello."]
    turn = bench.send("Hi", id=saved.id)

    again = bench.reserve("Hi", id=saved.id)

    assert isinstance(again, SentBefore)
    assert again.answer.id == turn.answer.id
    release.set()
    ended(turn)


def test_the_model_of_the_conversation_answers_and_no_answer_is_older_than_its_question(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.conversations.update(bench.user_id, bench.conversation.id, {"model": "chosen"})
    times = itertools.count()
    now = utc_now()
    # A clock that is set back again and again.
    monkeypatch.setattr(appending, "utc_now", lambda: now + timedelta(hours=1) - timedelta(seconds=next(times)))
    reserved = bench.reserve()
    assert isinstance(reserved, Reserved)
    assert reserved.user_message is not None
    assert reserved.answer.model == "chosen"
    assert reserved.answer.created_at >= reserved.user_message.created_at


def test_a_turn_may_name_another_model_than_its_conversation(bench: Bench) -> None:
    answer = ended(bench.send("Why?", model="larger"))
    assert answer.model == "larger"
    taken = bench.reserve_another(AnotherAnswer(answer.id, model="largest"))
    assert isinstance(taken, Reserved)
    assert ended(bench.engine.write(taken)).model == "largest"
    assert ended(bench.send("And?")).model == "test-model"
