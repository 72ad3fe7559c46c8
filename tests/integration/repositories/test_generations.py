"""The small documents of running answers, written by several workers at the same moment."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from chatapp.repositories.generation_repository import Chunk, GenerationRepository, GenerationWrite


def test_several_people_ask_an_answer_to_stop_before_anything_of_it_is_written(
    database: Database[dict[str, Any]],
) -> None:
    generations = GenerationRepository(database)
    user, conversation = str(ObjectId()), str(ObjectId())
    with ThreadPoolExecutor(4) as threads:
        for _ in range(60):
            answer, together = str(uuid.uuid4()), Barrier(4)

            def stop(answer: str = answer, together: Barrier = together) -> None:
                together.wait()
                generations.request_stop(user, conversation, answer)

            for asked in [threads.submit(stop) for _ in range(4)]:
                asked.result()
            left = generations.read(user, answer)
            assert left is not None
            assert left.stop_requested


def _write(answer_id: str, user_id: str, *, first: bool) -> GenerationWrite:
    return GenerationWrite(answer_id, user_id, str(ObjectId()), first, Chunk(0, "text"))


def test_a_write_for_an_answer_that_is_gone_says_so_and_does_not_bring_it_back(
    database: Database[dict[str, Any]],
) -> None:
    generations, user = GenerationRepository(database), str(ObjectId())
    assert generations.write("worker", [_write("there", user, first=True), _write("new", user, first=True)]) == set()
    assert generations.write("worker", [_write("there", user, first=False), _write("gone", user, first=False)]) == {
        "gone"
    }
    assert {beat.answer_id: beat.count for beat in generations.heartbeats()} == {"there": 2, "new": 1}


def test_an_answer_whose_id_another_user_has_holds_up_no_other(database: Database[dict[str, Any]]) -> None:
    generations, ada, eve = GenerationRepository(database), str(ObjectId()), str(ObjectId())
    generations.write("worker", [_write("taken", eve, first=True)])

    assert generations.write("worker", [_write("taken", ada, first=True), _write("new", ada, first=True)]) == {"taken"}
    assert {beat.answer_id: beat.user_id for beat in generations.heartbeats()} == {"taken": eve, "new": ada}
    both = [_write("taken", ada, first=True), _write("eve's other", eve, first=True)]
    assert generations.write("worker", [*both, _write("gone", ada, first=False)]) == {"taken", "gone"}


@pytest.mark.parametrize(
    "failure",
    [
        {"writeErrors": [{"index": 0, "code": 121}], "writeConcernErrors": []},
        {"writeErrors": [], "writeConcernErrors": [{"code": 64}]},
    ],
    ids=["refused", "not held by a majority"],
)
def test_text_that_was_not_stored_for_sure_does_not_count_as_written(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, failure: dict[str, Any]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BulkWriteError(failure)

    monkeypatch.setattr(Collection, "bulk_write", fail)

    with pytest.raises(BulkWriteError):
        GenerationRepository(database).write("worker", [_write("answer", str(ObjectId()), first=True)])


def test_a_stop_counts_though_the_first_text_was_written_at_the_same_moment(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    generations, user = GenerationRepository(database), str(ObjectId())

    def write_first(*_: object, **__: object) -> None:
        monkeypatch.undo()
        generations.write("worker", [_write("answer", user, first=True)])
        raise DuplicateKeyError("just inserted")

    monkeypatch.setattr(Collection, "update_one", write_first)
    generations.request_stop(user, str(ObjectId()), "answer")

    assert generations.stop_requests("worker") == {"answer"}


def test_a_follower_reads_the_end_of_a_long_answer_and_of_its_reasoning(database: Database[dict[str, Any]]) -> None:
    generations, user, conversation = GenerationRepository(database), str(ObjectId()), str(ObjectId())
    for at in range(20):
        generations.write("worker", [GenerationWrite("a", user, conversation, at == 0, Chunk(at, "x"), Chunk(at, "y"))])

    tail = generations.tails([(user, "a")])["a"]

    assert [chunk.at for chunk in tail.chunks] == [chunk.at for chunk in tail.reasoning] == list(range(12, 20))


def test_a_small_document_is_read_followed_and_deleted_for_its_user_alone(database: Database[dict[str, Any]]) -> None:
    generations, ada, eve = GenerationRepository(database), str(ObjectId()), str(ObjectId())
    generations.write("worker", [_write("answer", ada, first=True)])
    generations.delete(eve, "answer")
    assert generations.read(eve, "answer") is None
    assert generations.tails([(eve, "answer")]) == {}
    assert generations.read(ada, "answer") is not None


def test_a_worker_hears_of_the_stops_of_its_own_answers_alone(database: Database[dict[str, Any]]) -> None:
    generations, user, conversation = GenerationRepository(database), str(ObjectId()), str(ObjectId())
    generations.write("this", [_write("own", user, first=True), _write("goes on", user, first=True)])
    generations.write("that", [_write("foreign", user, first=True)])
    for answer_id in ("own", "foreign", "not written yet"):
        generations.request_stop(user, conversation, answer_id)
    assert generations.stop_requests("this") == {"own"}
    generations.write("this", [_write("not written yet", user, first=True)])
    assert generations.stop_requests("this") == {"own", "not written yet"}
