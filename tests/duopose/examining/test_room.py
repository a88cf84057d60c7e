"""Room in shared memory and on disk, a place for the compiled kernels, and the clock."""

import json
import resource
import tempfile
from pathlib import Path

import pytest

from duopose.examining import room
from duopose.examining.machine import clock
from duopose.nodes.capture.capture import SPARE
from duopose.running.checks import IN_FLIGHT
from duopose.stream.processes.run_folder import places
from tests.duopose.examining import machines, mounted
from tests.duopose.examining.looking import look, marks, text

LOOK = (
    "import json, duopose.examining.{0} as subject; from duopose.examining.findings import Part; part = Part(''); "
    "subject.examine(part); print(json.dumps(part.as_json()))"
)


def facts_of(subject, mounts, **environment):
    """What the subject says where these are mounted."""
    done = mounted.run(mounts, "-c", LOOK.format(subject), **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def prevented(facts):
    return [finding["text"] for finding in facts["findings"] if finding["prevents"]]


@pytest.fixture
def short_path():
    """A folder whose sockets have names short enough for the system."""
    with tempfile.TemporaryDirectory(prefix="room-") as folder:
        yield Path(folder)


@pytest.mark.parametrize(
    ("shared", "temporary", "place", "complaint"),
    [
        ("1m", "200m", "temporary", None),
        ("20m", "200m", "/dev/shm", "shared memory is full: pictures of this size need"),
        ("1m", "1m", None, "no room for the run's sockets and logs"),
    ],
)
def test_room_is_sought_for_sockets_and_for_pictures(shared, temporary, place, complaint, short_path):
    mounts = [(f"size={shared}", "/dev/shm"), (f"size={temporary}", short_path)]
    facts = facts_of("room", mounts, TMPDIR=str(short_path))
    assert facts["run_folder"] == (str(short_path) if place == "temporary" else place)
    assert facts["ring_fits"] == (complaint is None)
    assert facts["ring_bytes"] == (IN_FLIGHT["live"] + SPARE) * 1920 * 1080 * 3
    if complaint is None:
        assert prevented(facts) == []
        assert "/dev/shm has none" in facts["findings"][0]["text"]
    else:
        (told,) = prevented(facts)
        assert told.startswith(complaint)
        assert "--shm-size=1g" in facts["findings"][0]["remedy"]


def test_looking_for_room_leaves_nothing_behind():
    before = {place: set(place.glob("*duopose-*")) for place in places()}
    assert look(room.examine).facts["ring_fits"]
    for place, there in before.items():
        assert not [file for file in set(place.glob("*duopose-*")) - there if (file / "doctor.ring").exists()]


def test_a_low_limit_of_open_files_prevents_a_run_and_says_how_to_raise_it():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (room.FILES - 1, hard))
    try:
        part = look(room.examine_files)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert part.prevents
    assert part.findings[0].remedy == "ulimit -n 1024"


def test_a_folder_of_this_machine_has_its_free_bytes_told(tmp_path):
    part = look(room.examine_disk, tmp_path)
    assert part.facts["folder_writable"]
    assert part.facts["folder_free"] > 0
    assert str(tmp_path) in text(part)


def test_a_cache_that_can_not_be_written_is_a_note(tmp_path):
    facts = facts_of("cache", [("ro", tmp_path)], XDG_CACHE_HOME=str(tmp_path))
    assert (facts["kept"], facts["folder"]) == (False, None)
    assert facts["candidates"][0].startswith(str(tmp_path))
    (finding,) = facts["findings"]
    assert finding["mark"] == "note"
    assert f"can't be kept in {tmp_path}" in finding["text"]
    assert "NUMBA_CACHE_DIR" in finding["remedy"]


def test_kernels_that_are_not_compiled_yet_will_be(tmp_path):
    facts = facts_of("cache", [], XDG_CACHE_HOME=str(tmp_path))
    assert (facts["kept"], facts["filled"]) == (True, False)
    assert facts["folder"].startswith(str(tmp_path))
    assert facts["findings"][0]["mark"] == "ok"


def test_a_clock_that_was_never_set_is_told(tmp_path):
    part = look(clock.examine, machines.laptop(tmp_path), now=86400.0)
    assert part.facts["time"] == "1970-01-02T00:00:00+00:00"
    assert marks(part) == ["note"]
    assert "timedatectl" in part.findings[0].remedy


def test_a_clock_that_is_right_is_told_with_its_source(tmp_path):
    part = look(clock.examine, machines.laptop(tmp_path))
    assert part.facts["source"] == "tsc"
    assert marks(part) == ["ok"]
