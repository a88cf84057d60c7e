"""`duopose doctor` as its users see it: the report, the JSON and the exit code."""

import json
from pathlib import Path

import pytest

from duopose.networks.folders import weights_folder
from tests.duopose.examining.mounted import run

COMMAND = ("-m", "duopose", "doctor")
PARTS = [
    "packages", "processor", "memory", "accelerator", "weights", "cache", "room", "clock", "cameras", "display",
    "sockets", "speed",
]  # fmt: skip


@pytest.fixture
def incomplete(tmp_path):
    """A folder with the weights of all networks but for one file."""
    for file in weights_folder("lite").iterdir():
        if file.name != "gcn.bin":
            (tmp_path / file.name).symlink_to(file)
    return f"{tmp_path}/"


def test_a_machine_without_a_display_that_is_held_to_avx2_can_run():
    done = run([], *COMMAND, "--json", ONEDNN_MAX_CPU_ISA="AVX2")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)  # one object, nothing else
    assert found.pop("possible") is True
    assert list(found) == PARTS
    assert found["display"]["window"]
    assert "note" in [finding["mark"] for finding in found["display"]["findings"]]
    assert set(found["processor"]["used"]) <= {"AVX2"}
    assert {row["backend"] for row in found["speed"]["measured"]} <= {"OpenVINO f32", "OpenVINO int8"}
    assert "estimate" in found["speed"]["how"]
    assert f"{Path.home()}/" not in done.stdout


def test_a_missing_weight_prevents_a_run_and_is_named(incomplete):
    done = run([], *COMMAND, "--profile", incomplete)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "No run is possible: see weights."
    report = " ".join(done.stdout.split())
    assert f"problem profile {incomplete}: weights are missing: {incomplete}gcn.bin -> name a folder" in report
    assert "speed" not in lines
    assert max(map(len, lines)) <= 120


def test_a_full_shared_memory_prevents_a_run(incomplete, tmp_path_factory):
    temporary = tmp_path_factory.mktemp("temporary")
    mounts = [("size=1m", "/dev/shm"), ("size=1m", temporary)]
    done = run(mounts, *COMMAND, "--json", TMPDIR=str(temporary))
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert found["possible"] is False
    (finding,) = [finding for finding in found["room"]["findings"] if finding["prevents"]]
    assert "docker run --shm-size=1g" in finding["remedy"]


def test_a_broken_install_is_told_too():
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('numpy', 'cv2', 'zmq', 'av')))\n"
        "import duopose.command as command; sys.exit(command.main(['doctor', '--json']))"
    )
    done = run([], "-c", code)
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert found["possible"] is False
    assert any("numpy" in finding["text"] for finding in found["weights"]["findings"] if finding["prevents"])
    assert found["processor"]["usable"] > 0
