import fcntl
import os

import pytest

from duopose.stream.bus import Bus
from duopose.stream.errors import UsageError
from duopose.stream.processes import run_folder
from duopose.stream.processes.run_folder import RunFolder, running
from tests.toy import NODES


def test_a_start_clears_what_killed_runs_left_and_nothing_else(tmp_path):
    dead, alive_one = RunFolder(tmp_path), RunFolder(tmp_path)
    (dead.path / "a.ring").touch()
    os.close(dead.handle)  # what the end of a process does to its locks
    (tmp_path / "duopose-notes").mkdir()
    new = RunFolder(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["duopose-notes", alive_one.path.name, new.path.name]
    )
    assert running(tmp_path) == [new.path, alive_one.path]
    new.remove()
    alive_one.remove()
    assert running(tmp_path) == []


@pytest.fixture
def trap(tmp_path):
    """trap(make): something in the place of run folders that is named like one of ours."""
    return lambda make: make(tmp_path / f"duopose-{os.getuid()}-trap")


def open_to_all(path):
    path.mkdir()
    path.chmod(0o755)
    handle = os.open(path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)  # as a run would hold it


@pytest.mark.parametrize("make", [os.mkfifo, open_to_all, lambda path: path.symlink_to("/"), lambda path: path.touch()])
def test_what_others_leave_under_a_name_like_ours_is_neither_waited_for_nor_believed_nor_removed(make, trap, tmp_path):
    trap(make)
    folder = RunFolder(tmp_path)
    assert running(tmp_path) == [folder.path]
    folder.remove()
    assert [path.name for path in tmp_path.iterdir()] == [f"duopose-{os.getuid()}-trap"]


def test_only_the_user_can_enter_the_run_folder(tmp_path):
    folder = RunFolder(tmp_path)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    Bus(str(folder.path), "capture", NODES).close()
    folder.remove()


def test_a_run_lies_where_there_is_room_and_is_found_there(tmp_path, monkeypatch):
    full, free = tmp_path / "full", tmp_path / "free"
    full.mkdir()
    free.mkdir()
    room = {full: run_folder.ROOM - 1, free: run_folder.ROOM}
    monkeypatch.setattr(run_folder, "places", lambda: [full, free])
    monkeypatch.setattr(run_folder, "_room", room.get)
    old = RunFolder(full)  # it began before the place was full
    new = RunFolder()
    assert new.path.parent == free
    assert set(running()) == {old.path, new.path}
    room[free] -= 1
    with pytest.raises(
        UsageError, match=r"no room for the run's sockets and logs in .*full or .*free: free 16 MB there"
    ):
        RunFolder()
    old.remove()
    new.remove()


def test_a_temporary_folder_whose_name_is_too_long_for_a_socket_is_no_place(tmp_path, monkeypatch):
    long = tmp_path / ("n" * run_folder.LONGEST)
    long.mkdir()
    monkeypatch.setattr(run_folder.tempfile, "gettempdir", lambda: str(long))
    assert long not in run_folder.places()
    monkeypatch.setattr(run_folder.tempfile, "gettempdir", lambda: "/tmp")
    assert run_folder.Path("/tmp") in run_folder.places()


def test_a_place_that_takes_no_run_folder_is_one_line(tmp_path):
    with pytest.raises(UsageError, match=r"can't make a folder for the run in .*missing: No such file or directory"):
        RunFolder(tmp_path / "missing")
