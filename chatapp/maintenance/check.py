"""Looks through everything that is stored, says what is wrong, and mends what can be mended."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bson import ObjectId
from pymongo import timeout
from pymongo.database import Database

from chatapp.database.migrations import m0003_stored_bytes
from chatapp.maintenance import TIME_LIMIT
from chatapp.maintenance.abandoned import AbandonedAnswers
from chatapp.maintenance.findings import Finding, findings_in
from chatapp.maintenance.shapes import misshapen
from chatapp.maintenance.stored import StoredConversation, stored_conversations

Document = dict[str, Any]

_BATCH = 500


@dataclass(slots=True)
class CheckResult:
    """What was looked at, and what was found."""

    conversations: int = 0
    messages: int = 0
    found: int = 0
    mended: int = 0

    @property
    def is_well(self) -> bool:
        """Whether nothing is left that is wrong."""
        return self.found == self.mended


class Check:
    """A check of all conversations of all users, while the application may be running.

    ``say`` gets a line for every finding. The memory that it takes is that of the ids of the longest conversation.
    """

    def __init__(self, database: Database[Document], say: Callable[[str], None]) -> None:
        self._database = database
        self._say = say
        self._result = CheckResult()

    def run(self, *, repair: bool = False) -> CheckResult:
        """Looks at everything once; with ``repair`` it also mends what can be mended."""
        with timeout(TIME_LIMIT):
            for name, id_ in misshapen(self._database):
                self._note(f"{name} {id_}", "the document is not as the application stores it", mended=False)
            is_readable = self._result.is_well
            for conversation in stored_conversations(self._database):
                self._result.conversations += 1
                self._result.messages += sum(1 for _ in conversation.log)
                findings = findings_in(conversation)
                mended = repair and bool(findings) and self._mend(conversation, findings)
                for one in findings:
                    self._note(f"conversation {conversation.id}", one.what, mended=mended and one.can_be_mended)
            if is_readable:  # the rest takes all documents together
                self._look_at_the_rest(repair=repair)
        return self._result

    def _look_at_the_rest(self, *, repair: bool) -> None:
        for stray_id, what in self._stray_pages():
            self._note(f"conversation {stray_id}", what, mended=False)
        abandoned = AbandonedAnswers(self._database)
        for id_, answer_id in abandoned.end() if repair else abandoned.find():
            self._note(f"conversation {id_}", f"nobody writes the running answer {answer_id}", mended=repair)
        if repair:
            m0003_stored_bytes.migrate(self._database)  # the figures of quotas; a crash may have lost some

    def _note(self, thing: str, what: str, *, mended: bool) -> None:
        self._result.found += 1
        self._result.mended += mended
        self._say(f"{thing}: {what}{' (mended)' if mended else ''}")

    def _mend(self, conversation: StoredConversation, findings: list[Finding]) -> bool:
        """False if the conversation has changed since it was read; the next check sees it as it is then."""
        owned = {"userId": conversation.user_id}
        for page_id, fields in [finding.page for finding in findings if finding.page]:
            page = {**owned, "_id": page_id, "messages": {"$size": fields["count"]}}
            self._database["message_pages"].update_one(page, {"$set": fields})
        fields = {name: value for finding in findings for name, value in finding.conversation.items()}
        if not fields:
            return True
        unchanged = {
            **owned,
            "_id": conversation.id,
            "messageCount": conversation.message_count,
            "pagedCount": conversation.paged_count,
            "edits": conversation.edits,
            "activeMessageId": conversation.active_message_id,
            "messages": {"$size": len(conversation.window)},
        }
        return self._database["conversations"].update_one(unchanged, {"$set": fields}).matched_count == 1

    def _stray_pages(self) -> Iterator[tuple[ObjectId, str]]:
        """Pages that no conversation counts. They stay: they may be all that is left of a conversation."""
        keys = {"_id": 0, "userId": 1, "conversationId": 1, "firstPosition": 1}
        pages = self._database["message_pages"].find({}, keys, hint="position", batch_size=_BATCH)
        owners = groupby(pages, key=lambda page: (page["userId"], page["conversationId"]))
        for (user_id, conversation_id), found in owners:
            owned = {"_id": conversation_id, "userId": user_id}
            last = max(page["firstPosition"] for page in found)
            conversation = self._database["conversations"].find_one(owned, {"pagedCount": 1, "purgedAt": 1})
            if conversation is None:
                yield conversation_id, "it does not exist, but has pages"
            elif "purgedAt" not in conversation and not conversation["pagedCount"] and last > 0:
                yield conversation_id, f"a page begins at position {last}, beyond the 0 in pages"
