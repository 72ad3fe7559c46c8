"""From what ``mongod`` leaves behind when it ends to one line that helps."""

from __future__ import annotations

import re
import signal
from pathlib import Path

ADDRESS_IN_USE = 48
"""MongoDB's exit status where it cannot listen (``EXIT_NET_ERROR``)."""


def missing_library(output: str) -> str | None:
    """The shared library that the loader did not find, if that is what it says."""
    found = re.search(r"error while loading shared libraries: ([^:\s]+)", output)
    return found[1] if found else None


def explain(exit_status: int, output: str, *, data: Path, log: Path) -> str:
    """Why ``mongod`` ended, and what to do: ``output`` is what it wrote since its start."""
    library = missing_library(output)
    if library:
        return f"mongod needs the library {library}. Install that, or set MONGODB_URI to a MongoDB that runs elsewhere."
    if exit_status == -signal.SIGILL:
        return "This processor lacks AVX, which mongod needs. Set MONGODB_URI to a MongoDB that runs elsewhere."
    for marks, sentence in _SENTENCES:
        if any(mark in output for mark in marks):
            return sentence.format(data=data, log=log)
    return f"mongod ended with status {exit_status}. What it says about it is at the end of {log}."


_SENTENCES = (
    (
        ("DBPathInUse", "Unable to lock the lock file"),
        "Another mongod uses the data in {data}. Stop it, or set CHATAPP_DATA_DIR to another folder.",
    ),
    (
        ("No space left on device", "OutOfDiskSpace", "available disk space"),
        "The disk that holds {data} is full. Make room there, or set CHATAPP_DATA_DIR to a folder on another disk.",
    ),
    (
        ("Wrong mongod version", "UPGRADE PROBLEM", "featureCompatibilityVersion document", "unsupported WiredTiger"),
        "The data in {data} was written by another version of MongoDB. Put that mongod on PATH; {log} says more.",
    ),
    (
        ("Permission denied", "Operation not permitted"),
        "mongod may not use the files in {data}. Give them to the user who starts it, or set CHATAPP_DATA_DIR.",
    ),
    (
        ("Address already in use",),
        "The port of mongod was taken by another program in the meantime. Start again.",
    ),
    (
        ("WT_PANIC", "Detected data corruption", "WiredTiger metadata corruption"),
        "The data in {data} is damaged, as a failing disk does. Restore a backup of it; {log} says more.",
    ),
)
