"""A conversation as it must be after everything that was done to it: its tree, and which branch of it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.support.chat_client import Chat, Json


def plain(message: Json) -> Json:
    """A message without what others beside it change."""
    return {name: value for name, value in message.items() if name != "siblingIds"}


@dataclass(eq=False)
class Kept:
    """``log`` has the messages by their ids, in their order; ``running`` is the answer that is being written.

    ``paged`` of them are not in the conversation's document.
    """

    chat: Chat
    log: dict[str, Json] = field(default_factory=dict)
    active: str | None = None
    shown: dict[str | None, str] = field(default_factory=dict)
    running: Json | None = None
    project: str | None = None
    tags: set[str] = field(default_factory=set)
    in_trash: bool = False
    paged: int = 0

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.chat.conversation_id}"

    @property
    def busy(self) -> str | None:
        """Why nothing can be written."""
        return "conversation_in_trash" if self.in_trash else "turn_in_progress" if self.running else None

    def children(self, parent_id: str | None) -> list[str]:
        messages = [*self.log.values(), *([self.running] if self.running else [])]
        return [message["id"] for message in messages if message["parentId"] == parent_id]

    def add(self, message: Json) -> None:
        """Stored last, and shown."""
        assert message["id"] not in self.log
        self.log[message["id"]] = plain(message)
        self._show_after(message)
        self.active = message["id"]

    def begin(self, question: Json | None, answer: Json) -> None:
        if question is not None:
            self.add(question)
        self.running = answer
        self._show_after(answer)
        self.active = answer["parentId"]

    def end(self, answer: Json) -> None:
        assert self.running is not None
        assert answer["id"] == self.running["id"]
        self.running = None
        self.add(answer)

    def choose(self, message_id: str) -> None:
        """Shows the branch of the message, and after it what was shown last."""
        for message in [*self.branch(self.active), *self.branch(message_id)]:
            self._show(message)
        self.active = message_id
        while children := self.children(self.active):
            self.active = self.shown.get(self.active, children[-1])

    def branch(self, message_id: str | None) -> list[Json]:
        """What leads to the message, oldest first."""
        messages: list[Json] = []
        while message_id is not None:
            messages.insert(0, self.log[message_id])
            message_id = messages[0]["parentId"]
        return messages

    def check(self) -> None:
        """Compares with what the server says."""
        person, header = self.chat.person, self.chat.header()
        assert (header["activeMessageId"], header["messageCount"]) == (self.active, len(self.log))
        assert (header["projectId"], set(header["tags"])) == (self.project, self.tags)
        assert (header["trashedAt"] is not None) == self.in_trash
        assert (header["generation"] or {}).get("messageId") == (self.running or {}).get("id")
        tree = person.ask("GET", f"{self.path}/tree?limit=2000")["items"]
        fields = ("id", "parentId", "role", "status")
        assert [[one[name] for name in fields] for one in tree] == [
            [one[name] for name in fields] for one in self.log.values()
        ]
        self._check_shown(self.chat.history(limit=100))

    def _check_shown(self, shown: list[Json]) -> None:
        if self.running is not None:
            answer = shown.pop()
            assert (answer["id"], answer["parentId"], answer["status"]) == (
                self.running["id"],
                self.running["parentId"],
                "streaming",
            )
        assert [plain(message) for message in shown] == self.branch(self.active)
        for message in shown:
            siblings = self.children(message["parentId"])
            assert message.get("siblingIds") == (siblings if len(siblings) > 1 else None)

    def _show_after(self, message: Json) -> None:
        """Shows a message that is written after another than the active one, and what leads to it.

        What leads to it in pages is not looked up for it, only when a branch is chosen the next time.
        """
        way = self.branch(message["parentId"]) if message["parentId"] != self.active else []
        near = list(self.log)[self.paged :]
        for one in [*(one for one in way if one["id"] in near), message]:
            self._show(one)

    def _show(self, message: Json) -> None:
        if len(self.children(message["parentId"])) > 1:
            self.shown[message["parentId"]] = message["id"]
