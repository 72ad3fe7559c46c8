"""Reads a conversation's log: the window that was read with the conversation, and the pages before it.

Apart from feedback, pages below a window's ``paged_count`` never change, so a window and the pages read after it always
fit together, whatever is appended or moved in the meantime.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from chatapp.errors import ConversationNotFound, MessageNotFound
from chatapp.models.chat_models import Message, MessageStatus, Role, Twig, Window
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import ROOT, Document
from chatapp.repositories.log_blocks import Block, Positioned, gap_marker, page_block, pages_of, window_block
from chatapp.repositories.shown_children import shown_child, way_to

# Queries name their index: with few pages MongoDB may choose to scan them all, and keep that plan when there are many.
BY_MESSAGE = "message"
_BY_PARENT = "parent"

EXCERPT_CHARS = 80

_TWIGS: Document = {
    "firstPosition": 1,
    "messages": {
        "$map": {
            "input": "$messages",
            "in": {
                **{name: f"$$this.{name}" for name in ("id", "parentId", "role", "status", "model", "createdAt")},
                "excerpt": {"$substrCP": ["$$this.content", 0, EXCERPT_CHARS]},
            },
        }
    },
}

log = logging.getLogger(__name__)


class MessageLog:
    """Finds messages by id and along the tree."""

    def __init__(self, database: Database[Document]) -> None:
        self._pages: Collection[Document] = database["message_pages"]
        self._conversations: Collection[Document] = database["conversations"]

    def find(self, window: Window, message_id: str) -> Positioned:
        """The message with this id.

        Raises:
            MessageNotFound: it is not in this conversation.
        """
        place = self._place(window, message_id)
        if place is None:
            raise MessageNotFound
        return _at(*place)

    def branch(self, window: Window, message_id: str | None, before: int | None = None) -> Iterator[Positioned]:
        """The message ``message_id``, its parent, its parent's parent and so on, newest first.

        A parent precedes its children in the log. Where the walk leaves the window or a page, it looks up the page with
        the next parent, however far back that is, and only when that parent is asked for. If a parent is missing, or
        does not precede its child, data is damaged: a message that marks the gap stands in its place, and the walk goes
        on with the next older message of the log, which is most likely of the same branch.

        ``before`` is a position that the message must be below.

        Raises:
            MessageNotFound: the message is not in this conversation, or not below ``before``.
            ConversationNotFound: it was deleted for good while it was being read.
        """
        wanted = message_id
        end = window.paged_count + len(window.messages) if before is None else before
        while wanted is not None:
            block = self._block_with(window, wanted)
            if block is None or block.position(wanted) >= end:
                if not self._is_known(window, wanted, end):
                    raise MessageNotFound
                self._report_gap(window, wanted, end)
                marker_id = wanted if block is None else f"missing-{end}"  # an id must not stand for two messages
                block = self._block_below(window, end)
                marker, end = gap_marker(window, marker_id, block, end)
                yield marker, end
                wanted = marker.parent_id
            for index in block.indexes_below(end):
                if block.ids[index] == wanted:
                    message, end = _at(block, index)
                    yield message, end
                    wanted = message.parent_id

    def children(self, window: Window, parent_id: str | None) -> tuple[str, ...]:
        """The ids of a message's children in the log's order; for ``None``, of the messages without a parent."""
        listed = window.branches.get(parent_id or ROOT)
        if listed is not None:
            return listed
        if not window.conversation.message_count or (window.messages and window.messages[-1].id == parent_id):
            return ()
        if window.paged_count and not any(message.id == parent_id for message in window.messages):
            paged = self._paged_child(window, parent_id)
            if paged is not None:
                return (paged,)
        return next(((message.id,) for message in window.messages if message.parent_id == parent_id), ())

    def newer(self, window: Window, message_id: str) -> Iterator[Positioned]:
        """What follows the message on its branch, oldest first. Where the branch parts, it follows what was shown last.

        Raises:
            MessageNotFound: the message is not in this conversation.
        """
        place = self._place(window, message_id)
        if place is None:
            raise MessageNotFound
        while place := self._shown_child(window, *place):
            yield _at(*place)

    def _shown_child(self, window: Window, block: Block, index: int) -> tuple[Block, int] | None:
        parent_id = block.ids[index]
        child = shown_child(window, parent_id)
        if child is None:
            for later in range(index + 1, len(block.ids)):
                if block.message_at(later).parent_id == parent_id:
                    return block, later
            child = next(iter(self.children(window, parent_id)), None)
        return self._place(window, child) if child is not None else None

    def choose(self, window: Window, message_id: str) -> tuple[str, dict[str, str]]:
        """The end of the branch that is shown when the message is chosen, and what has to be shown on the way there.

        Raises:
            MessageNotFound: it is not in this conversation.
        """
        parents = dict(self._links(window))
        if message_id not in parents:
            raise MessageNotFound
        # What is left is remembered as well: the message that made it the active one may not have known all of its way.
        left = way_to(window, parents, window.conversation.active_message_id)
        chosen = {**left, **way_to(window, parents, message_id)}
        leaf, as_shown = message_id, replace(window, shown={**window.shown, **chosen})
        for id_, parent_id in parents.items():
            if parent_id == leaf and shown_child(as_shown, leaf) in (None, id_):
                leaf = id_
        return leaf, chosen

    def twigs(self, window: Window, first: int, count: int) -> list[Twig]:
        """The places of the messages at ``count`` positions from ``first`` on, in the log's order: fewer at a gap."""
        found: list[Document] = []
        end, paged = first + count, window.paged_count
        if first < paged:
            query = {**_pages_of(window), "firstPosition": {"$lt": min(end, paged)}}
            start = self._pages.find_one(
                {**query, "firstPosition": {"$lte": first}}, {"firstPosition": 1}, sort=[("firstPosition", DESCENDING)]
            )
            query["firstPosition"]["$gte"] = start["firstPosition"] if start else first
            steps: list[Document] = [{"$match": query}, {"$sort": {"firstPosition": ASCENDING}}, {"$project": _TWIGS}]
            for page in self._pages.aggregate(steps, hint="position"):
                at = page["firstPosition"]
                found += page["messages"][max(0, first - at) : end - at]
        rest = window.messages[max(0, first - paged) : max(0, end - paged)]
        return [*map(_twig, found), *map(_twig_of, rest)]

    def _links(self, window: Window) -> Iterator[tuple[str, str | None]]:
        """Id and parent of all messages in the log's order, read without their contents."""
        if window.paged_count:
            fields = {"messages.id": 1, "messages.parentId": 1}
            for page in self._pages.find(_pages_of(window), fields).sort("firstPosition", ASCENDING):
                yield from ((entry["id"], entry["parentId"]) for entry in page["messages"])
        yield from ((message.id, message.parent_id) for message in window.messages)

    def _place(self, window: Window, message_id: str) -> tuple[Block, int] | None:
        """The block that contains the message, and its index there."""
        block = self._block_with(window, message_id)
        return None if block is None else (block, block.ids.index(message_id))

    def _block_with(self, window: Window, message_id: str) -> Block | None:
        """The window, or else the page, that contains the message; ``None`` if it is not in this conversation."""
        block = window_block(window)
        if message_id in block.ids:
            return block
        if not window.paged_count:
            return None
        page = self._pages.find_one({**_pages_of(window), "messages.id": message_id}, hint=BY_MESSAGE)
        return None if page is None else page_block(window, page)

    def _paged_child(self, window: Window, parent_id: str | None) -> str | None:
        """The only child of a message, if it is in a page. If there were several, ``branches`` would list them."""
        query = {**_pages_of(window), "messages.parentId": parent_id}
        page = self._pages.find_one(query, {"messages.id": 1, "messages.parentId": 1}, hint=_BY_PARENT)
        if page is None:
            return None
        return next(str(entry["id"]) for entry in page["messages"] if entry["parentId"] == parent_id)

    def _block_below(self, window: Window, end: int) -> Block:
        """The window, or else the page, with the highest position below ``end``; an empty one if there is none."""
        if window.messages and window.paged_count < end:
            return window_block(window)
        query = {**_pages_of(window), "firstPosition": {"$lt": end}}
        page = self._pages.find_one(query, sort=[("firstPosition", DESCENDING)])
        return Block(0, (), window.messages.__getitem__) if page is None else page_block(window, page)

    def _is_known(self, window: Window, message_id: str, end: int) -> bool:
        """Whether the conversation refers to the message, as the active one or as the parent of the one at ``end``."""
        if message_id == window.conversation.active_message_id:
            return True
        block = self._block_below(window, end + 1)
        index = end - block.first
        return index < len(block.ids) and block.message_at(index).parent_id == message_id

    def _report_gap(self, window: Window, message_id: str, end: int) -> None:
        """Logs that the message is missing.

        Raises:
            ConversationNotFound: everything is missing, because the conversation was just deleted for good.
        """
        conversation = window.conversation
        owned = {"_id": ObjectId(conversation.id), "userId": ObjectId(conversation.user_id), **NOT_PURGED}
        if self._conversations.find_one(owned, {"_id": 1}) is None:
            raise ConversationNotFound
        log.error("conversation %s: message %s is missing before position %d", conversation.id, message_id, end)


def _at(block: Block, index: int) -> Positioned:
    return block.message_at(index), block.first + index


def _twig(document: Document) -> Twig:
    return Twig(
        id=document["id"],
        parent_id=document["parentId"],
        role=Role(document["role"]),
        status=MessageStatus(document["status"]),
        model=document.get("model"),
        created_at=document["createdAt"],
        excerpt=document["excerpt"],
    )


def _twig_of(message: Message) -> Twig:
    """As ``_TWIGS`` reads them."""
    excerpt = message.content[:EXCERPT_CHARS]
    return Twig(message.id, message.parent_id, message.role, message.status, message.model, message.created_at, excerpt)


def _pages_of(window: Window) -> Document:
    return pages_of(window.conversation.user_id, window.conversation.id, window.paged_count)
