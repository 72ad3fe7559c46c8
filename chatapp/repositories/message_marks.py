"""What readers leave on messages: feedback with a comment, which is stored with the message, and stars.

Stars are stored in the conversation's document, by message: setting one is a single update wherever the message lies,
and listing them reads no messages.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import ConversationInTrash, Invalid, PreconditionFailed, StoreUnavailable, TurnInProgress
from chatapp.failpoints import reach
from chatapp.models.chat_models import Condition, Message, Page, Role, Star, Window
from chatapp.models.reasons import FaultReason
from chatapp.repositories.appending import pause_before
from chatapp.repositories.changes import last_change, message_updated
from chatapp.repositories.conversation_reader import ConversationReader
from chatapp.repositories.cursors import StarCursor, scope
from chatapp.repositories.documents import Document
from chatapp.repositories.limits import MAX_STARS
from chatapp.repositories.message_log import BY_MESSAGE, MessageLog

_ATTEMPTS = 100
_EXCERPT_CHARS = 200


class MessageMarks:
    """Sets and lists what readers leave on messages."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._pages = database["message_pages"]
        self._reader = ConversationReader(database)
        self._log = MessageLog(database)

    def annotate(
        self,
        user_id: str,
        conversation_id: str,
        message_id: str,
        changes: Mapping[str, Any],
        *,
        only_if: Condition[Message] | None = None,
    ) -> Message:
        """Sets ``feedback``, ``comment`` and ``starred``, those that ``changes`` names; ``None`` removes one.

        With ``only_if`` nothing of them changes between its answer and the update. Returns the message.

        Raises:
            PreconditionFailed: ``only_if`` said no.
            ConversationNotFound, NotOwner, ConversationInTrash: the conversation cannot be written to.
            TurnInProgress: the message is the answer being written.
            MessageNotFound: the message is not in it.
            Invalid: the conversation has as many stars as it can have.
        """
        opinion = {name: value for name, value in changes.items() if name != "starred"}
        if "starred" in changes:
            message = self.star(user_id, conversation_id, message_id, changes["starred"], only_if=only_if)
            return self._judge(user_id, conversation_id, message_id, opinion, None) if opinion else message
        if not opinion:
            return self._open(user_id, conversation_id, message_id, only_if)[1]
        return self._judge(user_id, conversation_id, message_id, opinion, only_if)

    def star(
        self,
        user_id: str,
        conversation_id: str,
        message_id: str,
        starred: bool,
        *,
        only_if: Condition[Message] | None = None,
    ) -> Message:
        """Stars the message, or takes the star away. Returns the message. Raises as ``annotate``.

        Raises:
            Invalid: the conversation has as many stars as it can have.
        """
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            window, seen, _ = self._open(user_id, conversation_id, message_id, only_if)
            if seen.starred is starred:
                return seen
            if starred and len(window.stars) >= MAX_STARS:
                sentence = f"This conversation has {MAX_STARS} stars already."
                raise Invalid.field("starred", FaultReason.TOO_MANY, sentence, limit=MAX_STARS)
            update: Document = _star_update(seen) if starred else {"$unset": {f"stars.{message_id}": ""}}
            update.setdefault("$set", {})["lastChange"] = last_change(user_id, message_updated(message_id, "starred"))
            condition = {"trashedAt": None, f"stars.{message_id}": {"$exists": not starred}}
            owned = {**self._reader.owned(user_id, conversation_id), **condition}
            if self._conversations.update_one(owned, update).matched_count:
                return replace(seen, starred=starred)
        raise StoreUnavailable(retry_after=1)

    def stars(self, user_id: str, *, limit: int, cursor: str | None = None) -> Page[Star]:
        """A page of the user's starred messages, those starred last first. None of a conversation in the trash.

        Raises:
            InvalidCursor: the cursor is invalid.
        """
        this_list = scope("stars", user=user_id)
        before: Document = {}
        if cursor is not None:
            place = StarCursor.decode(cursor, this_list)
            same = {"star.v.at": place.starred_at, "star.k": {"$lt": place.message_id}}
            before = {"$or": [{"star.v.at": {"$lt": place.starred_at}}, same]}
        owned = {"userId": ObjectId(user_id), "starredAt": {"$type": "date"}, "trashedAt": None}
        steps: list[Document] = [
            {"$match": owned},
            {"$project": {"title": 1, "star": {"$objectToArray": "$stars"}}},
            {"$unwind": "$star"},
            {"$match": before},
            {"$sort": {"star.v.at": DESCENDING, "star.k": DESCENDING}},
            {"$limit": limit + 1},
        ]
        found = [_star(document) for document in self._conversations.aggregate(steps)]
        items = tuple(found[:limit])
        more = len(found) > limit
        return Page(items, StarCursor(items[-1].starred_at, items[-1].message_id).encode(this_list) if more else None)

    def _judge(
        self, user_id: str, conversation_id: str, message_id: str, opinion: Document, only_if: Condition[Message] | None
    ) -> Message:
        owned = self._reader.owned(user_id, conversation_id)
        reach("feedback.begun")
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            wanted: Document = {"id": message_id}
            if only_if is not None:
                _, seen, _ = self._open(user_id, conversation_id, message_id, only_if)
                wanted |= {"feedback": seen.feedback and seen.feedback.value, "comment": seen.comment}
            if self._set_in_window(owned, wanted, opinion):
                break
            window, _, position = self._open(user_id, conversation_id, message_id)
            if position < window.paged_count and self._set_in_page(owned, wanted, opinion):
                break
            # It is in the window by now (the answer has just ended), or someone else was faster.
        else:
            raise StoreUnavailable(retry_after=1)
        return self._log.find(self._reader.window(user_id, conversation_id), message_id)[0]

    def _open(
        self, user_id: str, conversation_id: str, message_id: str, only_if: Condition[Message] | None = None
    ) -> tuple[Window, Message, int]:
        """The conversation, the message, and its position. Raises as ``annotate``."""
        window = self._reader.window(user_id, conversation_id)
        if window.conversation.trashed_at is not None:
            raise ConversationInTrash
        running = window.conversation.generation
        if running is not None and running.message_id == message_id:
            raise TurnInProgress(message_id)
        message, position = self._log.find(window, message_id)
        if only_if is not None and not only_if(message):
            raise PreconditionFailed
        return window, message, position

    def _set_in_window(self, owned: Document, wanted: Document, changes: Mapping[str, Any]) -> bool:
        """Increments ``edits``, so that a concurrent move of this message into a page starts over.

        ``wanted`` is what the message has to match, its id included.
        """
        change = last_change(str(owned["userId"]), message_updated(wanted["id"], *changes))
        update = _update(changes)
        update["$inc"] = {"edits": 1}
        update.setdefault("$set", {})["lastChange"] = change
        query = {**owned, "trashedAt": None, "messages": {"$elemMatch": wanted}}
        return self._conversations.update_one(query, update).matched_count == 1

    def _set_in_page(self, owned: Document, wanted: Document, changes: Mapping[str, Any]) -> bool:
        """For a message that is not in the window: messages never move back from a page into the window."""
        messages = {"$elemMatch": wanted}
        query = {"userId": owned["userId"], "conversationId": owned["_id"], "messages": messages}
        if not self._pages.update_one(query, _update(changes), hint=BY_MESSAGE).matched_count:
            return False
        change = last_change(str(owned["userId"]), message_updated(wanted["id"], *changes))
        self._conversations.update_one(owned, {"$set": {"lastChange": change}})
        return True


def _update(changes: Mapping[str, Any]) -> Document:
    kept = {f"messages.$.{name}": value for name, value in changes.items() if value is not None}
    removed = {f"messages.$.{name}": "" for name, value in changes.items() if value is None}
    return {operator: fields for operator, fields in (("$set", kept), ("$unset", removed)) if fields}


def _star_update(message: Message) -> Document:
    now = utc_now()
    excerpt = message.content[:_EXCERPT_CHARS]
    star = {"at": now, "role": message.role.value, "createdAt": message.created_at, "excerpt": excerpt}
    return {"$set": {f"stars.{message.id}": star}, "$max": {"starredAt": now}}


def _star(document: Document) -> Star:
    star = document["star"]["v"]
    return Star(
        message_id=document["star"]["k"],
        conversation_id=str(document["_id"]),
        title=document["title"],
        role=Role(star["role"]),
        excerpt=star["excerpt"],
        created_at=star["createdAt"],
        starred_at=star["at"],
    )
