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
    Invalid,
    MessageIdTaken,
    StorageFull,
    TooManyAnswers,
    TurnInProgress,
)
from chatapp.failpoints import armed
from chatapp.generation.run import MAX_ANSWER_BYTES
from chatapp.generation.turn import AnotherAnswer, Reserved, SentBefore
from chatapp.models.chat_models import FinishReason, MessageStatus, NewMessage, Role
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import Finish
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


def test_another_answer_stands_beside_the_first(bench: Bench, script: Script) -> None:
    first = ended(bench.send())
    script.steps = ["Another one."]
    reserved = bench.reservations.for_another_answer(
        bench.user_id, bench.conversation.id, AnotherAnswer(first.id), "test-model"
    )
    assert isinstance(reserved, Reserved)
    assert reserved.user_message is None
    second = ended(bench.engine.write(reserved))
    shown = bench.history()
    assert [message.content for message in shown] == ["Hi", "Another one."]
    assert shown[1].sibling_ids == (first.id, second.id)


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


def ask_again(bench: Bench, beside_id: str, id_: str | None) -> Reserved | SentBefore:
    return bench.reservations.for_another_answer(
        bench.user_id, bench.conversation.id, AnotherAnswer(beside_id, id_), "test-model"
    )


def test_another_answer_that_is_asked_for_twice_is_written_once(bench: Bench, script: Script) -> None:
    first = ended(bench.send())
    release = Event()
    script.steps = ["Another ", release, "one."]
    id_ = str(uuid.uuid4())
    reserved = ask_again(bench, first.id, id_)
    assert isinstance(reserved, Reserved)
    assert reserved.answer.id == id_
    turn = bench.engine.write(reserved)

    meanwhile = ask_again(bench, first.id, id_)
    assert isinstance(meanwhile, SentBefore)
    assert (meanwhile.user_message, meanwhile.answer.id) == (None, id_)
    assert bench.engine.text_of(meanwhile.answer) is turn.text

    release.set()
    answer = ended(turn)
    assert ask_again(bench, first.id, id_) == SentBefore(None, answer)
    assert script.asked == 2
    assert bench.header().message_count == 3


def test_another_answer_waits_for_the_running_one_and_needs_room_as_any_turn_does(
    bench: Bench, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_user_id: str) -> None:
        raise StorageFull(2, 1)

    first = ended(bench.send())
    with monkeypatch.context() as without_room:
        without_room.setattr(bench.conversations.storage, "check", full)
        with pytest.raises(StorageFull):
            ask_again(bench, first.id, None)
    script.steps = [Event()]
    bench.send("second")
    with pytest.raises(TurnInProgress):
        ask_again(bench, first.id, None)


def test_an_id_that_belongs_to_something_else_makes_no_other_answer(bench: Bench) -> None:
    first = ended(bench.send("first"))
    second = ended(bench.send("second"))
    question = bench.history()[0]
    for id_ in (question.id, second.id):
        with pytest.raises(MessageIdTaken):
            ask_again(bench, first.id, id_)
    assert bench.header().message_count == 4


def test_an_answer_that_was_cut_off_goes_on_beside_itself(bench: Bench, script: Script) -> None:
    script.steps = ["The sky is", Finish(None, FinishReason.LENGTH)]
    cut_off = ended(bench.send("Why?", model="larger"))
    script.steps = [" blue."]
    taken = bench.reserve_another(AnotherAnswer(cut_off.id, goes_on=True))
    assert isinstance(taken, Reserved)
    answer = ended(bench.engine.write(taken))
    assert (answer.content, answer.status, answer.continues) == ("The sky is blue.", MessageStatus.COMPLETE, cut_off.id)
    assert bench.history()[1] == answer
    assert answer.model == "larger"
    assert answer.sibling_ids == (cut_off.id, answer.id)
    first = bench.messages.find(bench.user_id, bench.conversation.id, cut_off.id)[0]
    assert first.content == "The sky is"


def test_an_answer_that_goes_on_and_fails_keeps_the_text_that_was_there(bench: Bench, script: Script) -> None:
    script.steps = ["The sky is", ProviderError(FailureCode.CONNECTION_LOST)]
    cut_off = ended(bench.send("Why?"))
    script.steps = [ProviderError(FailureCode.PROVIDER_FAILED)]
    taken = bench.reserve_another(AnotherAnswer(cut_off.id, goes_on=True))
    assert isinstance(taken, Reserved)
    answer = ended(bench.engine.write(taken))
    assert (answer.content, answer.status) == ("The sky is", MessageStatus.INTERRUPTED)


def test_the_same_continuation_asked_for_again_joins_it(bench: Bench, script: Script) -> None:
    script.steps = ["The sky is", Finish(None, FinishReason.LENGTH)]
    cut_off = ended(bench.send("Why?"))
    wanted = AnotherAnswer(cut_off.id, str(uuid.uuid4()), goes_on=True)
    taken = bench.reserve_another(wanted)
    assert isinstance(taken, Reserved)
    answer = ended(bench.engine.write(taken))
    again = bench.reserve_another(wanted)
    assert isinstance(again, SentBefore)
    assert again.answer == answer
    with pytest.raises(MessageIdTaken):
        bench.reserve_another(AnotherAnswer(cut_off.id, wanted.id))


def test_a_complete_answer_cannot_be_continued(bench: Bench) -> None:
    answer = ended(bench.send("Why?"))
    with pytest.raises(Invalid) as refused:
        bench.reserve_another(AnotherAnswer(answer.id, goes_on=True))
    assert refused.value.fields["messageId"][0].reason == "not_cut_off"
    assert bench.header().generation is None


def test_a_continuation_that_a_dead_worker_left_behind_keeps_the_text_it_began_with(
    bench: Bench, script: Script
) -> None:
    script.steps = ["The sky is", Finish(None, FinishReason.LENGTH)]
    cut_off = ended(bench.send("Why?"))
    taken = bench.reserve_another(AnotherAnswer(cut_off.id, goes_on=True))
    assert isinstance(taken, Reserved)
    other = bench.another_worker()
    generation = other.header().generation
    assert generation is not None
    other.engine._reaper._end(bench.user_id, bench.conversation.id, generation)
    left = bench.history()[1]
    assert (left.id, left.content, left.status) == (taken.answer.id, "The sky is", MessageStatus.INTERRUPTED)
    assert left.continues == cut_off.id


def test_an_edited_question_stands_beside_the_first_and_gets_an_answer_of_its_own(bench: Bench) -> None:
    first = ended(bench.send("Why?"))
    second = ended(bench.send("Why is it blue?", edit_of=first.parent_id))
    question = bench.history()[0]
    assert (question.content, question.edit_of) == ("Why is it blue?", first.parent_id)
    assert question.sibling_ids == (first.parent_id, question.id)
    assert second.parent_id == question.id


def test_an_edit_that_changes_nothing_is_refused_and_stores_nothing(bench: Bench) -> None:
    first = ended(bench.send("Why?"))
    with pytest.raises(Invalid) as refused:
        bench.reserve("Why?", edit_of=first.parent_id)
    assert refused.value.fields["content"][0].reason == "unchanged"
    with pytest.raises(Invalid) as refused:
        bench.reserve("Why not?", edit_of=first.id)
    assert refused.value.fields["editOf"][0].reason == "other_role"
    assert bench.header().message_count == 2


def test_a_turn_may_name_another_model_than_its_conversation(bench: Bench) -> None:
    answer = ended(bench.send("Why?", model="larger"))
    assert answer.model == "larger"
    taken = bench.reserve_another(AnotherAnswer(answer.id, model="largest"))
    assert isinstance(taken, Reserved)
    assert ended(bench.engine.write(taken)).model == "largest"
    assert ended(bench.send("And?")).model == "test-model"
