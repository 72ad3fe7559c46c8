"""Notes of workers, in memory that they share."""

from __future__ import annotations

import os
import random

from config.shared_notes import NOTE_BYTES, SharedNotes

INCOMPRESSIBLE = random.Random(1).randbytes(NOTE_BYTES)


def test_a_note_is_read_by_another_process() -> None:
    notes = SharedNotes(places=2)
    writer = os.fork()
    if not writer:
        notes.write(1, b"from the child")
        os._exit(0)
    os.waitpid(writer, 0)
    assert (notes.read(0), notes.read(1)) == (b"", b"from the child")


def test_a_shorter_note_replaces_a_longer_one() -> None:
    notes = SharedNotes(places=1)
    notes.write(0, INCOMPRESSIBLE[:5000])
    notes.write(0, b"short")
    assert notes.read(0) == b"short"


def test_a_note_without_room_leaves_the_others_as_they_are() -> None:
    notes = SharedNotes(places=2)
    notes.write(0, b"first")
    notes.write(1, b"second")
    notes.write(0, INCOMPRESSIBLE)
    notes.write(2, b"third")
    assert [notes.read(place) for place in range(3)] == [b"first", b"second", b""]


def test_a_note_whose_writer_was_killed_is_no_note() -> None:
    notes = SharedNotes(places=1)
    notes.write(0, INCOMPRESSIBLE[:5000])
    whole = notes._memory[:5000]
    notes.write(0, INCOMPRESSIBLE[5000:10_000])
    notes._memory[:2500] = whole[:2500]
    assert notes.read(0) == b""
