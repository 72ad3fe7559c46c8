"""Which child of a message is shown where there are several: the one whose branch was the last to be used."""

from collections.abc import Mapping

from chatapp.models.chat_models import Window
from chatapp.repositories.documents import ROOT


def shown_child(window: Window, parent_id: str) -> str | None:
    """Of a message with several children the one that is shown; ``None`` for any other message."""
    children = window.branches.get(parent_id)
    return window.shown.get(parent_id, children[-1]) if children else None


def way_to(window: Window, parents: Mapping[str, str | None], message_id: str | None) -> dict[str, str]:
    """What is shown above a message when it is: the child that leads to it, of each message with several.

    ``parents`` are those of the messages that were read; the way begins below them.
    """
    way: dict[str, str] = {}
    passed: set[str] = set()
    while message_id is not None and message_id in parents and message_id not in passed:  # damage can make a circle
        passed.add(message_id)
        parent_id = parents[message_id]
        if (parent_id or ROOT) in window.branches:
            way[parent_id or ROOT] = message_id
        message_id = parent_id
    return way


def way_in_window(window: Window, message_id: str | None) -> dict[str, str]:
    """As ``way_to``, as far as the window knows it; nothing for the active message, which is shown already."""
    if not window.branches or message_id == window.conversation.active_message_id:
        return {}
    return way_to(window, {message.id: message.parent_id for message in window.messages}, message_id)
