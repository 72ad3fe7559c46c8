"""Other answers and other questions beside those that are there: asked for again, continued, edited."""

from __future__ import annotations

import uuid

import pytest
from gevent.event import Event

from chatapp.errors import (
    Invalid,
    MessageIdTaken,
    StorageFull,
    TurnInProgress,
)
from chatapp.generation.turn import AnotherAnswer, Reserved, SentBefore
from chatapp.models.chat_models import FinishReason, MessageStatus
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import Finish
from chatapp.providers.errors import ProviderError
from tests.integration.generation.conftest import Bench, Script, ended


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
