"""What can go wrong, in the terms of the domain.

Each error is raised where it happens and becomes an answer in one place, ``chatapp.api.errors``, which reads
``status``, ``reason`` and the sentence in ``str(error)``. ``details`` adds members to the answer, ``fields`` becomes
its ``errors`` and ``faults``, ``retry_after`` (seconds) a header.
"""

from __future__ import annotations

from collections.abc import Mapping

from chatapp.models.reasons import Fault, FaultReason, Reason


class ChatAppError(Exception):
    """The base of everything a caller can be told about."""

    status = 500
    reason: str = Reason.INTERNAL
    sentence = "Something went wrong."

    def __init__(
        self,
        sentence: str | None = None,
        *,
        details: Mapping[str, object] | None = None,
        fields: Mapping[str, list[Fault]] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(sentence or self.sentence)
        self.details = dict(details or {})
        self.fields = dict(fields or {})
        self.retry_after = retry_after


class NotFound(ChatAppError):
    """Nothing has this id."""

    status = 404
    reason = Reason.NOT_FOUND
    sentence = "There is nothing with this id."


class ConversationNotFound(NotFound):
    reason = Reason.CONVERSATION_NOT_FOUND
    sentence = "This conversation does not exist."


class MessageNotFound(NotFound):
    reason = Reason.MESSAGE_NOT_FOUND
    sentence = "This message does not exist."


class ProjectNotFound(NotFound):
    reason = Reason.PROJECT_NOT_FOUND
    sentence = "This project does not exist."


class TagNotFound(NotFound):
    reason = Reason.TAG_NOT_FOUND
    sentence = "No conversation has this tag."


class SignInNotFound(NotFound):
    reason = Reason.SIGN_IN_NOT_FOUND
    sentence = "This device is not signed in."


class ChatSessionNotFound(NotFound):
    reason = Reason.CHAT_SESSION_NOT_FOUND
    sentence = "This chat session does not exist."


class NotOwner(ChatAppError):
    """It exists, and belongs to someone else."""

    status = 403
    reason = Reason.NOT_OWNER
    sentence = "This belongs to someone else."


class ChatSessionExpired(ChatAppError):
    status = 410
    reason = Reason.CHAT_SESSION_EXPIRED
    sentence = "This chat session has ended. Start another one on the same conversation."


class ConversationInTrash(ChatAppError):
    status = 409
    reason = Reason.CONVERSATION_IN_TRASH
    sentence = "This conversation is in the trash. Restore it before you write to it."


class TurnInProgress(ChatAppError):
    """An answer is being written; one at a time in a conversation."""

    status = 409
    reason = Reason.TURN_IN_PROGRESS
    sentence = "An answer is being written in this conversation."

    def __init__(self, message_id: str) -> None:
        super().__init__(details={"messageId": message_id})


class MessageIdTaken(ChatAppError):
    """The idempotency key was used for something else."""

    status = 409
    reason = Reason.MESSAGE_ID_TAKEN
    sentence = "A message with this id was sent before, with other content or another parent."


class KeyTaken(ChatAppError):
    """The idempotency key was used for another call."""

    status = 409
    reason = Reason.KEY_TAKEN
    sentence = "This idempotency key was used for something else. Make a new one."


class PreconditionFailed(ChatAppError):
    """The caller asked for a change only if nothing else had changed, and something has."""

    status = 412
    reason = Reason.PRECONDITION_FAILED
    sentence = "This has changed since you read it. Read it again, then repeat your change."


class TooManyAnswers(ChatAppError):
    status = 429
    reason = Reason.TOO_MANY_ANSWERS
    sentence = "Too many answers are being written for you at once. Wait for one to end."


class TooManyStreams(ChatAppError):
    status = 429
    reason = Reason.TOO_MANY_STREAMS
    sentence = "Too many event streams are open for you at once. Close one of them."


class TooManyWrites(ChatAppError):
    status = 429
    reason = Reason.TOO_MANY_WRITES
    sentence = "You have changed too much within a minute. Wait a moment and go on."


class StorageFull(ChatAppError):
    """The user's quota is used up. What is stored stays, and what is deleted for good makes room."""

    status = 507
    reason = Reason.STORAGE_FULL
    sentence = "Your storage is full. Delete conversations for good to make room."

    def __init__(self, stored_bytes: int, quota_bytes: int) -> None:
        super().__init__(details={"storedBytes": stored_bytes, "quotaBytes": quota_bytes})


class Throttled(ChatAppError):
    status = 429
    reason = Reason.THROTTLED
    sentence = "Too many attempts. Wait a while and try again."


class Busy(ChatAppError):
    """This worker takes no more turns now: it is full, or about to end."""

    status = 503
    reason = Reason.BUSY
    sentence = "The server is busy. Try again in a moment."


class StoreUnavailable(ChatAppError):
    status = 503
    reason = Reason.STORE_UNAVAILABLE
    sentence = "The conversations cannot be reached at the moment. Try again in a few seconds."


class Invalid(ChatAppError):
    """The value of a field is refused; ``fields`` says which and why."""

    status = 422
    reason = Reason.INVALID_INPUT
    sentence = "The request is not valid."

    @classmethod
    def field(cls, name: str, reason: FaultReason, sentence: str, limit: float | None = None) -> Invalid:
        """The error about one field. ``name`` is its name in JSON, ``limit`` the number that was passed."""
        return cls(fields={name: [Fault(reason, sentence, limit)]})


class EmailTaken(Invalid):
    def __init__(self) -> None:
        super().__init__(
            fields={"email": [Fault(FaultReason.EMAIL_TAKEN, "An account with this e-mail exists already.")]}
        )


class NotInConversation(Invalid):
    """The field ``name`` names a message that the conversation does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(
            fields={name: [Fault(FaultReason.NOT_IN_CONVERSATION, "This message is not in the conversation.")]}
        )


class InvalidCursor(Invalid):
    """The cursor does not come from this list."""

    def __init__(self) -> None:
        super().__init__(fields={"cursor": [Fault(FaultReason.INVALID_CURSOR, "The cursor is invalid.")]})


class UnknownModel(Invalid):
    """The model cannot be chosen."""

    def __init__(self) -> None:
        super().__init__(fields={"model": [Fault(FaultReason.UNKNOWN_MODEL, "There is no such model.")]})


class WrongPassword(Invalid):
    def __init__(self) -> None:
        super().__init__(fields={"currentPassword": [Fault(FaultReason.WRONG_PASSWORD, "This is not your password.")]})


class WrongCredentials(ChatAppError):
    status = 401
    reason = Reason.WRONG_CREDENTIALS
    sentence = "The e-mail or the password is wrong."


class RegistrationClosed(ChatAppError):
    status = 403
    reason = Reason.REGISTRATION_CLOSED
    sentence = "Registration is closed. Ask the person who runs this server for an account."
