"""Conversations and their messages: everything except chatting."""

from typing import Any

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.chat_docs import FULL, RUNNING
from chatapp.api.etags import only_if, tagged
from chatapp.api.locations import Created, created
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.batch import BatchResultSchema, BatchSchema
from chatapp.api.schemas.conversation import (
    ConversationListArgs,
    ConversationPageSchema,
    ConversationSchema,
    ConversationUpdateSchema,
    DeletionArgs,
    ForkSchema,
    NewConversationSchema,
)
from chatapp.api.schemas.message import (
    MessageListArgs,
    MessagePageSchema,
    MessageSchema,
    MessageUpdateSchema,
    NewMessageSchema,
    TreeArgs,
    TwigPageSchema,
)
from chatapp.api.sign_in import current_user_id, signed_in
from chatapp.container import container
from chatapp.errors import (
    ConversationInTrash,
    ConversationNotFound,
    InvalidCursor,
    KeyTaken,
    MessageIdTaken,
    MessageNotFound,
    NotInConversation,
    NotOwner,
    ProjectNotFound,
    UnknownModel,
)
from chatapp.models.chat_models import Conversation, Message, NewMessage, Page, Twig
from chatapp.models.order_models import BatchResult

blueprint = ApiBlueprint(
    "conversations", __name__, url_prefix="/api/conversations", description="Conversations and their messages"
)

ONE = "/<string(minlength=6):conversation_id>"
"""No id is shorter, and ``batch`` is not one: so only what can be done with it is offered there."""

_conversation_schema = ConversationSchema()
_message_schema = MessageSchema()

_READING = (ConversationNotFound, NotOwner)
_WRITING = (*_READING, ConversationInTrash)


@blueprint.route("", methods=["POST"])
@signed_in
@may_fail(UnknownModel, ConversationNotFound, ProjectNotFound, NotOwner, FULL)
@blueprint.arguments(NewConversationSchema)
@blueprint.response(201, ConversationSchema)
def create_conversation(body: dict[str, Any]) -> Created[Conversation]:
    """Create a conversation.

    With an `idempotencyKey` the same call sent again creates no second one.
    """
    conversation = container().conversations.create(current_user_id(), **body)
    return created(conversation, ".get_conversation", conversation_id=conversation.id)


@blueprint.route("", methods=["GET"])
@signed_in
@may_fail(InvalidCursor, ProjectNotFound)
@blueprint.arguments(ConversationListArgs, location="query")
@blueprint.response(200, ConversationPageSchema)
def list_conversations(args: dict[str, Any]) -> Page[Conversation]:
    """List your own conversations.

    Pinned ones come first, then those with the newest activity. Archived ones and those in the trash are listed only on
    request, temporary ones never.
    """
    return container().conversations.list(current_user_id(), **args)


@blueprint.route("/batch", methods=["POST"])
@signed_in
@may_fail(ProjectNotFound, NotOwner)
@blueprint.arguments(BatchSchema)
@blueprint.response(200, BatchResultSchema)
def change_conversations(body: dict[str, Any]) -> BatchResult:
    """Change many conversations in the same way.

    Each is changed independently: `failed` says which were not, and why. With `all`, one call changes a part, and
    `more` says whether to send it again. Emptying the trash is `{"all": true, "trashed": true, "action": "delete"}`;
    `delete` without `trashed` deletes everything for good.
    """
    body.pop("all", None)
    return container().batches.run(current_user_id(), body.pop("action"), body.pop("ids", None), **body)


@blueprint.route(ONE, methods=["GET"])
@signed_in
@may_fail(*_READING)
@tagged
@blueprint.response(200, ConversationSchema)
def get_conversation(conversation_id: str) -> Conversation:
    """Read a conversation, without its messages.

    Conversations in the trash can be read, too.
    """
    return container().conversations.get(current_user_id(), conversation_id)


@blueprint.route(ONE, methods=["PATCH"])
@signed_in
@may_fail(*_WRITING, RUNNING, FULL, UnknownModel, ProjectNotFound, NotInConversation("activeMessageId"))
@blueprint.arguments(ConversationUpdateSchema)
@tagged
@blueprint.response(200, ConversationSchema)
def update_conversation(body: dict[str, Any], conversation_id: str) -> Conversation:
    """Change a conversation.

    Its title, its place in the lists, its settings, or which branch is shown; what is left out stays.
    """
    return container().conversations.update(
        current_user_id(), conversation_id, body, only_if=only_if(_conversation_schema)
    )


@blueprint.route(ONE, methods=["DELETE"])
@signed_in
@may_fail(*_READING)
@blueprint.arguments(DeletionArgs, location="query")
@blueprint.response(204)
def delete_conversation(args: dict[str, Any], conversation_id: str) -> None:
    """Move a conversation to the trash, or delete it for good.

    From the trash it can be restored. Deleted for good, it is gone at once, with all its messages.
    """
    container().conversations.delete(current_user_id(), conversation_id, **args)


@blueprint.route("/<conversation_id>/restore", methods=["POST"])
@signed_in
@may_fail(*_READING)
@blueprint.response(200, ConversationSchema)
def restore_conversation(conversation_id: str) -> Conversation:
    """Take a conversation out of the trash.

    Nothing happens if it is not there.
    """
    return container().conversations.restore(current_user_id(), conversation_id)


@blueprint.route("/<conversation_id>/fork", methods=["POST"])
@signed_in
@may_fail(*_READING, NotInConversation("messageId"), KeyTaken, FULL)
@blueprint.arguments(ForkSchema)
@blueprint.response(201, ConversationSchema)
def fork_conversation(body: dict[str, Any], conversation_id: str) -> Created[Conversation]:
    """Copy a branch, down to one of its messages, into a conversation of its own.

    It has the same settings. With an `idempotencyKey` the same call sent again makes no second one; a key that was used
    for a fork of another message is refused.
    """
    conversation = container().conversations.fork(current_user_id(), conversation_id, **body)
    return created(conversation, ".get_conversation", conversation_id=conversation.id)


@blueprint.route("/<conversation_id>/messages", methods=["GET"])
@signed_in
@may_fail(*_READING, InvalidCursor, MessageNotFound)
@blueprint.arguments(MessageListArgs, location="query")
@blueprint.response(200, MessagePageSchema)
def list_messages(args: dict[str, Any], conversation_id: str) -> Page[Message]:
    """Read the messages of the shown branch, or of the branch of one message.

    The newest page comes first; within a page the oldest message comes first. With `around` the page has that message
    in its middle, and `previousCursor` leads on to newer ones.
    """
    around = args.pop("around", None)
    if around is None:
        return container().messages.page(current_user_id(), conversation_id, **args)
    return container().messages.page_around(current_user_id(), conversation_id, around, limit=args["limit"])


@blueprint.route("/<conversation_id>/tree", methods=["GET"])
@signed_in
@may_fail(*_READING, InvalidCursor)
@blueprint.arguments(TreeArgs, location="query")
@blueprint.response(200, TwigPageSchema)
def get_tree(args: dict[str, Any], conversation_id: str) -> Page[Twig]:
    """Read the tree of a conversation: all messages of all branches, in the order in which they were stored.

    Of their contents only the beginning is there.
    """
    return container().messages.tree(current_user_id(), conversation_id, **args)


@blueprint.route("/<conversation_id>/messages", methods=["POST"])
@signed_in
@may_fail(*_WRITING, RUNNING, FULL, MessageIdTaken, NotInConversation("parentId"))
@blueprint.arguments(NewMessageSchema)
@blueprint.response(201, MessageSchema)
def save_message(body: dict[str, Any], conversation_id: str) -> Created[Message]:
    """Save a message of your own without asking the model.

    The same message sent again, with its `id`, is saved once.
    """
    message = container().messages.save(current_user_id(), conversation_id, NewMessage(**body))
    return created(message, ".get_message", conversation_id=message.conversation_id, message_id=message.id)


@blueprint.route("/<conversation_id>/messages/<message_id>", methods=["GET"])
@signed_in
@may_fail(*_READING, MessageNotFound)
@tagged
@blueprint.response(200, MessageSchema)
def get_message(conversation_id: str, message_id: str) -> Message:
    """Read one message.

    An answer that is being written comes with its text so far, and `streaming` as its status.
    """
    return container().messages.get(current_user_id(), conversation_id, message_id.lower())


@blueprint.route("/<conversation_id>/messages/<message_id>", methods=["PATCH"])
@signed_in
@may_fail(*_WRITING, RUNNING, MessageNotFound)
@blueprint.arguments(MessageUpdateSchema)
@tagged
@blueprint.response(200, MessageSchema)
def update_message(body: dict[str, Any], conversation_id: str, message_id: str) -> Message:
    """Give feedback on a message, comment on it, star it, or take any of that back; what is left out stays.

    None of it is shown to the model.
    """
    return container().messages.marks.annotate(
        current_user_id(), conversation_id, message_id.lower(), body, only_if=only_if(_message_schema)
    )
