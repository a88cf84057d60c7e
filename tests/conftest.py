"""No test is skipped unseen: with --strict-skips, as CI runs them, a run fails that skipped more than is expected."""

import random
import subprocess
import sys

import pytest

from duopose.kernels.cache import fill_cache, is_filled

NO_MOUNT = "this system lets nobody mount"
NO_LSL = "LSL finds no stream on this network"
NO_STRACE = "no strace that may trace"
# test without its parameters -> how the reason begins
EXPECTED = {
    "tests/benchmarks/test_benchmarks.py::test_a_stream_is_read_live_and_comes_back_after_its_server_was_killed": (
        "the RTSP server's packages are not installed"
    ),
    "tests/chaos/test_network.py::test_what_tells_somebody_is_seen": NO_STRACE,
    "tests/chaos/test_network.py::test_a_run_talks_to_itself_alone": NO_STRACE,
    "tests/duopose/examining/machine/test_processor.py::test_half_a_core_of_this_machine_is_seen": (
        "this system lets nobody make a control group"
    ),
    "tests/duopose/examining/test_room.py::test_a_cache_that_can_not_be_written_is_a_note": NO_MOUNT,
    "tests/duopose/examining/test_room.py::test_room_is_sought_for_sockets_and_for_pictures": NO_MOUNT,
    "tests/duopose/test_doctor.py::test_a_full_shared_memory_prevents_a_run": NO_MOUNT,
    "tests/duopose/test_ends.py::test_a_full_shared_memory_is_got_round_or_one_line": NO_MOUNT,
    "tests/duopose/exporting/test_formats.py::test_parquet_holds_the_columns_of_csv": "pyarrow is not installed",
    "tests/duopose/sending/test_lsl.py::test_an_inlet_gets_the_joints_and_when_the_picture_was_read": NO_LSL,
    "tests/duopose/sending/test_lsl.py::test_the_one_who_is_wanted_is_sent_and_nobody_else": NO_LSL,
    "tests/duopose/sending/test_lsl.py::test_the_snippet_of_the_page_reads_it": NO_LSL,
    "tests/duopose/sending/test_lsl.py::test_the_stream_says_what_its_channels_are": NO_LSL,
    "tests/networks/test_backends.py::test_what_torch_makes_of_it_for_cuda_says_the_same": "no C++ compiler",
    "tests/test_examples.py::test_the_unit_is_one_that_systemd_takes": "no systemd-analyze",
    "tests/training/loop/test_trainer.py::test_a_gpu_learns_and_leaves_a_checkpoint_that_a_cpu_goes_on_from": (
        "needs a CUDA device"
    ),
    "tests/viewer/test_probe.py::test_a_library_that_is_missing_is_named_with_its_remedy": (
        "this system lets nobody mount"
    ),
}

# Of the viewer's tests, where .ci/libraries could not bring Mesa or an X server.
WITHOUT_A_SCREEN = ("no off-screen OpenGL", "no X server to test with")
WITHOUT_CHROMIUM = "no Chromium to test with"  # of tests/viewer/web/test_browser.py: it takes 300 MB


def pytest_addoption(parser):
    parser.addoption(
        "--strict-skips", action="store_true", help="fail if a test is skipped that tests/conftest.py does not expect"
    )
    parser.addoption(
        "--chaos-seed",
        type=int,
        default=random.SystemRandom().randrange(10**6),
        help="of what tests/chaos does (random)",
    )


# Compiled besides the kernels that a run needs, by what the tests of training import.
OF_TRAINING = ("raster", "ground", "shading", "lens")


def pytest_configure(config):
    """Compile everything once before several workers do, each of them all of it and at the same time."""
    if not getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput") or is_filled():
        return
    code = "; ".join(f"import duopose.training.synthetic.drawing.{name}" for name in OF_TRAINING)
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL):  # what is wrong, its tests tell
        fill_cache()


# Files that take longest by the clock. They come first, so that nobody waits for one of them at the end.
LONGEST = (
    "chaos/test_live", "benchmarks/test_side_by_side", "duopose/test_ends", "duopose/fleet/test_head",
    "viewer/test_real_window", "stream/processes/test_supervisor", "networks/test_backends", "duopose/test_replay",
    "nodes/capture/test_cameras", "training/loop/test_trainer", "nodes/capture/test_together",
    "duopose/running/test_watch", "nodes/capture/test_capture", "duopose/test_view", "chaos/test_streams",
    "kernels/test_cache", "kernels/test_without_jit", "duopose/test_run_live", "evaluation/test_mupots3d",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    place = {f"tests/{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


def pytest_report_header(config):
    return f"--chaos-seed {config.getoption('chaos_seed')}"


@pytest.fixture
def chance(request):
    """random.Random, the same for the same --chaos-seed and test."""
    return random.Random(f"{request.config.getoption('chaos_seed')} {request.node.name}")


def unexpected(config):
    """What a strict run must not have skipped, a line each; [] in a run that is not strict."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or not config.getoption("strict_skips"):
        return []
    lines = []
    for report in terminal.stats.get("skipped", []):
        reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
        expected = EXPECTED.get(report.nodeid.partition("[")[0])
        if report.nodeid.startswith(("tests/viewer/", "tests/benchmarks/")) and reason.startswith(WITHOUT_A_SCREEN):
            continue
        if report.nodeid.startswith("tests/viewer/web/test_browser.py") and reason.startswith(WITHOUT_CHROMIUM):
            continue
        if expected is None or not reason.startswith(expected):
            lines.append(f"{report.nodeid}: {reason}")
    return lines


def pytest_sessionfinish(session):
    if session.exitstatus == 0 and unexpected(session.config):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter, config):
    for line in unexpected(config):
        terminalreporter.write_line(f"SKIPPED though nobody expects it (tests/conftest.py): {line}", red=True)
