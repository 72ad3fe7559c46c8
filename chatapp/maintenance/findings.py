"""What is wrong with a stored conversation. Findings contain ids and numbers, never what people wrote."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from chatapp.maintenance.stored import StoredConversation, StoredPage
from chatapp.repositories.documents import ROOT

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, and the fields that mend it.

    ``conversation`` are new values for the conversation's document, ``page`` those for one of its pages. If both are
    empty, it cannot be mended.
    """

    what: str
    conversation: Fields = field(default_factory=dict)
    page: tuple[ObjectId, Fields] | None = None

    @property
    def can_be_mended(self) -> bool:
        return bool(self.conversation) or self.page is not None


def findings_in(conversation: StoredConversation) -> list[Finding]:
    """Everything that is wrong with the conversation."""
    return [
        *_positions(conversation),
        *_counts(conversation),
        *_tree(conversation),
        *_active_message(conversation),
        *_branches(conversation),
    ]


def _positions(conversation: StoredConversation) -> Iterator[Finding]:
    expected = 0
    for page in conversation.pages:
        if page.first > conversation.paged_count:
            yield Finding(f"a page begins at position {page.first}, beyond the {conversation.paged_count} in pages")
        elif page.first < conversation.paged_count:
            yield from _gap(expected, page.first)
            yield from _page(page)
            expected = page.first + len(page.entries)
    yield from _gap(expected, conversation.paged_count)


def _gap(expected: int, found: int) -> Iterator[Finding]:
    if found > expected:
        yield Finding(f"the messages at the positions {expected} to {found - 1} are missing")
    if found < expected:
        yield Finding(f"the positions {found} to {expected - 1} are there twice")


def _page(page: StoredPage) -> Iterator[Finding]:
    size = sum(entry.size for entry in page.entries)
    if (page.count, page.byte_count) != (len(page.entries), size):
        yield Finding(
            f"the page at position {page.first} counts {page.count} messages and {page.byte_count} bytes, but has"
            f" {len(page.entries)} and {size}",
            page=(page.id, {"count": len(page.entries), "bytes": size}),
        )


def _counts(conversation: StoredConversation) -> Iterator[Finding]:
    count = conversation.paged_count + len(conversation.window)
    if conversation.message_count != count:
        yield Finding(f"it counts {conversation.message_count} messages, but has {count}", {"messageCount": count})
    size = sum(entry.size for entry in conversation.window)
    if conversation.window_bytes != size:
        yield Finding(f"its window counts {conversation.window_bytes} bytes, but has {size}", {"windowBytes": size})


def _tree(conversation: StoredConversation) -> Iterator[Finding]:
    """A parent that is missing stays named: history marks the gap, and where its text went somebody may still find."""
    ids = [entry.id for entry in conversation.log]
    known = set(ids)
    if len(ids) != len(known):
        yield Finding(f"{len(ids) - len(known)} messages are there twice")
    before: set[str] = set()
    for entry in conversation.log:
        if entry.parent_id is not None and entry.parent_id not in before:
            wrong = "does not precede it" if entry.parent_id in known else "does not exist"
            yield Finding(f"the parent {entry.parent_id} of message {entry.id} {wrong}")
        before.add(entry.id)


def _active_message(conversation: StoredConversation) -> Iterator[Finding]:
    ids = [entry.id for entry in conversation.log]
    active = conversation.active_message_id
    if (active is None and ids) or (active is not None and active not in ids):
        newest = ids[-1] if ids else None
        yield Finding(f"the active message {active} does not exist", {"activeMessageId": newest})


def _branches(conversation: StoredConversation) -> Iterator[Finding]:
    children: dict[str, list[str]] = {}
    for entry in conversation.log:
        children.setdefault(entry.parent_id or ROOT, []).append(entry.id)
    running = conversation.running_id
    right = {}
    for parent, listed in {**children, **conversation.branches}.items():
        own = children.get(parent, [])
        if running is not None and running in listed and running not in own:
            own = [*own, running]  # listed since its beginning, and in the log from its end on
        if len(own) > 1:
            right[parent] = own
    if right != conversation.branches:
        wrong = {
            parent
            for parent in {*right, *conversation.branches}
            if right.get(parent) != conversation.branches.get(parent)
        }
        yield Finding(f"the children of {', '.join(sorted(wrong))} are listed wrongly", {"branches": right})
