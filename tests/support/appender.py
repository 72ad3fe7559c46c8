"""A process that appends to a conversation until it has said all, or a fail point kills it.

``python -m tests.support.appender URI DATABASE USER CONVERSATION COUNT``: prints the id of each message once it is
stored. Every tenth message gets feedback, which it reports with a ``+``.
"""

from __future__ import annotations

import sys
from typing import Any

from pymongo import MongoClient

from chatapp.models.chat_models import Feedback, NewMessage
from chatapp.repositories.conversation_repository import MessageRepository
from chatapp.repositories.message_marks import MessageMarks
from tests.support.history import new_id


def main(uri: str, database: str, user_id: str, conversation_id: str, count: str) -> None:
    with MongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        messages, marks = MessageRepository(client[database]), MessageMarks(client[database])
        for number in range(int(count)):
            id_ = messages.append(user_id, conversation_id, NewMessage(f"message {number}", new_id())).id
            say(id_)
            if number % 10 == 0:
                marks.annotate(user_id, conversation_id, id_, {"feedback": Feedback.UP})
                say(f"+{id_}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
