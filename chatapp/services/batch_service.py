"""The same change to many conversations."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from chatapp.errors import ChatAppError, Invalid, ProjectNotFound, StoreUnavailable
from chatapp.models.chat_models import MOST_TAGS
from chatapp.models.order_models import BatchAction, BatchResult, NotDone
from chatapp.models.reasons import Reason
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.repositories.ids import stored_id
from chatapp.repositories.project_repository import ProjectRepository

MOST_AT_ONCE = 500
"""Conversations that one call changes: about a second's work."""

_IN_TRASH = {"trashedAt": {"$type": "date"}}
_NOT_IN_TRASH = {"trashedAt": None}


class BatchService:
    """Changes conversations one by one: what cannot be changed keeps none of the others from it."""

    def __init__(self, conversations: ConversationRepository, projects: ProjectRepository) -> None:
        self._conversations = conversations
        self._projects = projects

    def run(
        self,
        user_id: str,
        action: BatchAction,
        ids: Iterable[str] | None,
        *,
        tag: str = "",
        project_id: str | None = None,
        trashed: bool = False,
    ) -> BatchResult:
        """Changes the conversations ``ids``, or without them all of the user's that the change is for.

        Of all, at most ``MOST_AT_ONCE`` are changed, and ``more`` says that there are others: temporary ones never, and
        with ``trashed`` only those in the trash.

        Raises:
            ProjectNotFound, NotOwner: the user has no such project to move to.
            StoreUnavailable: the store went away; what was done is done, and the call can be repeated.
        """
        if action is BatchAction.MOVE and project_id is not None:
            self._projects.get(user_id, project_id)
        chosen = list(dict.fromkeys(ids)) if ids is not None else self._all(user_id, action, tag, project_id, trashed)
        change = self._change(action, tag, project_id)
        done, failed = [], []
        for id_ in chosen[:MOST_AT_ONCE]:
            try:
                change(user_id, id_)
            except StoreUnavailable:
                raise
            except ChatAppError as error:
                failed.append(NotDone(id_, Reason(error.reason)))
            else:
                done.append(id_)
        return BatchResult(tuple(done), tuple(failed), more=len(chosen) > MOST_AT_ONCE)

    def _change(self, action: BatchAction, tag: str, project_id: str | None) -> Callable[[str, str], object]:
        stored = self._conversations
        changes: dict[BatchAction, Callable[[str, str], object]] = {
            BatchAction.ARCHIVE: partial(stored.update, changes={"archived": True}),
            BatchAction.UNARCHIVE: partial(stored.update, changes={"archived": False}),
            BatchAction.TRASH: stored.trash,
            BatchAction.RESTORE: stored.restore,
            BatchAction.DELETE: stored.purge,
            BatchAction.TAG: partial(self._add_tag, tag=tag),
            BatchAction.UNTAG: partial(stored.remove_tag, tag=tag),
            BatchAction.MOVE: partial(stored.update, changes={"project_id": project_id}),
        }
        return changes[action]

    def _add_tag(self, user_id: str, conversation_id: str, tag: str) -> None:
        tags = self._conversations.get(user_id, conversation_id).tags
        if tag not in tags and len(tags) >= MOST_TAGS:
            raise Invalid
        self._conversations.add_tag(user_id, conversation_id, tag)

    def _all(self, user_id: str, action: BatchAction, tag: str, project_id: str | None, trashed: bool) -> list[str]:
        """Those that are not yet as ``action`` makes them, so that repeating the call comes to an end."""
        unchanged: dict[BatchAction, dict[str, Any]] = {
            BatchAction.ARCHIVE: {"archived": False},
            BatchAction.UNARCHIVE: {"archived": True},
            BatchAction.TAG: {"tags": {"$ne": tag}, f"tags.{MOST_TAGS - 1}": {"$exists": False}},
            BatchAction.UNTAG: {"tags": tag},
            BatchAction.MOVE: {"projectId": {"$ne": stored_id(project_id, ProjectNotFound) if project_id else None}},
        }
        places: list[dict[str, Any]] = [_IN_TRASH] if trashed or action is BatchAction.RESTORE else [_NOT_IN_TRASH]
        if action is BatchAction.DELETE and not trashed:
            places = [_NOT_IN_TRASH, _IN_TRASH]
        found: list[str] = []
        for place in places:
            wanted = {**place, **unchanged.get(action, {})}
            found += self._conversations.ids(user_id, wanted, limit=MOST_AT_ONCE + 1 - len(found))
            if len(found) > MOST_AT_ONCE:
                break
        return found
