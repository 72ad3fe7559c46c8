"""Creates the collections that the code expects, with their validators and indexes.

Idempotent, and safe when several workers do it at once. If nothing is missing it only reads.
"""

from __future__ import annotations

from typing import Any

from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

from chatapp.database.indexes import INDEXES
from chatapp.database.validators import VALIDATORS

_NAMESPACE_EXISTS = 48


def apply_schema(database: Database[dict[str, Any]]) -> None:
    """Creates what is missing and changes the validators that differ.

    Raises:
        pymongo.errors.OperationFailure: there is an index of the same name with other keys or options; a migration has
            to drop it first.
    """
    existing = {one["name"]: one.get("options", {}) for one in database.list_collections()}
    for name, validator in VALIDATORS.items():
        if name not in existing:
            _create(database, name, validator)
        elif existing[name].get("validator") != validator:
            database.command("collMod", name, validator=validator)
    for name, indexes in INDEXES.items():
        present = set(database[name].index_information())
        if any(index.document["name"] not in present for index in indexes):
            database[name].create_indexes(indexes)


def _create(database: Database[dict[str, Any]], name: str, validator: dict[str, Any]) -> None:
    try:
        database.create_collection(name, validator=validator)
    except CollectionInvalid:
        pass
    except OperationFailure as error:
        if error.code != _NAMESPACE_EXISTS:
            raise
