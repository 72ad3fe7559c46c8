"""Conversations in MongoDB. Every query includes the owner."""

import builtins
from collections.abc import Mapping
from typing import Any, Unpack

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.clock import utc_now
from chatapp.errors import (
    ConversationInTrash,
    ConversationNotFound,
    PreconditionFailed,
    ProjectNotFound,
    StorageFull,
    StoreUnavailable,
)
from chatapp.models.chat_models import Condition, Conversation, NewConversation, Page, Window
from chatapp.repositories.appending import TO_INDEX, pause_before
from chatapp.repositories.changes import conversation_created, conversation_updated, last_change
from chatapp.repositories.conversation_list import list_conversations
from chatapp.repositories.conversation_reader import ConversationReader
from chatapp.repositories.documents import HEADER, Document, conversation_document, conversation_from
from chatapp.repositories.forking import Forks
from chatapp.repositories.ids import id_for_key, stored_id
from chatapp.repositories.message_repository import MessageRepository
from chatapp.repositories.purging import Purging
from chatapp.repositories.storage import Storage
from chatapp.repositories.turns import Turns

__all__ = ["ConversationRepository", "MessageRepository"]

_STORED_NAMES = {
    "title": "title",
    "pinned": "pinned",
    "archived": "archived",
    "tags": "tags",
    "model": "model",
    "system_prompt": "systemPrompt",
    "temperature": "temperature",
    "top_p": "topP",
    "max_tokens": "maxTokens",
    "temporary": "temporary",
    "project_id": "projectId",
    "active_message_id": "activeMessageId",
    "read_message_id": "readMessageId",
}
_ATTEMPTS = 10

NO_PROJECT = "none"
"""Stands for a project's id where conversations are meant that are in none."""


class ConversationRepository:
    """The collection ``conversations``: one document per conversation, with the newest messages inside.

    ``turns`` begins and ends the answers in them, ``forks`` copies branches into new ones, ``storage`` counts bytes.
    """

    def __init__(self, database: Database[Document], quota: int | None = None) -> None:
        """``quota`` is how many bytes may be stored for each user; ``None`` for any number."""
        self._conversations = database["conversations"]
        self._reader = ConversationReader(database)
        self.storage = Storage(database, quota)
        self.turns = Turns(database, self.storage)
        self.forks = Forks(database, self.storage)
        self._purging = Purging(database, self.storage)

    def create(self, user_id: str, **new: Unpack[NewConversation]) -> Conversation:
        """A new conversation without messages. Where one was created with the same ``key``, that one as it is by now.

        Raises:
            ConversationNotFound: the conversation created with ``key`` has been deleted for good.
            StorageFull: there is no room for a new one.
        """
        key = new.get("key")
        try:
            self.storage.check(user_id)
        except StorageFull:
            made = self.find_by_key(user_id, key) if key else None
            if made is None:
                raise
            return made
        now = utc_now()
        conversation = Conversation(
            id=str(id_for_key(user_id, key) if key else ObjectId()),
            user_id=user_id,
            created_at=now,
            updated_at=now,
            title=new.get("title", ""),
            model=new.get("model"),
            system_prompt=new.get("system_prompt"),
            tags=new.get("tags", ()),
            temporary=new.get("temporary", False),
            project_id=new.get("project_id"),
        )
        document = conversation_document(conversation)
        document["lastChange"] = last_change(user_id, conversation_created())
        if key:
            return self._create_once(conversation, document)
        self._conversations.insert_one(document)
        self.storage.count_conversation(user_id, conversation.system_prompt)
        return conversation

    def find_by_key(self, user_id: str, key: str) -> Conversation | None:
        """The conversation that ``create`` made with this ``key``; ``None`` if there is none or it has been deleted."""
        try:
            return self.get(user_id, str(id_for_key(user_id, key)))
        except ConversationNotFound:
            return None

    def get(self, user_id: str, conversation_id: str) -> Conversation:
        """The conversation without its messages.

        Raises:
            ConversationNotFound: it does not exist, or has been deleted for good.
            NotOwner: it belongs to another user.
        """
        return self._reader.header(user_id, conversation_id)

    def window(self, user_id: str, conversation_id: str) -> Window:
        """The conversation with its newest messages, in one read. Raises as ``get``."""
        return self._reader.window(user_id, conversation_id)

    def list(
        self,
        user_id: str,
        *,
        limit: int,
        cursor: str | None = None,
        archived: bool | None = None,
        tag: str | None = None,
        project_id: str | None = None,
        trashed: bool = False,
    ) -> Page[Conversation]:
        """A page of the user's conversations without temporary ones. ``archived=None`` includes archived ones.

        ``project_id`` chooses those of one project, or with ``NO_PROJECT`` those of none.

        Raises:
            InvalidCursor: the cursor is invalid.
        """
        # These conditions repeat the filters of the partial indexes: see chatapp.database.indexes.
        filters: Document = {"userId": ObjectId(user_id), "temporary": False}
        filters["trashedAt"] = {"$type": "date"} if trashed else None
        if archived is not None:
            filters["archived"] = archived
        if tag is not None:
            filters.update({"tags": tag, "tags.0": {"$exists": True}})
        if project_id is not None:
            filters["projectId"] = stored_id(project_id, ProjectNotFound) if project_id != NO_PROJECT else None
        return list_conversations(self._conversations, filters, limit, cursor)

    def update(
        self,
        user_id: str,
        conversation_id: str,
        changes: Mapping[str, Any],
        *,
        only_if: Condition[Conversation] | None = None,
        shown: Mapping[str, str] | None = None,
    ) -> Conversation:
        """Sets the fields in ``changes``, named as in ``Conversation``. None of them counts as activity.

        ``shown`` names the child to be shown from now on for messages with several, as ``MessageRepository.choose``.

        With ``only_if`` nothing that is shown of the conversation changes between its answer and the update.

        Raises:
            PreconditionFailed: ``only_if`` said no.
            ConversationNotFound, NotOwner: as ``get``.
            ConversationInTrash: it can be read but not changed.
            TurnInProgress: the active message cannot be changed while an answer is being written.
            StorageFull: there is no room for a system prompt.
        """
        system_prompt = changes.get("system_prompt")
        if system_prompt:
            self.storage.check(user_id)
        stored = {_STORED_NAMES[name]: value for name, value in changes.items()}
        if not stored:
            return self._writable(user_id, conversation_id, only_if)
        condition: Document = {"trashedAt": None}
        if "activeMessageId" in stored:
            condition["generation"] = None
        if stored.get("projectId"):
            stored["projectId"] = ObjectId(stored["projectId"])
        stored |= _told(user_id, *stored)
        stored.update({f"shown.{parent}": child for parent, child in (shown or {}).items()})
        update: Document = {"$set": stored}
        if "title" in changes:
            update["$unset"] = TO_INDEX
        if "readMessageId" in stored:
            update["$pull"] = {"unread": stored["readMessageId"]}
            stored["usedAt"] = utc_now()
        changed = self._set(user_id, conversation_id, condition, update, only_if)
        if system_prompt:
            self.storage.count_system_prompt(user_id, system_prompt)
        return changed

    def retitle(self, user_id: str, conversation_id: str, old: str, new: str) -> bool:
        """Sets the title where it is still ``old``. False if it is not, or the conversation is in the trash or gone."""
        stored = {"title": new, **_told(user_id, "title")}
        owned = {**self._reader.owned(user_id, conversation_id), "trashedAt": None, "title": old}
        return self._conversations.update_one(owned, {"$set": stored, "$unset": TO_INDEX}).matched_count == 1

    def trash(self, user_id: str, conversation_id: str) -> Conversation:
        """Moves it to the trash, with everything in it; one that is already there stays as it is. Raises as ``get``."""
        changed = {"trashedAt": utc_now(), **_told(user_id, "trashedAt")}
        try:
            return self._set(user_id, conversation_id, {"trashedAt": None}, {"$set": changed})
        except ConversationInTrash:
            return self.get(user_id, conversation_id)

    def restore(self, user_id: str, conversation_id: str) -> Conversation:
        """Takes it out of the trash; one that is not in the trash stays as it is. Raises as ``get``."""
        changed = {"trashedAt": None, "usedAt": utc_now(), **_told(user_id, "trashedAt")}
        owned = {**self._reader.owned(user_id, conversation_id), "trashedAt": {"$type": "date"}}
        self._conversations.update_one(owned, {"$set": changed})
        return self.get(user_id, conversation_id)

    def purge(self, user_id: str, conversation_id: str) -> None:
        """Deletes it for good, with its messages, running answer and chat sessions. Raises as ``get``."""
        if not self._purging.purge(self._reader.owned(user_id, conversation_id)):
            self._reader.explain(user_id, conversation_id, {})
            raise ConversationNotFound

    def add_tag(self, user_id: str, conversation_id: str, tag: str) -> Conversation:
        """Adds a tag that it may have already. Raises as ``update``."""
        update = {"$addToSet": {"tags": tag}, "$set": _told(user_id, "tags")}
        return self._set(user_id, conversation_id, {"trashedAt": None}, update)

    def remove_tag(self, user_id: str, conversation_id: str, tag: str) -> Conversation:
        """Takes a tag off, if it is there. Raises as ``update``."""
        update = {"$pull": {"tags": tag}, "$set": _told(user_id, "tags")}
        return self._set(user_id, conversation_id, {"trashedAt": None}, update)

    def ids(self, user_id: str, condition: Mapping[str, Any], *, limit: int) -> builtins.list[str]:
        """Which of the user's conversations match ``condition``, without temporary ones."""
        query = {"userId": ObjectId(user_id), "temporary": False, **condition}
        return [str(one["_id"]) for one in self._conversations.find(query, {"_id": 1}).limit(limit)]

    def counts_by_project(self, user_id: str) -> dict[str, int]:
        """How many conversations each project lists, by its id. Reads nothing but the index."""
        match = {"userId": ObjectId(user_id), "projectId": {"$gt": ObjectId("0" * 24)}}
        listed = {"$cond": [{"$gt": ["$trashedAt", None]}, 0, 1]}  # in the query, null would need the documents
        pipeline: builtins.list[Document] = [
            {"$match": {**match, "archived": False, "temporary": False}},
            {"$group": {"_id": "$projectId", "count": {"$sum": listed}}},
        ]
        found = self._conversations.aggregate(pipeline, hint="in_project")
        return {str(one["_id"]): one["count"] for one in found}

    def leave_project(self, user_id: str, project_id: str) -> None:
        """Takes all of the user's conversations out of a project, wherever they are listed."""
        left = {"projectId": None, **_told(user_id, "projectId")}
        inside = {"userId": ObjectId(user_id), "projectId": ObjectId(project_id)}
        self._conversations.update_many(inside, {"$set": left})

    def housekeeping(self) -> int:
        """Deletes unused temporary conversations and old tombstones. Returns how many conversations it handled."""
        return self._purging.housekeeping()

    def _create_once(self, new: Conversation, document: Document) -> Conversation:
        """Inserts it unless it exists. An upsert that finds it waits for the majority like the one that inserted it."""
        owned = self._reader.owned(new.user_id, new.id)
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            try:
                written = self._conversations.update_one(owned, {"$setOnInsert": document}, upsert=True)
            except DuplicateKeyError:  # just inserted by another call, or deleted for good
                self._reader.explain(new.user_id, new.id, {})
            else:
                if written.matched_count:
                    return self.get(new.user_id, new.id)
                self.storage.count_conversation(new.user_id, new.system_prompt)
                return new
        raise StoreUnavailable(retry_after=1)

    def _writable(self, user_id: str, conversation_id: str, only_if: Condition[Conversation] | None) -> Conversation:
        conversation = self.get(user_id, conversation_id)
        if conversation.trashed_at is not None:
            raise ConversationInTrash
        if only_if is not None and not only_if(conversation):
            raise PreconditionFailed
        return conversation

    def _set(
        self,
        user_id: str,
        conversation_id: str,
        condition: Document,
        update: Document,
        only_if: Condition[Conversation] | None = None,
    ) -> Conversation:
        owned = self._reader.owned(user_id, conversation_id)
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            seen = {} if only_if is None else self._seen(user_id, conversation_id, condition, only_if)
            document = self._conversations.find_one_and_update(
                {**seen, **owned, **condition}, update, projection=HEADER, return_document=ReturnDocument.AFTER
            )
            if document is not None:
                return conversation_from(document)
            self._reader.explain(user_id, conversation_id, condition)
        raise StoreUnavailable(retry_after=1)

    def _seen(
        self, user_id: str, conversation_id: str, condition: Document, only_if: Condition[Conversation]
    ) -> Document:
        """Matches the conversation only while all that is shown of it is as ``only_if`` has seen it."""
        document = self._reader.header_document(user_id, conversation_id)
        if not only_if(conversation_from(document)):
            self._reader.explain(user_id, conversation_id, condition)  # what would refuse it anyway comes first
            raise PreconditionFailed
        return {name: document.get(name) for name in HEADER}


def _told(user_id: str, *fields: str) -> Document:
    return {"lastChange": last_change(user_id, conversation_updated(fields))}
