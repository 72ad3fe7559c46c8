"""Why a request is refused, as words for programs. A word that is here stays; only the sentences may be reworded."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a request failed, except where an answer failed: then it is a ``FailureCode``."""

    BAD_REQUEST = "bad_request"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    BUSY = "busy"
    CHAT_SESSION_EXPIRED = "chat_session_expired"
    CHAT_SESSION_NOT_FOUND = "chat_session_not_found"
    CONVERSATION_IN_TRASH = "conversation_in_trash"
    CONVERSATION_NOT_FOUND = "conversation_not_found"
    CROSS_SITE = "cross_site"
    HEADERS_TOO_LARGE = "headers_too_large"
    INTERNAL = "internal"
    INVALID_INPUT = "invalid_input"
    KEY_TAKEN = "key_taken"
    MALFORMED_HEADER = "malformed_header"
    MALFORMED_JSON = "malformed_json"
    MESSAGE_ID_TAKEN = "message_id_taken"
    MESSAGE_NOT_FOUND = "message_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    METRICS_NOT_ALLOWED = "metrics_not_allowed"
    NOT_FOUND = "not_found"
    NOT_OWNER = "not_owner"
    NOT_SIGNED_IN = "not_signed_in"
    OTHER_USER = "other_user"
    PRECONDITION_FAILED = "precondition_failed"
    PROJECT_NOT_FOUND = "project_not_found"
    REGISTRATION_CLOSED = "registration_closed"
    SIGN_IN_NOT_FOUND = "sign_in_not_found"
    STORAGE_FULL = "storage_full"
    STORE_UNAVAILABLE = "store_unavailable"
    TAG_NOT_FOUND = "tag_not_found"
    THROTTLED = "throttled"
    TOO_MANY_ANSWERS = "too_many_answers"
    TOO_MANY_STREAMS = "too_many_streams"
    TOO_MANY_WRITES = "too_many_writes"
    TURN_IN_PROGRESS = "turn_in_progress"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    URI_TOO_LONG = "uri_too_long"
    WRONG_CREDENTIALS = "wrong_credentials"


class FaultReason(StrEnum):
    """What is wrong with a field of a request."""

    BLANK = "blank"
    DUPLICATE = "duplicate"
    EMAIL_TAKEN = "email_taken"
    INVALID_CURSOR = "invalid_cursor"
    INVALID_NAME = "invalid_name"
    NEW_CONVERSATION_ONLY = "new_conversation_only"
    NOT_AN_ANSWER = "not_an_answer"
    NOT_CUT_OFF = "not_cut_off"
    NOT_AN_EMAIL = "not_an_email"
    NOT_A_UUID = "not_a_uuid"
    NOT_IN_CONVERSATION = "not_in_conversation"
    NOT_ONE_LINE = "not_one_line"
    NOT_STORABLE_TEXT = "not_storable_text"
    NULL = "null"
    OTHER_ROLE = "other_role"
    REQUIRED = "required"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    TOO_SHORT = "too_short"
    TOO_SMALL = "too_small"
    UNCHANGED = "unchanged"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_MODEL = "unknown_model"
    UNKNOWN_VALUE = "unknown_value"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a word, no password
    WRONG_TYPE = "wrong_type"


class Fault(str):
    """What is wrong with a field: a sentence for people that carries its reason for programs.

    It is text, so it can stand wherever marshmallow and flask-smorest expect a message. ``limit`` is the number that
    was passed: of characters, items or bytes, or the smallest or largest value.
    """

    __slots__ = ("limit", "reason")

    reason: FaultReason
    limit: float | None

    def __new__(cls, reason: FaultReason, sentence: str, limit: float | None = None) -> Fault:
        fault = super().__new__(cls, sentence)
        fault.reason = reason
        fault.limit = limit
        return fault

    def __getnewargs__(self) -> tuple[FaultReason, str, float | None]:  # type: ignore[override]
        """What a copy is made from."""
        return self.reason, str(self), self.limit

    def format(self, *_: object, **__: object) -> Fault:
        """Itself: marshmallow formats its messages, and the reason must not get lost."""
        return self
