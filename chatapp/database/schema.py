"""Compares collections, validators and indexes with what the code expects, and corrects the differences.

A changed definition is applied while workers of the previous version serve, so two rules hold:

- It comes with a migration, even if that has nothing to do: the version of the database goes up, and a program of the
  previous version that starts later is refused instead of changing the definition back.
- An index that queries name as a hint keeps its definition. A different one gets another name, because it cannot be
  used while it is built again.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pymongo import IndexModel
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

from chatapp.database.indexes import COLLECTION_OPTIONS, INDEXES
from chatapp.database.validators import VALIDATORS

Step = Callable[[], object]

_NAMESPACE_EXISTS = 48
_STRICT = {"validationLevel": "strict", "validationAction": "error"}

log = logging.getLogger(__name__)


def steps_to_current(database: Database[dict[str, Any]]) -> list[Step]:
    """What has to be done to bring the collections to the code's definitions; nothing if they are there.

    Steps may be repeated after a crash, but not by several processes at once.
    """
    existing = {one["name"]: one.get("options", {}) for one in database.list_collections()}
    return [*_collection_steps(database, existing), *_index_steps(database, set(existing))]


def _collection_steps(database: Database[dict[str, Any]], existing: dict[str, dict[str, Any]]) -> Iterator[Step]:
    for name, validator in VALIDATORS.items():
        if name not in existing:
            yield partial(_create, database, name, validator)
        elif {**_STRICT, **existing[name]} != {**existing[name], **_STRICT, "validator": validator}:
            yield partial(database.command, "collMod", name, validator=validator, **_STRICT)


def _create(database: Database[dict[str, Any]], name: str, validator: dict[str, Any]) -> None:
    try:
        database.create_collection(name, validator=validator, **COLLECTION_OPTIONS.get(name, {}))
    except CollectionInvalid:
        pass  # a worker of the previous version has just created it
    except OperationFailure as error:
        if error.code != _NAMESPACE_EXISTS:
            raise


def _index_steps(database: Database[dict[str, Any]], existing: set[str]) -> Iterator[Step]:
    for name, indexes in INDEXES.items():
        collection = database[name]
        present = {one["name"]: one for one in collection.list_indexes()} if name in existing else {}
        missing = [index for index in indexes if index.document["name"] not in present]
        if missing:
            yield partial(collection.create_indexes, missing)
        for index in indexes:
            found = present.get(index.document["name"])
            if found is not None and _definition(found) != _definition(index.document):
                yield partial(_change_index, collection, index, found)


def _definition(index: Mapping[str, Any]) -> dict[str, Any]:
    """Keys and options that matter, comparable between the server's answer and the code."""
    options = {name: value for name, value in index.items() if name not in ("v", "ns", "name", "key", "background")}
    return {**options, "key": list(index["key"].items())}


def _change_index(collection: Collection[dict[str, Any]], index: IndexModel, found: Mapping[str, Any]) -> None:
    """In place if MongoDB can do that, so that it is never missing; otherwise dropped and built again."""
    name = index.document["name"]
    log.warning("the index %s of %s has another definition and is changed", name, collection.name)
    wanted, present = _definition(index.document), _definition(found)
    modify = partial(collection.database.command, "collMod", collection.name)
    differing = {option for option in {*wanted, *present} if wanted.get(option) != present.get(option)}
    if differing == {"expireAfterSeconds"} and len(wanted) == len(present):
        modify(index={"name": name, "expireAfterSeconds": wanted["expireAfterSeconds"]})
    elif differing == {"unique"} and wanted.get("unique"):
        # Refuses new duplicates first, then fails if there are old ones.
        modify(index={"name": name, "prepareUnique": True})
        modify(index={"name": name, "unique": True})
    else:
        collection.drop_index(name)
        collection.create_indexes([index])
