"""The models that can be talked to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model by the provider's name for it. ``context_tokens``: its context window, where the provider says so.

    ``server`` is the software that serves it, as far as the provider's list of models tells that.
    """

    id: str
    context_tokens: int | None = None
    server: str = ""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The models that may be chosen, and the one that is taken where none is; both may be missing."""

    items: tuple[LanguageModel, ...]
    default: str | None
