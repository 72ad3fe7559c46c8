"""Only a whole backup is restored, into an empty database. Anything else says so in a line and changes nothing."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatapp.database.diagnosis import DatabaseUnusable
from chatapp.database.migrations import SCHEMA_VERSION, upgrade
from chatapp.failpoints import armed
from chatapp.maintenance.archive import ArchiveError, ArchiveWriter, Batch, Header, read_archive, verify
from chatapp.maintenance.backup import back_up_to
from chatapp.maintenance.check import Check
from chatapp.maintenance.restore import Restore
from chatapp.models.chat_models import Role
from chatapp.repositories.generation_repository import Chunk, GenerationRepository, GenerationWrite
from tests.integration.maintenance.contents import Documents, contents, quiet, restored
from tests.support.history import Book, message


def test_an_answer_that_was_being_written_is_ended_with_its_text(
    book: Book, tmp_path: Path, empty_database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("chatapp.generation.reap", "chatapp.maintenance.abandoned"):
        monkeypatch.setattr(f"{module}.DEAD_AFTER", 0.5)
        monkeypatch.setattr(f"{module}.LOOK_EVERY", 0.1)
    asked = message(book, "question", book.window().conversation.active_message_id)
    answer = message(book, "", asked.id, Role.ASSISTANT, model="model")
    assert book.conversations.turns.begin(book.window(), asked, answer, 0, title=None)
    written = GenerationWrite(answer.id, *book.key, True, Chunk(0, "half an ans"))
    GenerationRepository(book.database).write("worker", [written])
    path = tmp_path / "chatapp.gz"
    back_up_to(path, book.database, quiet)

    Restore(path, empty_database, quiet).run()
    assert Check(empty_database, print).run(repair=True).is_well

    ended = restored(book, empty_database).messages.find(*book.key, answer.id)[0]
    assert (ended.status.value, ended.content) == ("interrupted", "half an ans")
    assert book.window().conversation.generation is not None, "the original goes on"


def test_a_file_that_is_damaged_anywhere_says_so_and_changes_nothing(file: Path, empty_database: Documents) -> None:
    whole, content = file.read_bytes(), list(read_archive(file))
    step = len(whole) // 60
    for at in [*range(20), *range(20, len(whole), step), *range(len(whole) - 12, len(whole))]:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        if _reads_as(file, content):
            continue  # a bit of padding between two blocks of deflate, which means nothing

        with pytest.raises(ArchiveError) as refused:
            Restore(file, empty_database, quiet).run()

        assert str(file) in str(refused.value)
        assert "\n" not in str(refused.value)
    assert empty_database.list_collection_names() == []


def _reads_as(file: Path, content: list[Header | Batch]) -> bool:
    try:
        return list(read_archive(file)) == content
    except ArchiveError:
        return False


def test_a_file_that_is_cut_off_says_so_and_changes_nothing(file: Path, empty_database: Documents) -> None:
    whole = file.read_bytes()
    for length in [*range(12, len(whole), len(whole) // 60), len(whole) - 8, len(whole) - 1]:
        file.write_bytes(whole[:length])

        with pytest.raises(ArchiveError, match="is cut off: it is not complete"):
            Restore(file, empty_database, quiet).run()
    assert empty_database.list_collection_names() == []


def test_what_is_no_backup_says_so(tmp_path: Path, empty_database: Documents) -> None:
    file = tmp_path / "file"
    for content, reason in (
        (b"", "is not a backup of this application"),
        (b"PK\3\4 something else altogether", "is not a backup of this application"),
        (gzip.compress(b"something else altogether", mtime=0, compresslevel=6), "is "),
    ):
        file.write_bytes(content)
        with pytest.raises(ArchiveError, match=reason):
            Restore(file, empty_database, quiet).run()
    with pytest.raises(ArchiveError, match=r"cannot be read \(No such file or directory\)"):
        Restore(tmp_path / "missing", empty_database, quiet).run()
    assert empty_database.list_collection_names() == []


def test_more_after_the_end_or_less_than_counted_is_damage(tmp_path: Path, file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"more")
    with pytest.raises(ArchiveError, match="is damaged"):
        verify(file)

    class Miscounting(ArchiveWriter):
        def close(self) -> None:
            self.counts["users"] += 1
            super().close()

    with (tmp_path / "miscounted").open("wb") as stream:
        Miscounting(stream, Header(1, datetime.now(UTC))).close()
    with pytest.raises(ArchiveError, match="is damaged"):
        verify(tmp_path / "miscounted")


def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path, empty_database: Documents) -> None:
    with (tmp_path / "newer").open("wb") as stream:
        ArchiveWriter(stream, Header(SCHEMA_VERSION + 1, datetime.now(UTC))).close()

    with pytest.raises(ArchiveError, match="was made by a newer version of the program"):
        Restore(tmp_path / "newer", empty_database, quiet).run()
    assert empty_database.list_collection_names() == []


def test_only_an_empty_database_is_restored_into(file: Path, empty_database: Documents) -> None:
    upgrade(empty_database)  # the application runs on it, and nobody has used it
    empty_database["users"].insert_one(
        {"email": "a@b", "name": "", "passwordHash": "", "createdAt": datetime.now(UTC), "settings": {}}
    )
    before = contents(empty_database)

    with pytest.raises(ArchiveError, match="is not empty"):
        Restore(file, empty_database, quiet).run()
    assert contents(empty_database) == before

    empty_database["users"].delete_many({})
    assert Restore(file, empty_database, quiet).run() > 0
    with pytest.raises(ArchiveError, match="is not empty"):
        Restore(file, empty_database, quiet).run()


def test_a_restore_that_was_interrupted_leaves_a_database_that_nobody_uses(
    file: Path, empty_database: Documents
) -> None:
    def crash() -> None:
        raise SystemExit

    with armed("restore.message_pages", crash), pytest.raises(SystemExit):
        Restore(file, empty_database, quiet).run()

    with pytest.raises(DatabaseUnusable, match="drop the database and restore it again"):
        upgrade(empty_database)
    with pytest.raises(ArchiveError, match="was interrupted"):
        Restore(file, empty_database, quiet).run()
    empty_database.client.drop_database(empty_database.name)
    assert Restore(file, empty_database, quiet).run() > 0


def test_a_backup_of_an_older_version_is_migrated(tmp_path: Path, empty_database: Documents) -> None:
    with (tmp_path / "older").open("wb") as stream:
        writer = ArchiveWriter(stream, Header(0, datetime.now(UTC)))
        writer.close()

    Restore(tmp_path / "older", empty_database, quiet).run()

    schema = empty_database["meta"].find_one({"_id": "schema"})
    assert schema is not None
    assert schema["version"] == SCHEMA_VERSION
