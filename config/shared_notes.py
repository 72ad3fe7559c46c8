"""A note from each worker, which all workers can read.

They are in memory that gunicorn's master maps before it forks workers. No file belongs to it, so neither a full disk
nor a folder that was cleaned away can do any harm.
"""

import mmap
import time
import zlib

NOTE_BYTES = 128 * 1024
"""The longest note, compressed. Memory is taken only for what is written."""

_TRIES = 20


class SharedNotes:
    """``places`` workers can leave a note; those beyond leave none."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._memory = mmap.mmap(-1, places * NOTE_BYTES)

    def write(self, place: int, note: bytes) -> None:
        """Replaces the note at ``place``, or leaves it as it is if there is no room for the new one."""
        packed = zlib.compress(note, level=1)
        if place < self.places and len(packed) <= NOTE_BYTES:
            start = place * NOTE_BYTES
            self._memory[start : start + len(packed)] = packed

    def read(self, place: int) -> bytes:
        """The note at ``place``; empty if there is none, or if its writer was killed while it wrote."""
        start = place * NOTE_BYTES
        if place >= self.places or not self._memory[start]:
            return b""  # without looking at the rest, which takes memory as soon as it is read
        for _ in range(_TRIES):
            try:
                unpacking = zlib.decompressobj()
                note = unpacking.decompress(self._memory[start : start + NOTE_BYTES])
                if unpacking.eof:  # then its checksum was right as well
                    return note
            except zlib.error:
                pass
            time.sleep(0.001)  # it is being written at this moment
        return b""
