"""The folder of one run: sockets, rings, logs. Only the user can enter it; in memory (/dev/shm) where that has room.

The supervisor holds a lock on it for as long as it lives. A folder whose lock nobody holds belongs to a run that was
killed; the next start removes it.
"""

import contextlib
import fcntl
import math
import os
import shutil
import tempfile
import time
from pathlib import Path

from duopose.stream.errors import UsageError

LONGEST = 50  # bytes of a place's name: a socket's name, which is longer by folder, node and camera, may have 107
UNLOCKED_AGE = 60  # s until a folder that was never finished counts as left behind
ROOM = 16 << 20  # bytes: what the logs of all nodes may grow to; a ring reserves its own and says what it lacks


def places():
    """Where run folders may lie, the best place first."""
    found = [Path("/dev/shm")]
    with contextlib.suppress(FileNotFoundError):  # nothing can be written to any folder for temporary files
        found.append(Path(tempfile.gettempdir()))
    return [place for place in found if os.access(place, os.W_OK) and len(os.fsencode(place)) <= LONGEST]


def home():
    """Where a new run folder goes. UsageError if every place is full: a node that can't write there just aborts."""
    found = places()
    for place in found:
        if _room(place) >= ROOM:
            return place
    raise UsageError(
        f"no room for the run's sockets and logs in {' or '.join(map(str, found)) or 'any temporary folder'}: "
        f"free {ROOM >> 20} MB there. In a container, start it with a larger /dev/shm (docker run --shm-size=1g)"
    )


def _room(place):
    """Bytes that the user may still write there."""
    status = os.statvfs(place)
    return status.f_bavail * status.f_frsize


def _prefix():
    return f"duopose-{os.getuid()}-"


def _open(folder):
    """A handle of the folder, or None unless it is a folder of this user that nobody else may enter.

    In a place like /dev/shm anybody can leave a pipe, a link or a folder with a name like ours.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    status = os.fstat(handle)
    if status.st_uid == os.getuid() and not status.st_mode & 0o077:
        return handle
    os.close(handle)
    return None


def _lock(handle):
    """Whether the folder is ours now: nobody else holds its lock."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class RunFolder:
    def __init__(self, where=None):
        """Clear what killed runs left in `where` (default: all `places()`), then make and lock a folder of our own.

        where   its parent; default: `home()`
        UsageError if `where` does not allow that.
        """
        for place in [Path(where)] if where else places():
            clear(place)
        where = Path(where or home())
        try:
            hidden = tempfile.mkdtemp(prefix="." + _prefix(), dir=where)  # locked before anybody can see it; mode 0700
        except OSError as error:
            raise UsageError(f"can't make a folder for the run in {where}: {error.strerror}") from None
        self.handle = _open(hidden)
        _lock(self.handle)
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
        if (handle := _open(folder)) is not None:
            if _lock(handle):
                shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def running(where: str | Path | None = None) -> list[Path]:
    """Folders of the runs of this user that are going on, newest first."""
    folders = []
    parents = [Path(where)] if where else places()
    for folder in (folder for parent in parents for folder in parent.glob(_prefix() + "*")):
        if (handle := _open(folder)) is not None:
            if not _lock(handle):
                folders.append(folder)
            os.close(handle)
    return sorted(folders, key=_changed_at, reverse=True)


def run_folder_of(pid):
    """Where the supervisor of that process number has its run, which it keeps open; None if there is none yet."""
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            path = Path(os.readlink(file))
        except OSError:
            continue
        if path.name.startswith("duopose-") and path.is_dir():
            return path
    return None
