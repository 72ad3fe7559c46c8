"""The small documents of running answers, written by several workers at the same moment."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.repositories.generation_repository import GenerationRepository


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
