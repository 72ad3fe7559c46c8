"""Whatever a file said to be a backup contains: it is refused in one line, and what is stored stays as it was."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import Binary, ObjectId, Regex
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.database.migrations import SCHEMA_VERSION, upgrade
from chatapp.failpoints import armed
from chatapp.maintenance.archive import ArchiveError, ArchiveWriter, Batch, Header, read_archive, verify
from chatapp.maintenance.backup import back_up_to
from chatapp.maintenance.restore import Restore
from tests.support.api import make_app
from tests.support.history import open_book

Document = dict[str, Any]
Documents = Database[Document]

MB = 1_000_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = {"format": "chatapp backup", "version": 1, "schema": SCHEMA_VERSION, "begunAt": NOW}
USER = {"email": "ada@example.org", "name": "", "passwordHash": "", "createdAt": NOW, "settings": {}}


class Forger(ArchiveWriter):
    """Writes any records, with a checksum that is right."""

    def __init__(self, path: Path, header: bytes | Document) -> None:
        self._stream = path.open("wb")
        self._header = header if isinstance(header, bytes) else bson.encode(header)
        super().__init__(self._stream, Header(SCHEMA_VERSION, NOW))

    def _write(self, kind: bytes, content: bytes) -> None:
        super()._write(kind, self._header if kind == b"H" else content)

    def record(self, kind: bytes, content: bytes) -> None:
        super()._write(kind, content)

    def put(self, name: str, raw: bytes, count: int) -> None:
        self.record(b"D", bytes([len(name)]) + name.encode() + raw)
        self.counts[name] += count

    def close(self) -> None:
        super().close()
        self._stream.close()


def forge(path: Path, *batches: tuple[str, list[Document]], header: bytes | Document = HEADER) -> Path:
    forger = Forger(path, header)
    for name, documents in batches:
        forger.put(name, b"".join(map(bson.encode, documents)), len(documents))
    forger.close()
    return path


def pack(path: Path, *content: bytes) -> Path:
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=3, mtime=0) as out:
        for part in content:
            out.write(part)
    return path


def quiet(_collection: str, _done: int, _total: int) -> None:
    """No progress is shown."""


def refusal(path: Path, database: Documents) -> str:
    with pytest.raises(ArchiveError) as refused:
        Restore(path, database, quiet).run()
    said = str(refused.value)
    assert said.startswith(f"{path} ")
    assert "\n" not in said
    assert len(said) < len(str(path)) + 200
    return said


@pytest.mark.parametrize(
    "fields",
    [
        {"schema": "1"},
        {"schema": [1]},
        {"schema": None},
        {"schema": {}},
        {"schema": -1},
        {"schema": 1.5},
        {"schema": 2**62},
        {"begunAt": "today"},
        {"format": ["chatapp backup"]},
        {"version": None},
    ],
    ids=str,
)
def test_a_header_that_no_backup_has_is_refused(tmp_path: Path, empty_database: Documents, fields: Document) -> None:
    refusal(forge(tmp_path / "forged", header={**HEADER, **fields}), empty_database)
    missing = {name: value for name, value in HEADER.items() if name not in fields}
    refusal(forge(tmp_path / "missing", header=missing), empty_database)

    assert empty_database.list_collection_names() == []


def nested(levels: int) -> bytes:
    """A document in a document in a document."""
    document = b"\5\0\0\0\0"
    for _ in range(levels):
        document = (len(document) + 8).to_bytes(4, "little") + b"\3a\0" + document + b"\0"
    return document


RECORDS: dict[str, Callable[[Forger], object]] = {
    "a second header": lambda forger: forger.record(b"H", bson.encode(HEADER)),
    "an unknown kind": lambda forger: forger.record(b"X", b""),
    "no name": lambda forger: forger.record(b"D", b""),
    "a name that is cut": lambda forger: forger.record(b"D", b"\xffusers"),
    "a name that is not text": lambda forger: forger.record(b"D", b"\2\xff\xfe"),
    "a length of nothing": lambda forger: forger.put("users", bytes(5), 1),
    "a negative length": lambda forger: forger.put("users", b"\xff\xff\xff\xff\0", 1),
    "no document": lambda forger: forger.put("users", b"\x0b\0\0\0\x7f_id\0!\0", 1),
    "a document without an id": lambda forger: forger.put("users", bson.encode({"a": 1}), 1),
    "a count that is text": lambda forger: forger.counts.update({"users": "1"}),
    "a count of nothing": lambda forger: forger.counts.update({"users": 1}),
    "more collections than anybody has": lambda forger: list(
        map(partial(forger.put, raw=b"", count=0), map(str, range(1_001)))
    ),
    **{
        f"the collection {name!r}": partial(Forger.put, name=name, raw=bson.encode({"_id": 1}), count=1)
        for name in (
            "",
            "$cmd",
            "a$b",
            "system.users",
            "system.js",
            "meta",
            "attempts",
            ".",
            "a..b",
            "a.",
            ".a",
        )
    },
}


@pytest.mark.parametrize("what", RECORDS)
def test_a_record_that_no_backup_has_is_refused(tmp_path: Path, empty_database: Documents, what: str) -> None:
    forger = Forger(tmp_path / "forged", HEADER)
    RECORDS[what](forger)
    forger.close()

    assert "is damaged" in refusal(tmp_path / "forged", empty_database)
    assert empty_database.list_collection_names() == []


def test_a_header_that_is_nested_endlessly_or_longer_than_any_is_refused(
    tmp_path: Path, empty_database: Documents
) -> None:
    for header in (nested(20_000), bson.encode({**HEADER, "more": Binary(bytes(14 * MB))}), b""):
        assert "is damaged" in refusal(forge(tmp_path / "forged", header=header), empty_database)
    long = pack(tmp_path / "long", b"H" + (100 * MB).to_bytes(4, "big"), *([bytes(10 * MB)] * 10))
    assert "is damaged" in refusal(long, empty_database)

    assert empty_database.list_collection_names() == []


CONVERSATION = {"_id": ObjectId(), "userId": ObjectId(), "pagedCount": 0, "messages": [], "branches": {"root": []}}

DOCUMENTS: dict[str, list[tuple[str, list[Document]]]] = {
    "the same id twice": [("sign_ins", [{"_id": 1}]), ("projects", [{"_id": 1}, {"_id": 1}])],
    "the same e-mail twice": [("users", [{**USER, "_id": number} for number in range(2)])],
    "an id that MongoDB does not take": [("users", [{**USER, "_id": id_} for id_ in ([1], Regex("."), {"$a": 1})])],
    "a user without an e-mail": [("users", [{"_id": ObjectId()}])],
    "a conversation that is none": [("conversations", [{"_id": ObjectId()}, CONVERSATION])],
    "a conversation of nobody": [("conversations", [{**CONVERSATION, "messages": 3, "userId": "x"}])],
    "a name that another database has": [("admin.users", [{"_id": 1}]), ("users", [{"_id": 1}])],
    "an answer of nothing": [("generations", [{"_id": 1}]), ("conversations", [{"_id": 1}])],
}


@pytest.mark.parametrize("schema", [0, SCHEMA_VERSION])
@pytest.mark.parametrize("what", DOCUMENTS)
def test_documents_that_nobody_can_have_stored_are_taken_back(
    tmp_path: Path, empty_database: Documents, what: str, schema: int
) -> None:
    upgrade(empty_database)
    path = forge(tmp_path / "forged", *DOCUMENTS[what], header={**HEADER, "schema": schema})

    assert "What was restored of it is removed again." in refusal(path, empty_database)

    names = empty_database.list_collection_names()
    assert {name: list(empty_database[name].find()) for name in names if name != "meta"} == {
        name: [] for name in names if name != "meta"
    }
    meta = {one["_id"]: one for one in empty_database["meta"].find()}
    assert meta["schema"]["version"] == SCHEMA_VERSION
    assert Restore(forge(tmp_path / "good", ("users", [{**USER, "_id": ObjectId()}])), empty_database, quiet).run() == 1


BROKEN: dict[str, Callable[[Document], object]] = {
    "a count that is text": lambda document: document.update(messageCount="3"),
    "pages that are text": lambda document: document.update(pagedCount="0"),
    "a message that is a number": lambda document: document["messages"].append(7),
    "a message without an id": lambda document: document["messages"][0].pop("id"),
    "a message without text": lambda document: document["messages"][0].update(content=7),
    "a role that nobody has": lambda document: document["messages"][0].update(role="root"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_conversation_that_nobody_could_open_is_taken_back_and_named_by_the_check(
    tmp_path: Path, database: Documents, empty_database: Documents, what: str
) -> None:
    for _ in range(2):
        open_book(database).say("hello")
    back_up_to(tmp_path / "whole", database, quiet)
    batches = [part for part in read_archive(tmp_path / "whole") if isinstance(part, Batch)]
    forged = [(batch.collection, bson.decode_all(batch.raw)) for batch in batches]
    first = dict(forged)["conversations"][0]
    BROKEN[what](first)

    said = refusal(forge(tmp_path / "forged", *forged), empty_database)

    assert "a document of conversations is not as the application stores it" in said
    assert empty_database["conversations"].count_documents({}) == 0
    write = database.get_collection("conversations")
    write.delete_one({"_id": first["_id"]})
    write.insert_one(first, bypass_document_validation=True)
    for repair in ((), ("--repair",)):
        found = make_app(database).test_cli_runner().invoke(args=["check", *repair])
        assert found.output.splitlines()[0] == (
            f"conversations {first['_id']}: the document is not as the application stores it"
        )
        assert (found.exit_code, found.output.splitlines()[1:2]) == (1, ["Checked 1 conversations with 1 messages."])


def test_what_somebody_stores_meanwhile_is_not_taken_back(tmp_path: Path, empty_database: Documents) -> None:
    upgrade(empty_database)
    path = forge(tmp_path / "forged", ("projects", [{"_id": 1}, {"_id": 1}]), ("users", [{**USER, "_id": ObjectId()}]))
    other = {**USER, "email": "bob@example.org", "createdAt": utc_now()}

    def register() -> None:
        empty_database["users"].insert_one(other)

    with armed("restore.projects", register):
        refusal(path, empty_database)

    assert [user["email"] for user in empty_database["users"].find()] == ["bob@example.org"]


def peak_of(do: Callable[[], object]) -> int:
    """Bytes at once."""
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_that_unpacks_to_much_more_takes_little_memory(tmp_path: Path) -> None:
    large = bson.encode({"_id": 1, "zeros": Binary(bytes(10 * MB))})
    forger = Forger(tmp_path / "large", HEADER)
    for _ in range(20):
        forger.put("users", large, 1)
    forger.close()
    small = forge(tmp_path / "small", ("users", [{"_id": number} for number in range(100_000)]))
    zeros = pack(tmp_path / "zeros", *([bytes(10 * MB)] * 20))

    assert peak_of(lambda: verify(tmp_path / "large")) < 100 * MB
    assert peak_of(lambda: verify(small)) < 20 * MB

    def unpack() -> None:
        with pytest.raises(ArchiveError, match="is damaged"):
            verify(zeros)

    assert peak_of(unpack) < 10 * MB
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 3 * MB
