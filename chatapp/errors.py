"""What can go wrong, in the terms of the domain.

Each error is raised where it happens and turned into an answer in one place, ``chatapp.api.errors``,
which reads ``status`` and the sentence in ``str(error)``. ``details`` goes into the answer beside ``code``,
``fields`` becomes its ``errors`` (a map from a field's name in JSON to sentences), ``retry_after`` (seconds)
a header.
"""

from __future__ import annotations

from collections.abc import Mapping


class ChatAppError(Exception):
    """The base of everything a caller can be told about."""

    status = 500
    sentence = "Something went wrong."

    def __init__(
        self,
        sentence: str | None = None,
        *,
        details: Mapping[str, object] | None = None,
        fields: Mapping[str, list[str]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(sentence or self.sentence)
        self.details = dict(details or {})
        self.fields = dict(fields or {})
        self.retry_after = retry_after


class NotFound(ChatAppError):
    """Nothing has this id."""

    status = 404
    sentence = "There is nothing with this id."


class ConversationNotFound(NotFound):
    sentence = "This conversation does not exist."


class MessageNotFound(NotFound):
    sentence = "This message does not exist."


class ChatSessionNotFound(NotFound):
    sentence = "This chat session does not exist."


class NotOwner(ChatAppError):
    """It exists, and belongs to somebody else."""

    status = 403
    sentence = "This belongs to somebody else."


class ChatSessionExpired(ChatAppError):
    status = 410
    sentence = "This chat session has ended. Start another one on the same conversation."


class ConversationInTrash(ChatAppError):
    status = 409
    sentence = "This conversation is in the trash. Restore it before you write to it."


class TurnInProgress(ChatAppError):
    """An answer is being written; one at a time in a conversation."""

    status = 409
    sentence = "An answer is being written in this conversation."

    def __init__(self, message_id: str) -> None:
        super().__init__(details={"messageId": message_id})


class MessageIdTaken(ChatAppError):
    """The idempotency key was used for something else."""

    status = 409
    sentence = "A message with this id was sent before, with other content or another parent."


class TooManyAnswers(ChatAppError):
    status = 429
    sentence = "Too many answers are being written for you at once. Wait for one to end."


class Busy(ChatAppError):
    """This worker takes no more turns now: it is full, or about to end."""

    status = 503
    sentence = "The server is busy. Try again in a moment."


class StoreUnavailable(ChatAppError):
    status = 503
    sentence = "The conversations cannot be reached at the moment. Try again in a few seconds."


class Invalid(ChatAppError):
    """A field's value is refused; ``fields`` says which and why."""

    status = 422
    sentence = "The request is not valid."

    @classmethod
    def field(cls, name: str, sentence: str) -> Invalid:
        return cls(fields={name: [sentence]})


class EmailTaken(Invalid):
    def __init__(self) -> None:
        super().__init__(fields={"email": ["An account with this e-mail exists already."]})


class WrongCredentials(ChatAppError):
    status = 401
    sentence = "The e-mail or the password is wrong."


class RegistrationClosed(ChatAppError):
    status = 403
    sentence = "Registration is closed. Ask the person who runs this server for an account."
