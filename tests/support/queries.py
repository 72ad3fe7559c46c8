"""What the driver sends to MongoDB."""

from __future__ import annotations

from typing import Any

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent


class Queries(CommandListener):
    """Remembers the commands of a client that was made with it as an event listener."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Only the start of a command counts."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Only the start of a command counts."""

    def of(self, collection: str) -> list[dict[str, Any]]:
        """The reads and writes of a collection."""
        return [command for command in self.commands if next(iter(command.values())) == collection]
