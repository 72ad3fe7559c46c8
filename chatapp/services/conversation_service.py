"""What people do with their conversations, except chatting. Their messages are in ``message_service``."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Unpack

from chatapp.errors import MessageNotFound, NotInConversation
from chatapp.models.chat_models import Condition, Conversation, NewConversation, Page
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.project_repository import ProjectRepository

CheckModel = Callable[[str], None]
"""Raises ``Invalid`` for a model that cannot be chosen."""


class ConversationService:
    """Every call names the user.

    A conversation of another user raises ``NotOwner``, one that does not exist ``ConversationNotFound``. Writing to one
    in the trash raises ``ConversationInTrash``.
    """

    def __init__(
        self,
        conversations: ConversationRepository,
        messages: MessageRepository,
        projects: ProjectRepository,
        check_model: CheckModel,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
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
        branch = partial(self._messages.branch, window, from_message_id=message_id)
        try:
            return self._conversations.forks.make(window.conversation, message_id, branch, key)
        except MessageNotFound:
            raise NotInConversation("messageId") from None

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
