"""A worker of a version before, by what it writes: each write is spelled out here as that version made it."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.repositories.limits import CONVERSATION_OVERHEAD, MESSAGE_OVERHEAD, WINDOW_MESSAGES
from chatapp.repositories.message_overflow import MessageOverflow
from tests.support.history import new_id

REMEMBERS_SHOWN, COUNTS_BYTES, KNOWS_PROJECTS = 2, 3, 4
"""The first versions of the schema whose workers did so."""


class OldWorker:
    """Writes for one user into a database of schema ``version``, and remembers what must come of it."""

    def __init__(self, database: Database[dict[str, Any]], version: int) -> None:
        self._database = database
        self._version = version
        self.user_id = ObjectId()
        self.active: dict[ObjectId, str] = {}
        self.parents: dict[ObjectId, dict[str, str | None]] = {}
        self.stored_bytes = 0
        database["meta"].insert_one({"_id": "schema", "version": version})
        database["message_pages"].create_index(
            [("userId", 1), ("conversationId", 1), ("firstPosition", 1)], name="position", unique=True
        )
        user: dict[str, Any] = {"email": "ada@example.org", "name": "Ada", "passwordHash": "x", "settings": {}}
        database["users"].insert_one({"_id": self.user_id, "createdAt": utc_now(), **user})

    def begin(self) -> ObjectId:
        """A new conversation. Returns its id."""
        id_, now = ObjectId(), utc_now()
        document: dict[str, Any] = {"_id": id_, "userId": self.user_id, "title": "Old", "createdAt": now}
        document |= dict.fromkeys(("model", "systemPrompt", "temperature", "maxTokens", "trashedAt", "generation"))
        document |= dict.fromkeys(("pinned", "archived", "temporary"), False)
        document |= dict.fromkeys(("messageCount", "pagedCount", "windowBytes", "edits"), 0)
        document |= {"tags": [], "branches": {}, "messages": [], "activeMessageId": None, "updatedAt": now}
        if self._version >= REMEMBERS_SHOWN:
            document["shown"] = {}
        if self._version >= KNOWS_PROJECTS:
            document |= {"projectId": None, "topP": None, "readMessageId": None, "unread": []}
        self._database["conversations"].insert_one(document)
        self.parents[id_] = {}
        self._count(CONVERSATION_OVERHEAD)
        return id_

    def say(self, conversation: ObjectId, content: str, parent: str | None = None) -> str:
        """Appends a message after ``parent``, or after the one that is shown last. Returns its id."""
        parents, message_id = self.parents[conversation], new_id()
        parent = parent or self.active.get(conversation)
        message: dict[str, Any] = {"id": message_id, "parentId": parent, "role": "user", "content": content}
        message |= {"status": "complete", "createdAt": utc_now()}
        fields: dict[str, Any] = {"activeMessageId": message_id, "lastChange": self._event("message.created")}
        siblings = [id_ for id_, other in parents.items() if other == parent]
        if siblings:
            fields[f"branches.{parent}"] = [*siblings, message_id]
            if self._version >= REMEMBERS_SHOWN:
                fields[f"shown.{parent}"] = message_id
        update = {"$push": {"messages": message}, "$set": fields, "$max": {"updatedAt": utc_now()}}
        update["$inc"] = {"messageCount": 1, "windowBytes": len(content.encode())}
        if self._window(conversation) >= WINDOW_MESSAGES:
            MessageOverflow(self._database).shorten(str(self.user_id), str(conversation))
        assert self._database["conversations"].update_one(self._own(conversation), update).matched_count == 1
        self._count(len(content.encode()) + MESSAGE_OVERHEAD)
        parents[message_id], self.active[conversation] = parent, message_id
        return message_id

    def show(self, conversation: ObjectId, leaf: str) -> None:
        """Chooses another branch by its end."""
        fields: dict[str, Any] = {"activeMessageId": leaf, "lastChange": self._event("conversation.updated")}
        if self._version >= REMEMBERS_SHOWN:
            stored = self._database["conversations"].find_one(self._own(conversation), {"branches": 1}) or {}
            branch = [(self.parents[conversation][id_], id_) for id_ in self.branch(conversation, leaf)]
            fields |= {f"shown.{parent}": id_ for parent, id_ in branch if parent in stored["branches"]}
        self._database["conversations"].update_one(self._own(conversation), {"$set": fields})
        self.active[conversation] = leaf

    def branch(self, conversation: ObjectId, leaf: str) -> list[str]:
        """The ids that lead to a message, oldest first."""
        ids: list[str] = []
        at: str | None = leaf
        while at is not None:
            ids.insert(0, at)
            at = self.parents[conversation][at]
        return ids

    def _own(self, conversation: ObjectId) -> dict[str, Any]:
        return {"_id": conversation, "userId": self.user_id}

    def _window(self, conversation: ObjectId) -> int:
        stored = self._database["conversations"].find_one(self._own(conversation), {"messages.id": 1}) or {}
        return len(stored["messages"])

    def _event(self, kind: str) -> dict[str, Any]:
        return {"id": ObjectId(), "userId": str(self.user_id), "events": [{"type": kind, "fields": []}]}

    def _count(self, size: int) -> None:
        self.stored_bytes += size
        if self._version >= COUNTS_BYTES:
            self._database["users"].update_one({"_id": self.user_id}, {"$inc": {"storedBytes": size}})
