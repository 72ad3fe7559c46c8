"""A migration makes a backup first where a folder is set."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp.database.migrations import _MIGRATIONS, upgrade
from chatapp.maintenance.archive import ArchiveError, verify
from tests.integration.maintenance.contents import Documents
from tests.support.api import make_app
from tests.support.history import open_book


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
