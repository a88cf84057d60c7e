"""duopose bench cameras [CLIP] [options]: several cameras that share one run.

A run each for 1, 2 and 4 cameras of 1280x720, which all show the clip (default: the packaged one,
three people) at their own pace: files that are played like cameras, or with --streams RTSP streams
on loopback (rtsp_server.py tells what that needs). Frames a second are those that were processed.

With --faults it is one run of --seconds 300 with so many RTSP streams (--cameras 4): first one of
them alone, then all, during which one server is killed and one frozen. Exit code 1 if the others
notice.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path

from duopose.benchmarks import clips
from duopose.benchmarks.parts.live_run import children
from duopose.benchmarks.rtsp import Server
from duopose.benchmarks.several import judging
from duopose.benchmarks.several.faults import Run
from duopose.nodes.capture.sources import DEMO
from duopose.stream.arguments import Parser, count, positive

WIDTH, HEIGHT = 1280, 720
COUNTS = (1, 2, 4)  # cameras
REST = 30.0  # s that a file is longer than what is measured: cameras do not begin at the same moment
START = 300.0  # s that a run may take until its first frames: kernels may have to be compiled


def counts(text):
    """
    >>> counts("1,2,4")
    (1, 2, 4)
    """
    return tuple(map(count, text.split(",")))


def write_file(folder, sources):
    """-> cameras.toml for these sources, in a folder where the run also leaves its statistics."""
    lines = [
        "[run]",
        "headless = true",
        "realtime = true",
        'stats = "stats.json"',
        'record = "r.jsonl"',
        "overwrite = true",
    ]
    for number, source in enumerate(sources, 1):
        lines += [f"[camera.cam{number}]", f'source = "{source}"']
    path = Path(folder, "cameras.toml")
    path.write_text("\n".join(lines) + "\n")
    return path


def cpu_seconds(pid):
    """User and system time of the processes that a process has started, s."""
    spent = 0
    for child in children(pid):
        with suppress(OSError):  # it has just ended
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            spent += int(fields[11]) + int(fields[12])
    return spent / os.sysconf("SC_CLK_TCK")


def megabytes(pid):
    """Memory of a process and those that it has started, MB; what several share, as the pictures, counts once (PSS)."""
    total = 0
    for each in (pid, *children(pid)):
        with suppress(OSError):
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[1])
    return total / 1000


def lines(records):
    return sum(record.read_bytes().count(b"\n") for record in records)


def measure(sources, seconds, folder):
    """Run the program on these sources for so long.

    -> its statistics; ms of CPU a frame, once all cameras are seen; MB at the end
    """
    for old in folder.glob("r-*.jsonl"):
        old.unlink()
    program = subprocess.Popen(
        [sys.executable, "-m", "duopose", write_file(folder, sources)], stdout=subprocess.DEVNULL
    )
    records = [folder / f"r-cam{number}.jsonl" for number in range(1, len(sources) + 1)]
    end = time.monotonic() + START
    while not all(record.exists() and record.stat().st_size for record in records):
        if program.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"duopose did not begin: {program.poll()}")
        time.sleep(0.05)
    frames, spent = lines(records), cpu_seconds(program.pid)
    time.sleep(seconds)
    frames, spent = lines(records) - frames, cpu_seconds(program.pid) - spent
    memory = megabytes(program.pid)
    program.send_signal(signal.SIGINT)
    if program.wait(60) != 0:
        raise SystemExit(f"duopose ended with {program.returncode}")
    return json.loads((folder / "stats.json").read_text()), 1000 * spent / max(frames, 1), memory


def figures(stats, cost, memory):
    """What `measure` gives -> what is told of a run."""
    cameras, nodes = stats["cameras"], stats["nodes"]
    captures = [node["rss_peak_mb"] for name, node in nodes.items() if name.startswith("capture.")]
    return {
        "cameras": len(cameras),
        "fps": stats["fps"],
        "fps_each": [camera["fps"] for camera in cameras.values()],
        "latency_ms_p50": [camera["latency_ms"]["p50"] for camera in cameras.values()],
        "latency_ms_p95": [camera["latency_ms"]["p95"] for camera in cameras.values()],
        "dropped": [camera["frames_dropped"] for camera in cameras.values()],
        "cpu_ms_per_frame": round(cost, 1),
        "memory_mb": round(memory),
        "capture_mb": max(captures),
    }


def told(value, digits=0):
    """A figure, or - where a run was too short to tell."""
    return "-" if value is None else f"{value:.{digits}f}"


def row(found):
    """A line of the table; of each camera: frames a second, latency in ms (50 % / 95 %)."""
    each = zip(found["fps_each"], found["latency_ms_p50"], found["latency_ms_p95"], strict=True)
    cameras = ", ".join(f"{told(fps, 1)}: {told(p50)} / {told(p95)}" for fps, p50, p95 in each)
    return (
        f"{found['cameras']:7d} {told(found['fps'], 1):>8} {found['cpu_ms_per_frame']:13.1f} {found['memory_mb']:10d} "
        f"{found['capture_mb']:10.0f}   {cameras}"
    )


def told_of_faults(running, seconds, rate, folder):
    """Play it, tell what came -> exit code."""
    found = Run({f"cam{number}": server for number, server in enumerate(running, 1)}, seconds, folder).play()
    told = judging.figures(found)
    wrong = judging.wrong(told, found, rate)
    print(f"{len(running)} RTSP streams, {WIDTH}x{HEIGHT} at {rate:g} frames/s each, {os.cpu_count()} cores")
    print("\n".join([*judging.lines(told), *(f"WRONG: {line}" for line in wrong)]))
    print(json.dumps(told | {"wrong": wrong}))
    return int(bool(wrong))


def main(argv):
    options = Parser(__doc__)
    options.add_argument("clip", nargs="?", default=DEMO, help="a video with people (default: the packaged one)")
    options.add_argument("--cameras", type=counts, default=COUNTS, metavar="N,N,...", help="(default: 1,2,4)")
    options.add_argument("--seconds", type=positive, default=20.0, help="of each run (default: 20)")
    options.add_argument("--rate", type=positive, default=15.0, help="frames a second of each camera (default: 15)")
    options.add_argument("--streams", action="store_true", help="RTSP streams on loopback instead of files")
    options.add_argument("--faults", action="store_true", help="one run with streams, two of which fail for a while")
    options = options.parse_args(argv)
    options.streams = options.streams or options.faults
    images = [clips.filled(image, WIDTH, HEIGHT) for image in clips.pictures(options.clip)]
    found = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        clip = Path(folder, "clip.h264" if options.streams else "clip.mp4")
        length = 2 * len(images) - 2 if options.streams else round((options.seconds + REST) * options.rate)
        clips.write(clip, clips.there_and_back(images, length), options.rate, "h264" if options.streams else None)
        sources = [str(clip)] * max(options.cameras)
        if options.streams:
            running = [Server(clip, options.rate) for _ in sources]
            for server in running:
                servers.callback(server.stop)
            sources = [server.url for server in running]
        if options.faults:
            return told_of_faults(running, options.seconds, options.rate, folder)
        for number in options.cameras:
            found.append(figures(*measure(sources[:number], options.seconds, Path(folder))))
    what = "RTSP streams" if options.streams else "files at their own pace"
    print(f"{what}, {WIDTH}x{HEIGHT} at {options.rate:g} frames/s each, {os.cpu_count()} cores")
    print("cameras frames/s  CPU ms/frame  memory MB  a capture   each: frames/s: latency ms, 50 % / 95 %")
    for one in found:
        print(row(one))
    print(json.dumps({"rate": options.rate, "streams": options.streams, "cores": os.cpu_count(), "runs": found}))
