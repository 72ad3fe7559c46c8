"""A backup is of one moment and whole, whatever is written meanwhile."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatapp.failpoints import armed
from chatapp.maintenance.archive import ArchiveError, verify
from chatapp.maintenance.backup import back_up_to
from chatapp.maintenance.restore import Restore
from tests.integration.maintenance.contents import Documents, contents, findings, quiet, restored
from tests.support.api import make_app, sign_in
from tests.support.history import Book, open_book, stored_log
from tests.support.server import ROOT


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


def test_a_database_without_anything_is_backed_up_and_restored(tmp_path: Path, empty_database: Documents) -> None:
    path = tmp_path / "empty.gz"

    assert back_up_to(path, empty_database, quiet) == 0
    assert Restore(path, empty_database, quiet).run() == 0


def flask(uri: str, *words: str, database: str) -> subprocess.CompletedProcess[bytes]:
    environ = {**os.environ, "SECRET_KEY": "only-for-tests", "MONGODB_URI": uri, "MONGODB_DB": database}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=False, timeout=120)


def test_the_commands_show_what_they_do(
    book: Book, mongodb_uri: str, tmp_path: Path, empty_database: Documents
) -> None:
    path = tmp_path / "chatapp.gz"
    total = sum(map(len, contents(book.database).values()))

    runner = make_app(book.database).test_cli_runner()  # within this process, which starts no application for each

    made = flask(mongodb_uri, "backup", str(path), database=book.database.name)
    piped = flask(mongodb_uri, "backup", "-", database=book.database.name)
    again = runner.invoke(args=["backup", str(path)])
    back = runner.invoke(args=["restore", str(path), "--into", empty_database.name])
    twice = runner.invoke(args=["restore", str(path)])

    assert (made.returncode, made.stdout) == (0, b"")
    assert f"Backed up {total} documents into {path}." in made.stderr.decode()
    assert "conversations: 2\n" in made.stderr.decode()
    assert (again.exit_code, again.stderr) == (1, f"Error: {path} exists already.\n")
    (tmp_path / "piped.gz").write_bytes(piped.stdout)
    assert verify(tmp_path / "piped.gz")[1] == verify(path)[1]
    assert back.exit_code == 0, back.stderr
    assert f"Restored {total} documents into {empty_database.name}." in back.stderr
    assert back.stdout == "Checked 2 conversations with 231 messages.\n"
    assert contents(empty_database) == contents(book.database)
    assert (twice.exit_code, twice.stderr.count("is not empty")) == (1, 1)
