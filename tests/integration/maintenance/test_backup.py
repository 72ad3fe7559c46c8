"""A backup is of one moment and whole, whatever is written meanwhile; a file that is not whole changes nothing."""

from __future__ import annotations

import gzip
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.database.diagnosis import DatabaseUnusable
from chatapp.database.migrations import _MIGRATIONS, SCHEMA_VERSION, upgrade
from chatapp.failpoints import armed
from chatapp.maintenance.archive import ArchiveError, ArchiveWriter, Batch, Header, read_archive, verify
from chatapp.maintenance.backup import back_up_to
from chatapp.maintenance.check import Check
from chatapp.maintenance.restore import Restore
from chatapp.models.chat_models import Feedback, Role
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import Chunk, GenerationRepository, GenerationWrite
from tests.support.api import make_app, sign_in, sign_up
from tests.support.history import Book, message, open_book, stored_log
from tests.support.mongod import Mongod
from tests.support.server import ROOT

Documents = Database[dict[str, Any]]


def quiet(_collection: str, _done: int, _total: int) -> None:
    """No progress is shown."""


def contents(database: Documents) -> dict[str, list[dict[str, Any]]]:
    names = set(database.list_collection_names()) - {"meta", "attempts", "system.profile"}
    return {name: sorted(database[name].find(), key=lambda one: str(one["_id"])) for name in sorted(names)}


def restored(book: Book, database: Documents) -> Book:
    """The same conversation in another database."""
    return Book(
        database, book.user_id, book.conversation_id, ConversationRepository(database), MessageRepository(database)
    )


def findings(database: Documents) -> list[str]:
    lines: list[str] = []
    Check(database, lines.append).run()
    return lines


@pytest.fixture
def book(database: Documents) -> Book:
    """A long conversation of somebody with others, on a database as the application uses it."""
    app = make_app(database)
    sign_up(app, "alice").post("/api/conversations/", json={"title": "short"})
    book = open_book(database)
    said = [book.say(f"message {number}").id for number in range(230)]
    book.say("edited", parent_id=said[20])
    book.marks.annotate(*book.key, said[30], {"feedback": Feedback.UP})
    return book


@pytest.fixture
def file(book: Book, tmp_path: Path) -> Path:
    path = tmp_path / "chatapp.gz"
    back_up_to(path, book.database, quiet)
    return path


def test_what_is_backed_up_comes_back_exactly(book: Book, tmp_path: Path, empty_database: Documents) -> None:
    before, seen = contents(book.database), []
    path = tmp_path / "chatapp.gz"

    count = back_up_to(path, book.database, lambda *progress: seen.append(progress))
    assert Restore(path, empty_database, quiet).run() == count

    assert contents(empty_database) == before
    assert count == sum(map(len, before.values()))
    assert {name: done for name, done, _ in seen} == {name: len(found) for name, found in before.items() if found}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert findings(empty_database) == []
    assert sign_in(make_app(empty_database), "alice").get("/api/conversations/").status_code == 200
    assert restored(book, empty_database).say("goes on").parent_id == restored(book, empty_database).shown()[-2]


@pytest.mark.parametrize("collection", ["generations", "message_pages", "conversations", "users"])
def test_a_backup_is_of_the_moment_when_it_was_begun(
    book: Book, tmp_path: Path, empty_database: Documents, collection: str
) -> None:
    """Messages move from the conversation into pages while it is between the two."""
    before = contents(book.database)
    path = tmp_path / "chatapp.gz"

    def meanwhile() -> None:
        for number in range(150):
            book.say(f"meanwhile {number}")
        open_book(book.database).say("a new one")

    with armed(f"backup.{collection}", meanwhile):
        back_up_to(path, book.database, quiet)
    Restore(path, empty_database, quiet).run()

    assert contents(empty_database) == before


def test_what_was_acknowledged_before_it_began_is_in_it_and_what_is_in_it_is_whole(
    database: Documents, tmp_path: Path, empty_database: Documents
) -> None:
    """While four people write at full speed."""
    books = [open_book(database) for _ in range(4)]
    said: dict[str, list[str]] = {book.conversation_id: [] for book in books}
    done = threading.Event()

    def write(book: Book) -> None:
        while not done.is_set():
            said[book.conversation_id].append(book.say("x" * 2_000).id)

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, book) for book in books]
        try:
            while min(map(len, said.values())) < 120:
                time.sleep(0.01)
            acknowledged = {id_: list(ids) for id_, ids in said.items()}
            for number in range(3):
                back_up_to(tmp_path / f"{number}.gz", database, quiet)
        finally:
            done.set()
        for future in writing:
            future.result()

    Restore(tmp_path / "2.gz", empty_database, quiet).run()
    for book in books:
        ids = [entry["id"] for entry in stored_log(restored(book, empty_database))]
        own = said[book.conversation_id]
        assert ids == own[: len(ids)], "a beginning of what was said"
        assert len(ids) >= len(acknowledged[book.conversation_id])
    assert findings(empty_database) == []


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


def test_a_backup_of_an_older_version_is_migrated(file: Path, empty_database: Documents) -> None:
    with file.with_name("older").open("wb") as stream:
        writer = ArchiveWriter(stream, Header(0, datetime.now(UTC)))
        writer.close()

    Restore(file.with_name("older"), empty_database, quiet).run()

    schema = empty_database["meta"].find_one({"_id": "schema"})
    assert schema is not None
    assert schema["version"] == SCHEMA_VERSION


def test_a_file_that_exists_is_not_overwritten_and_a_failure_leaves_none(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "chatapp.gz"
    path.write_text("precious")

    with pytest.raises(ArchiveError, match="exists already"):
        back_up_to(path, book.database, quiet)
    assert path.read_text() == "precious"

    def fail() -> None:
        raise OSError(28, "No space left on device")

    with (
        armed("backup.users", fail),
        pytest.raises(ArchiveError, match=r"cannot be written \(No space left on device\)"),
    ):
        back_up_to(tmp_path / "other.gz", book.database, quiet)
    with pytest.raises(ArchiveError, match=r"cannot be written \(No such file or directory\)"):
        back_up_to(tmp_path / "missing" / "file.gz", book.database, quiet)
    assert list(tmp_path.iterdir()) == [path]


def test_one_backup_at_a_time(book: Book, tmp_path: Path) -> None:
    """The second would shorten the history that the first reads."""
    histories: list[int] = []

    def another() -> None:
        with pytest.raises(ArchiveError, match="Another backup is being made"):
            back_up_to(tmp_path / "second.gz", book.database, quiet)
        histories.append(set_history(book.database.client, 86_400))

    with armed("backup.users", another):
        back_up_to(tmp_path / "first.gz", book.database, quiet)
    back_up_to(tmp_path / "second.gz", book.database, quiet)

    assert histories == [86_400]
    assert set_history(book.database.client, 300) == 300


def test_a_database_without_anything_is_backed_up_and_restored(tmp_path: Path, empty_database: Documents) -> None:
    path = tmp_path / "empty.gz"

    assert back_up_to(path, empty_database, quiet) == 0
    assert Restore(path, empty_database, quiet).run() == 0


@pytest.fixture(scope="module")
def guarded() -> Iterator[Mongod]:
    """The user ``owner`` owns the application's database; ``root`` may change parameters, too."""
    users = {"owner": {"role": "dbOwner", "db": "chatapp"}, "root": {"role": "root", "db": "admin"}}
    with Mongod(users=users) as mongod:
        yield mongod


def set_history(client: MongoClient[dict[str, Any]], seconds: int) -> int:
    """How far MongoDB reads back in time. Returns how far it did before."""
    return int(client.admin.command({"setParameter": 1, "minSnapshotHistoryWindowInSeconds": seconds})["was"])


@pytest.mark.parametrize("user", ["owner", "root"])
def test_a_backup_that_takes_longer_than_the_history_says_so_or_extends_it(
    guarded: Mongod, tmp_path: Path, user: str
) -> None:
    def connect(name: str) -> MongoClient[dict[str, Any]]:
        return MongoClient(guarded.uri_with(f"{name}:{name}@", "replicaSet=rs0&authSource=admin"), tz_aware=True)

    path = tmp_path / "chatapp.gz"
    with connect(user) as client, connect("root") as root:
        set_history(root, 1)
        upgrade(client["chatapp"])
        book = open_book(client["chatapp"])

        def take_long() -> None:
            """Old versions go when something newer was written, and then with a checkpoint."""
            deadline = time.monotonic() + 4
            while time.monotonic() < deadline:
                book.say("x" * 10_000)
            root.admin.command("fsync")

        with armed("backup.conversations", take_long):
            if user == "owner":
                with pytest.raises(ArchiveError, match="minSnapshotHistoryWindowInSeconds: 86400"):
                    back_up_to(path, client["chatapp"], quiet)
            else:
                back_up_to(path, client["chatapp"], quiet)

        assert set_history(root, 300) == 1, "as it was before"
    assert path.exists() == (user == "root")


def test_a_migration_makes_a_backup_first_where_a_folder_is_set(
    database: Documents, empty_database: Documents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty_database)
    book = open_book(empty_database)
    book.say("before the migration")
    folder = tmp_path / "backups"
    parts = make_app(empty_database, CHATAPP_BACKUP_DIR=str(folder)).extensions["chatapp"]
    parts.upgrade_database()
    assert list(folder.iterdir()) == [], "nothing is migrated"

    def migrate(database: Documents) -> None:
        database["conversations"].delete_many({})

    migrations = (*_MIGRATIONS, migrate)
    monkeypatch.setattr("chatapp.database.migrations._MIGRATIONS", migrations)
    monkeypatch.setattr(upgrade, "__defaults__", (migrations,))
    parts.upgrade_database()

    (made,) = folder.iterdir()
    assert empty_database["conversations"].count_documents({}) == 0
    assert verify(made)[1]["conversations"] == 1


def test_a_migration_whose_backup_fails_does_not_happen(
    empty_database: Documents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty_database)
    ran: list[str] = []
    migrations = (*_MIGRATIONS, lambda _: ran.append("migrated"))
    monkeypatch.setattr(upgrade, "__defaults__", (migrations,))
    parts = make_app(empty_database, CHATAPP_BACKUP_DIR=str(tmp_path)).extensions["chatapp"]
    tmp_path.rename(tmp_path.with_name("elsewhere"))

    with pytest.raises(ArchiveError, match="cannot be written"):
        parts.upgrade_database()

    assert ran == []


def flask(uri: str, *words: str, database: str) -> subprocess.CompletedProcess[bytes]:
    environ = {**os.environ, "SECRET_KEY": "only-for-tests", "MONGODB_URI": uri, "MONGODB_DB": database}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=False, timeout=120)


def test_the_commands_show_what_they_do(
    book: Book, mongodb_uri: str, tmp_path: Path, empty_database: Documents
) -> None:
    path = tmp_path / "chatapp.gz"
    total = sum(map(len, contents(book.database).values()))

    made = flask(mongodb_uri, "backup", str(path), database=book.database.name)
    again = flask(mongodb_uri, "backup", str(path), database=book.database.name)
    piped = flask(mongodb_uri, "backup", "-", database=book.database.name)
    back = flask(mongodb_uri, "restore", str(path), "--into", empty_database.name, database=book.database.name)
    twice = flask(mongodb_uri, "restore", str(path), database=book.database.name)

    assert (made.returncode, made.stdout) == (0, b"")
    assert f"Backed up {total} documents into {path}." in made.stderr.decode()
    assert "conversations: 2\n" in made.stderr.decode()
    assert (again.returncode, again.stderr.decode()) == (1, f"Error: {path} exists already.\n")
    (tmp_path / "piped.gz").write_bytes(piped.stdout)
    assert verify(tmp_path / "piped.gz")[1] == verify(path)[1]
    assert back.returncode == 0, back.stderr
    assert f"Restored {total} documents into {empty_database.name}." in back.stderr.decode()
    assert back.stdout.decode() == "Checked 2 conversations with 231 messages.\n"
    assert contents(empty_database) == contents(book.database)
    assert (twice.returncode, twice.stderr.count(b"is not empty")) == (1, 1)
