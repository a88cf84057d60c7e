"""Pixels in shared memory: a file of slots, mapped by everybody, each slot with a sequence number (a seqlock).

The number is odd while a slot is being written and grows by two with each picture. A message names slot and number; a
reader that finds another number, before or after it has read, was overtaken. Nobody waits for anybody.

Stores of 8 aligned bytes are atomic and, on x86, seen in order. Elsewhere the order rests on the interpreter's many
instructions between them.
"""

import errno
import mmap
import os
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from duopose.stream.errors import UsageError

PAGE = 4096  # bytes; slots start on pages
SUFFIX = ".ring"
MAPPED = 3  # rings of one writer that a reader keeps


class Slot(NamedTuple):
    """Where a picture lies: the three fields of `Frame` that say so."""

    ring: str
    slot: int
    sequence: int


def _round_up(size):
    return -(-size // PAGE) * PAGE


def reserve(file, size, who_needs="pictures of this size need"):
    """Give the file real memory now: a full /dev/shm would otherwise kill whoever touches the page (SIGBUS)."""
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise UsageError(
            f"shared memory is full: {who_needs} {size / 1e6:.0f} MB. "
            f"In a container, start it with a larger /dev/shm (docker run --shm-size=1g)"
        ) from None
    except AttributeError:  # macOS has no posix_fallocate
        os.ftruncate(file, size)


class Ring:
    """One mapped file: a page of [slots, bytes per slot, sequence of slot 0, 1, ...], then the slots."""

    def __init__(self, path, create=None):
        """Map an existing ring, or make one with create = (slots, bytes per slot). UsageError if memory is short."""
        flags = os.O_RDWR | (os.O_CREAT | os.O_EXCL if create else 0)
        file = os.open(path, flags, 0o600)
        try:
            if create:
                reserve(file, PAGE + create[0] * _round_up(create[1]))
            memory = mmap.mmap(file, 0)
        except BaseException:
            if create:
                os.unlink(path)
            raise
        finally:
            os.close(file)
        header = np.frombuffer(memory, np.uint64, PAGE // 8)
        if create:
            header[:2] = create[0], _round_up(create[1])
        self.slots, self.size = int(header[0]), int(header[1])
        self.sequences = header[2 : 2 + self.slots]
        self.pixels = np.frombuffer(memory, np.uint8, self.slots * self.size, PAGE).reshape(self.slots, self.size)

    def write(self, slot, picture):
        """Copy `picture`, uint8 of any shape that fits, into the slot -> its sequence number."""
        sequence = int(self.sequences[slot]) | 1
        self.sequences[slot] = sequence
        self.pixels[slot, : picture.size].reshape(picture.shape)[...] = picture
        self.sequences[slot] = sequence + 1
        return sequence + 1

    def view(self, slot, sequence, shape):
        """The picture as a read-only view, or None if it is gone. Ask `holds` again after using it."""
        size = int(np.prod(shape))
        if not (0 <= slot < self.slots and 0 <= size <= self.size and self.holds(slot, sequence)):
            return None
        view = self.pixels[slot, :size].reshape(shape)
        view.flags.writeable = False
        return view

    def holds(self, slot, sequence):
        """Whether the slot still has the picture of that sequence number."""
        return int(self.sequences[slot]) == sequence


class RingWriter:
    """Puts pictures into one slot after the other; takes a new, larger ring when the pictures grow.

    With more slots than pictures in flight, no slot is written before everybody is done with it.

    name   of the node that writes, which its rings begin with; without a dot behind the camera's name
    """

    def __init__(self, folder, slots, name="ring"):
        self.folder, self.slots, self.writer = Path(folder), slots, name
        self.ring, self.name, self.written, self.rings = None, None, 0, 0

    def put(self, picture):
        """uint8 [H, W, 3] -> Slot. UsageError if shared memory is too small."""
        if self.ring is None or picture.size > self.ring.size:
            grown = int(self.ring.size * 1.5) if self.ring else 0  # a folder of images: do not grow one by one
            self.rings += 1
            self.name = f"{self.writer}.{os.getpid()}-{self.rings}{SUFFIX}"
            self.ring = Ring(self.folder / self.name, create=(self.slots, max(picture.size, grown)))
            self.written = 0
        slot = self.written % self.slots
        sequence = self.ring.write(slot, picture)
        self.written += 1
        if self.written == self.slots:  # what lies in older rings is older than anything in flight
            for path in self.folder.glob(f"{self.writer}.*{SUFFIX}"):
                if path.name != self.name:
                    path.unlink()
        return Slot(self.name, slot, sequence)


class RingReader:
    """Finds the pictures of frames in the rings of a run folder. What a frame names is not trusted.

    writers   how many there are, at most
    """

    def __init__(self, folder, writers=1):
        self.folder, self.rings = Path(folder), OrderedDict()
        self.expect(writers)

    def expect(self, writers):
        """There are so many from now on. Rings whose files are gone are let go."""
        self.most = MAPPED * writers
        for name in [name for name in self.rings if not (self.folder / name).exists()]:
            del self.rings[name]

    def view(self, frame):
        """Its pixels, uint8 [H, W, 3], read-only, not copied; None if they are gone. Ask `holds` after using them."""
        ring = self._map(frame.ring)
        return ring and ring.view(frame.slot, frame.sequence, (frame.height, frame.width, 3))

    def holds(self, frame):
        """Whether the frame's pixels are still there."""
        ring = self._map(frame.ring)
        return ring is not None and ring.holds(frame.slot, frame.sequence)

    def _map(self, name):
        if name not in self.rings:
            if os.path.basename(name) != name:
                return None
            try:
                self.rings[name] = Ring(self.folder / name)
            except (OSError, ValueError):  # ValueError: a file too short to be one
                return None
            if len(self.rings) > self.most:
                self.rings.popitem(last=False)
        return self.rings[name]
