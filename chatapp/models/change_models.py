"""What changed for a user."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """The events of one update. Tokens are text, and sort in the order of the changes on every worker."""

    token: str
    user_id: str
    events: tuple[dict[str, Any], ...]
