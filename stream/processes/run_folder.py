"""The folder of one run: sockets, rings, logs. Only the user can enter it; in memory (/dev/shm) where that exists.

The supervisor holds a lock on it for as long as it lives. A folder whose lock nobody holds belongs to a run that was
killed; the next start removes it.
"""

import fcntl
import math
import os
import shutil
import tempfile
import time
from pathlib import Path

from duopose.stream.errors import UsageError

UNLOCKED_AGE = 60  # s until a folder that was never finished counts as left behind


def home():
    """Where run folders lie."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


def _prefix():
    return f"duopose-{os.getuid()}-"


def _lock(folder):
    """An open, locked handle of the folder, or None if somebody else holds it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


class RunFolder:
    def __init__(self, where=None):
        """Clear what killed runs left in `where` (default: `home()`), then make and lock a folder of our own.

        UsageError if `where` does not allow that.
        """
        where = Path(where or home())
        clear(where)
        try:
            hidden = tempfile.mkdtemp(prefix="." + _prefix(), dir=where)  # locked before anybody can see it; mode 0700
        except OSError as error:
            raise UsageError(f"can't make a folder for the run in {where}: {error.strerror}") from None
        self.handle = _lock(hidden)
        self.path = where / Path(hidden).name.removeprefix(".")
        os.rename(hidden, self.path)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.handle)


def _changed_at(folder):
    """s since the epoch; the far future if it was just removed."""
    try:
        return folder.stat().st_ctime
    except OSError:
        return math.inf


def clear(where):
    """Remove the folders of runs that are no more."""
    for folder in where.glob("." + _prefix() + "*"):
        if time.time() - _changed_at(folder) > UNLOCKED_AGE:
            shutil.rmtree(folder, ignore_errors=True)
    for folder in where.glob(_prefix() + "*"):
        if (handle := _lock(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def running(where: str | Path | None = None) -> list[Path]:
    """Folders of the runs of this user that are going on, newest first."""
    folders = []
    for folder in Path(where or home()).glob(_prefix() + "*"):
        if (handle := _lock(folder)) is None:
            folders.append(folder)
        else:
            os.close(handle)
    return sorted(folders, key=_changed_at, reverse=True)
