"""The application with the fake provider behind it, as chat tests use it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.fake_models import ALL
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess


@dataclass(frozen=True, slots=True)
class Backends:
    """What a server needs, and what several servers may share: they are workers of one application then."""

    mongodb_uri: str
    provider: FakeProvider
    database: str

    @classmethod
    def on(cls, mongodb_uri: str, provider: FakeProvider) -> Backends:
        """A database of their own."""
        return cls(mongodb_uri, provider, f"chatapp_chat_{secrets.token_hex(6)}")

    def server(self, env: Mapping[str, str] | None = None, *, workers: int = 1, app: str = "wsgi:app") -> ServerProcess:
        """A server that is not started yet. One worker each lets a test say which of two answers."""
        own = {
            **self.provider.environment(",".join(ALL)),
            "MONGODB_URI": self.mongodb_uri,
            "MONGODB_DB": self.database,
            "CHATAPP_LOG_LEVEL": "info",
        }
        return ServerProcess({**own, **(env or {})}, workers=workers, app=app)
