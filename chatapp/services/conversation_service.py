"""Everything that people do with their conversations, except chatting."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Unpack

from chatapp.errors import MessageNotFound, NotInConversation
from chatapp.generation.reserve import running_answer
from chatapp.generation.text import joined
from chatapp.models.chat_models import (
    Author,
    Condition,
    Conversation,
    Message,
    NewConversation,
    Page,
    Parent,
    Reasoning,
    Role,
    Star,
    Twig,
    Window,
)
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository
from chatapp.repositories.message_marks import MessageMarks
from chatapp.repositories.project_repository import ProjectRepository

CheckModel = Callable[[str], None]
"""Raises ``Invalid`` for a model that cannot be chosen."""

_LOOKS = 3


class ConversationService:
    """Every call names the user.

    A conversation of another user raises ``NotOwner``, one that does not exist ``ConversationNotFound``. Writing to one
    in the trash raises ``ConversationInTrash``.
    """

    def __init__(
        self,
        conversations: ConversationRepository,
        messages: MessageRepository,
        generations: GenerationRepository,
        marks: MessageMarks,
        projects: ProjectRepository,
        check_model: CheckModel = lambda _model: None,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._generations = generations
        self._marks = marks
        self._projects = projects
        self._check_model = check_model

    def create(self, user_id: str, **new: Unpack[NewConversation]) -> Conversation:
        """A new conversation, or the one that the user has already made with the same ``key``.

        Raises:
            UnknownModel: the model cannot be chosen.
            ProjectNotFound, NotOwner: the user has no such project.
            ConversationNotFound: the conversation made with ``key`` has been deleted for good.
        """
        key = new.get("key")
        if new.get("model") is not None or new.get("project_id") is not None:
            made = self._conversations.find_by_key(user_id, key) if key else None
            if made is not None:
                return made  # even if its model can no longer be chosen
            self._check_choices(new, user_id)
        return self._conversations.create(user_id, **new)

    def get(self, user_id: str, conversation_id: str) -> Conversation:
        """The conversation without its messages."""
        return self._conversations.get(user_id, conversation_id)

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
        """A page of the user's conversations, pinned first, then newest activity first.

        ``archived=None`` leaves out archived ones, except in the trash.

        Raises:
            InvalidCursor: the cursor is invalid.
            ProjectNotFound: ``project_id`` is not a valid id.
        """
        if archived is None and not trashed:
            archived = False
        return self._conversations.list(
            user_id, limit=limit, cursor=cursor, archived=archived, tag=tag, project_id=project_id, trashed=trashed
        )

    def update(
        self,
        user_id: str,
        conversation_id: str,
        changes: Mapping[str, Any],
        *,
        only_if: Condition[Conversation] | None = None,
    ) -> Conversation:
        """Changes the fields in ``changes``, named as in the model.

        ``active_message_id`` may be any message of a branch: after it the branch is as it was shown last.

        Raises:
            Invalid: the model cannot be chosen, or the message is not in the conversation.
            ProjectNotFound, NotOwner: the user has no such project.
            TurnInProgress: another branch cannot be shown while an answer is being written.
            PreconditionFailed: ``only_if`` does not hold.
        """
        self._check_choices(changes, user_id)
        if "read_message_id" in changes:
            self._check_message(user_id, conversation_id, "readMessageId", changes["read_message_id"])
        if "active_message_id" in changes:
            leaf, shown = self._choose(user_id, conversation_id, changes["active_message_id"])
            changes = {**changes, "active_message_id": leaf}
            return self._conversations.update(user_id, conversation_id, changes, only_if=only_if, shown=shown)
        return self._conversations.update(user_id, conversation_id, changes, only_if=only_if)

    def delete(self, user_id: str, conversation_id: str, *, permanent: bool) -> None:
        """Puts the conversation into the trash, or deletes it for good."""
        if permanent:
            self._conversations.purge(user_id, conversation_id)
        else:
            self._conversations.trash(user_id, conversation_id)

    def restore(self, user_id: str, conversation_id: str) -> Conversation:
        """Takes the conversation out of the trash, if it is there."""
        return self._conversations.restore(user_id, conversation_id)

    def fork(self, user_id: str, conversation_id: str, message_id: str, *, key: str | None = None) -> Conversation:
        """A new conversation with the branch down to a message. With the same ``key`` it is made once.

        Raises:
            KeyTaken: ``key`` was used for a fork of another message.
            Invalid: the message is not in the conversation.
            ConversationNotFound: the conversation made with ``key`` has been deleted for good.
            StorageFull: there is no room for it.
        """
        window = self._conversations.window(user_id, conversation_id)
        try:
            branch = list(self._messages.branch(window, from_message_id=message_id))
        except MessageNotFound:
            raise NotInConversation("messageId") from None
        return self._conversations.forks.make(window.conversation, branch[::-1], key)

    def messages(self, user_id: str, conversation_id: str, *, limit: int, cursor: str | None = None) -> Page[Message]:
        """A page of the active branch, the newest page first, inside a page oldest first.

        An answer being written is the last message of the newest page, with the text that is stored of it so far.

        Raises:
            InvalidCursor: the cursor is invalid.
        """
        if cursor is not None:
            return self._messages.page(user_id, conversation_id, limit=limit, cursor=cursor)
        window, answer = self._read(user_id, conversation_id)
        if answer is None:
            return self._messages.page(user_id, conversation_id, limit=limit, window=window)
        stored = self._messages.page(user_id, conversation_id, limit=limit - 1, window=window)
        return Page((*stored.items, answer), stored.next_cursor)

    def messages_around(self, user_id: str, conversation_id: str, message_id: str, *, limit: int) -> Page[Message]:
        """As ``MessageRepository.page_around``."""
        return self._messages.page_around(user_id, conversation_id, message_id, limit=limit)

    def tree(self, user_id: str, conversation_id: str, *, limit: int, cursor: str | None = None) -> Page[Twig]:
        """As ``MessageRepository.tree``."""
        return self._messages.tree(user_id, conversation_id, limit=limit, cursor=cursor)

    def message(self, user_id: str, conversation_id: str, message_id: str) -> Message:
        """One message; an answer being written with the text that is stored of it so far.

        Raises:
            MessageNotFound: it is not in the conversation.
        """
        window, answer = self._read(user_id, conversation_id)
        if answer is not None and answer.id == message_id:
            return answer
        return self._messages.find(user_id, conversation_id, message_id, window)[0]

    def save_message(
        self,
        user_id: str,
        conversation_id: str,
        *,
        content: str,
        id: str | None = None,  # noqa: A002 - the API's name
        parent_id: str | Parent | None = Parent.ACTIVE,
        author: Author = Author.USER,
        edit_of: str | None = None,
    ) -> Message:
        """Saves a message of a person without asking the model. Raises as ``MessageRepository.append``."""
        id_ = id or str(uuid.uuid4())
        return self._messages.append(
            user_id, conversation_id, id_, content, parent_id, role=Role(author), edit_of=edit_of
        )

    def mark(
        self,
        user_id: str,
        conversation_id: str,
        message_id: str,
        changes: Mapping[str, Any],
        *,
        only_if: Condition[Message] | None = None,
    ) -> Message:
        """Sets what ``changes`` names of a reader's ``feedback``, ``comment`` and ``starred``; ``None`` removes it.

        Raises:
            MessageNotFound: the message is not in the conversation.
            TurnInProgress: it is the answer being written.
            PreconditionFailed: ``only_if`` does not hold.
            Invalid: the conversation has as many stars as it can have.
        """
        key = (user_id, conversation_id, message_id)
        opinion = {name: value for name, value in changes.items() if name != "starred"}
        if "starred" in changes:
            message = self._marks.star(*key, changes["starred"], only_if=only_if)
            return self._marks.annotate(*key, opinion) if opinion else message
        return self._marks.annotate(*key, opinion, only_if=only_if) if opinion else self.message(*key)

    def stars(self, user_id: str, *, limit: int, cursor: str | None = None) -> Page[Star]:
        """As ``MessageMarks.stars``."""
        return self._marks.stars(user_id, limit=limit, cursor=cursor)

    def _read(self, user_id: str, conversation_id: str) -> tuple[Window, Message | None]:
        """The conversation and the answer being written in it. Read again where that has ended in between."""
        window = self._conversations.window(user_id, conversation_id)
        for _ in range(_LOOKS):
            if window.conversation.generation is None:
                break
            answer = self._running(window)
            if answer is not None:
                return window, answer
            window = self._conversations.window(user_id, conversation_id)
        return window, None

    def _running(self, window: Window) -> Message | None:
        """The answer being written; ``None`` where it has ended since the conversation was read."""
        answer = running_answer(window)
        written = self._generations.read(answer.user_id, answer.id)
        if written is None and self._has_ended(answer):
            return None
        siblings = self._messages.children(window, answer.parent_id)
        return replace(
            answer,
            content=joined(written.chunks) if written else "",
            reasoning=Reasoning(joined(written.reasoning)) if written and written.reasoning else None,
            sibling_ids=siblings if len(siblings) > 1 else (),
        )

    def _has_ended(self, answer: Message) -> bool:
        generation = self._conversations.get(answer.user_id, answer.conversation_id).generation
        return generation is None or generation.message_id != answer.id

    def _check_choices(self, changes: Mapping[str, Any], user_id: str) -> None:
        if changes.get("model") is not None:
            self._check_model(changes["model"])
        if changes.get("project_id") is not None:
            self._projects.get(user_id, changes["project_id"])

    def _check_message(self, user_id: str, conversation_id: str, field: str, message_id: str) -> None:
        try:
            self._messages.find(user_id, conversation_id, message_id)
        except MessageNotFound:
            raise NotInConversation(field) from None

    def _choose(self, user_id: str, conversation_id: str, message_id: str) -> tuple[str, dict[str, str]]:
        try:
            return self._messages.choose(user_id, conversation_id, message_id)
        except MessageNotFound:
            raise NotInConversation("activeMessageId") from None
