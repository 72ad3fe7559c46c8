"""Who uses the application, and from where."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """A language of the page."""

    EN = "en"
    DE = "de"


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``email`` is normalised; ``settings`` holds the person's own preferences."""

    id: str
    email: str
    name: str
    password_hash: str = field(repr=False)
    created_at: datetime
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A device that is signed in. Its cookie carries a token of which only the hash is stored."""

    id: str
    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    user_agent: str
    address: str
