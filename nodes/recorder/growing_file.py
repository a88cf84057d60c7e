"""A file that only grows, has one writer, and is on the disk a second later."""

import errno
import fcntl
import os
import stat
import threading

SYNC = 1.0  # s between two times that what was written is forced to the disk
LAST_SYNC = 2.0  # s that closing waits for the disk


class GrowingFile:
    """Opened for appending: what it holds stays. Pipes and devices are written to as they are."""

    def __init__(self, path):
        """Raises OSError; BlockingIOError where another run is writing the file."""
        self.path = path
        special = os.path.exists(path) and not os.path.isfile(path)
        self.handle = os.open(path, os.O_APPEND | os.O_CREAT | (os.O_WRONLY if special else os.O_RDWR), 0o666)
        try:
            status = os.fstat(self.handle)
            self.regular = stat.S_ISREG(status.st_mode)
            if self.regular:
                self._lock()
            self.size = os.fstat(self.handle).st_size if self.regular else 0  # bytes
        except OSError:
            os.close(self.handle)
            raise
        self._sync = _Sync(self.handle) if self.regular else None

    def _lock(self):
        """The kernel lets go of the lock when this process ends, however it does."""
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(errno.EAGAIN, "another run is writing it") from None
        except OSError:
            return  # a file system without locks: go on without

    def append(self, data):
        """Write all of the bytes or, where that raises OSError, none of them."""
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self.handle, view) :]
        except OSError:
            if self.regular:
                os.ftruncate(self.handle, self.size)  # what was written of them
            raise
        self.size += len(data)
        if self._sync:
            self._sync.due = True

    def clear(self):
        """Throw away what the file holds."""
        if self.regular:
            os.ftruncate(self.handle, 0)
        self.size = 0

    def gone(self):
        """Whether the file was deleted or moved, or its folder was: what is written would be lost."""
        try:
            return self.regular and not os.path.samestat(os.stat(self.path), os.fstat(self.handle))
        except OSError:
            return True

    def take_error(self):
        """What went wrong on the way to the disk since the last call, or None."""
        if self._sync is None:
            return None
        error, self._sync.error = self._sync.error, None
        return error

    def read(self, count, start):
        """`count` bytes from byte `start` on, less at the end."""
        return os.pread(self.handle, count, start)

    def close(self, wait=True):
        """wait   for the disk, but not for ever; else the thread does by itself"""
        if self._sync:
            self._sync.end(LAST_SYNC if wait else 0.0)
        os.close(self.handle)


class _Sync(threading.Thread):
    """Forces a file to the disk; a slow disk holds up this thread alone."""

    def __init__(self, handle):
        super().__init__(name="sync", daemon=True)
        self.handle = os.dup(handle)
        self.due, self.error = False, None
        self._ended = threading.Event()
        self.start()

    def run(self):
        while not self._ended.wait(SYNC):
            self._once()
        self._once()
        os.close(self.handle)

    def _once(self):
        if not self.due:
            return
        self.due = False
        try:
            os.fsync(self.handle)
        except OSError as error:
            self.error = error

    def end(self, patience):
        self._ended.set()
        self.join(patience)
