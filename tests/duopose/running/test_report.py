import pytest

from duopose.running.report import statistics, summary
from duopose.stream.processes.process import Report
from duopose.stream.settings import Settings

LATENCY = {"p50": 40.0, "p95": 60.0, "p99": 80.0}


def found(fps, latency, startup_s):
    """What the recorder has measured of a camera."""
    return {
        "frames_processed": 30, "fps": fps, "latency_ms": latency, "startup_s": startup_s, "most_people": 1,
        "identities": 1, "last_people": [(1, 2.5)],
    }  # fmt: skip


def report(**counts):
    return Report(1.0, 2.0, 0.5, 60.0, 0, 30, counts, ("OpenVINO f32",))


def test_statistics_tell_of_each_camera_and_of_all_together():
    settings = Settings(cameras=(Settings(name="door"), Settings(name="yard")))
    reports = {"capture.door": report(read=32, dropped=2), "capture.yard": report(read=40, dropped=9, lost=1)}
    slow = {name: 2 * value for name, value in LATENCY.items()}
    told = statistics(settings, reports, {"door": found(10.5, LATENCY, 3.0), "yard": found(9.25, slow, None)})
    assert (told["frames_read"], told["frames_processed"], told["frames_dropped"]) == (72, 60, 12)
    assert (told["fps"], told["latency_ms"], told["startup_s"]) == (19.75, slow, 3.0)
    assert told["cameras"]["yard"] == {
        "frames_read": 40, "frames_processed": 30, "frames_dropped": 10, "fps": 9.25, "latency_ms": slow,
        "startup_s": None,
    }  # fmt: skip
    assert set(told["nodes"]) == set(reports)


def test_statistics_of_a_run_that_never_began_tell_nothing():
    told = statistics(Settings(), {"capture": report()}, {"": {}})
    assert (told["frames_processed"], told["fps"], told["startup_s"]) == (0, None, None)
    assert told["latency_ms"] == {"p50": None, "p95": None, "p99": None}
    assert "cameras" not in told


def test_a_camera_with_a_name_is_named_in_each_line_of_its_summary():
    lines = summary(Settings(name="door", source="clip.mp4"), {}, found(10.5, LATENCY, 3.0)).splitlines()
    assert lines[0].startswith("door: clip.mp4: 30 frames")
    assert lines[1] == "door: up to 1 people at a time; last seen: 1 at 2.5 m"
    assert summary(Settings(source="clip.mp4"), {}, found(None, LATENCY, 3.0)).startswith("clip.mp4: ")


@pytest.mark.parametrize(("every_frame", "ends"), [(True, "ms) with 6 frames at a time"), (False, "ms)")])
def test_a_latency_says_how_many_frames_waited_for_each_other(every_frame, ends):
    settings = Settings(source="clip.mp4", every_frame=every_frame, in_flight=6)
    assert summary(settings, {}, found(10.5, LATENCY, 3.0)).splitlines()[0].endswith(ends)
