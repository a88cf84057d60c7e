"""The status says of each camera what is known, and how old that is."""

import os
import time

import msgspec
import pytest

from duopose.command import main
from duopose.fleet import status
from duopose.fleet.asked import Asked
from duopose.fleet.followed import Camera, Pipeline
from duopose.fleet.metrics import Metrics
from duopose.fleet.run import Doing
from duopose.stream.errors import UsageError
from duopose.stream.processes.run_folder import RunFolder
from tests.viewer.scenes import make_scene, person

RUNNING = Doing("running", None, 3, 1)


@pytest.mark.parametrize(
    ("answered_at", "doing", "expected"),
    [
        (None, None, "waiting for a machine since 20 s"),
        (20.0, None, "starting"),
        (19.0, RUNNING, "running"),
        (8.0, RUNNING, "lost since 12 s"),
        (
            19.0,
            RUNNING._replace(trouble="no scene for 7 s (the source is lost)"),
            "no scene for 7 s (the source is lost)",
        ),
        (19.0, Doing("failed", "0: there is no /dev/video0", 0, 4), "failed: 0: there is no /dev/video0"),
        (8.0, Doing("failed", "0: there is no /dev/video0", 0, 4), "lost since 12 s"),
        (19.0, Doing("starting", "starting (compiling)", 0, 1), "starting (compiling)"),
    ],
)
def test_a_state_says_what_is_known(answered_at, doing, expected):
    assert status.state(0.0, answered_at, doing, 20.0) == expected


def test_a_row_tells_rate_and_latency_of_scenes_that_come_and_of_no_others():
    now = time.monotonic()
    camera, pipeline = Camera("door", Asked({}, None, None), 0), Pipeline(0, None)
    pipeline.answered_at, pipeline.machine = now, "here (10.0.0.5)"
    for number in range(10):
        scene = camera.take(make_scene([person(0, 4)], number=number, stamp=number / 10), "a", now - 1 + number / 10)
        assert scene.frame.camera_name == "door"
    row = camera.row(pipeline, RUNNING, now)
    assert (row.state, row.people, row.frames, row.restarts, row.dropped) == ("running", 1, 10, 0, 3)
    assert row.rate == pytest.approx(10, abs=0.2)
    assert row.latency_ms > 0
    camera.starts_before = 2
    lost = camera.row(pipeline, RUNNING, now + 12)
    assert (lost.state, lost.rate, lost.latency_ms, lost.people, lost.restarts) == (
        "lost since 12 s",
        None,
        None,
        None,
        2,
    )
    assert lost.machine == "here (10.0.0.5)"


def test_the_table_tells_when_the_head_is_silent():
    rows = (
        status.Row("door", "here (10.0.0.5)", "running", 9.96, 87.3, 2, 1),
        status.Row("yard", "", "lost since 12 s"),
    )
    told = status.Status(100.0, "cameras.toml", None, rows)
    assert status.table(told, 101.0) == [
        "camera  machine          state            frames/s  latency  people  restarts",
        "door    here (10.0.0.5)  running          10.0      87 ms    2       1",
        "yard    -                lost since 12 s  -         -        -       0",
    ]
    assert status.table(told, 112.0)[-1] == "the head has not said a word for 12 s: this is how it was then"


def test_the_command_finds_the_fleet_of_this_user(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("duopose.stream.processes.run_folder.places", lambda: [tmp_path])
    assert main(["fleet", "status"]) == 2
    assert "no fleet of yours has its head on this machine" in capsys.readouterr().err
    folder = RunFolder(tmp_path)
    try:
        assert main(["fleet", "status"]) == 2  # a run, but no fleet
        capsys.readouterr()
        told = status.Status(time.monotonic() - 60, "cameras.toml", None, (status.Row("door", "here", "running"),))
        status.write(folder.path, told)
        assert main(["fleet", "status"]) == 0
        assert "the head has not said a word for 60 s" in capsys.readouterr().out
        assert main(["fleet", "status", "--json"]) == 0
        said = msgspec.json.decode(capsys.readouterr().out)
        assert (said["rows"][0]["camera"], said["age_s"]) == ("door", pytest.approx(60, abs=5))
        assert sorted(os.listdir(folder.path)) == [status.FILE]
    finally:
        folder.remove()
    with pytest.raises(UsageError):
        status.read(tmp_path)


def test_metrics_have_a_label_for_each_camera_and_health_names_those_in_trouble():
    metrics = Metrics()
    assert metrics.trouble() == "starting"
    metrics.update((status.Row("door", "here", "running", 10.0, 87.0, 2, 1), status.Row("yard", "", "lost since 12 s")))
    page = metrics.page.decode()
    assert 'duopose_fleet_healthy{camera="door"} 1.0' in page
    assert 'duopose_fleet_healthy{camera="yard"} 0.0' in page
    assert 'duopose_fleet_latency_seconds{camera="door"} 0.087' in page
    assert 'duopose_fleet_restarts_total{camera="door"} 1.0' in page
    assert 'duopose_fleet_people{camera="yard"}' not in page
    assert metrics.trouble() == "yard: lost since 12 s"
    metrics.update((status.Row("door", "here", "running"),))
    assert metrics.trouble() is None
