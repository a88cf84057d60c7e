"""duopose bench soak [options]: hours of a live run to which something happens every few seconds.

A camera on loopback (rtsp_server.py, which tells what it needs) plays the packaged clip. In random
order nodes are killed, stopped and hang, everything is paused, the camera is gone, frozen and slow,
the folder of the record vanishes, its disk is full, listeners don't read and send nonsense. What
must hold: poses come back each time, latency and memory do not grow, nothing is left.

With --overload N nothing is done to the run, but the camera sends N times as many frames a second
as the machine can take: --overload 3 --minutes 10.
"""

import contextlib
import json
import os
import random
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from duopose.benchmarks import clips
from duopose.benchmarks.parts import faults, overload, runs
from duopose.benchmarks.parts.faults import PIPELINE, Stage, recover
from duopose.benchmarks.parts.live_run import LiveRun
from duopose.benchmarks.rtsp import Server
from duopose.nodes.capture.sources import DEMO
from duopose.stream.arguments import Parser, positive

FAULTS = (
    *map(faults.kill, PIPELINE),
    *map(faults.stop, PIPELINE),
    *(faults.hang(name) for name in ("detection", "fusion")),
    faults.camera_killed(3.0),
    faults.camera_frozen(1.0),
    faults.camera_frozen(5.0),
    faults.camera_slow(5.0),
    faults.folder_gone(3.0),
    faults.disk_full(5.0),
    faults.idle_listeners(8.0),
    faults.nonsense(1000),
    faults.pause(1.0),
    faults.pause(12.0),
)
DISK = "8m"  # that the record lies on, where mounting is allowed
AFTER = 2.0  # s after a fault that do not count as calm; before it, nothing that was under way when it came


@contextlib.contextmanager
def small_disk(folder):
    """A folder on a disk of its own that can be filled -> folder, whether it is one."""
    disk = Path(folder, "disk")
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "duopose-soak", str(disk)]
    mounted = not subprocess.run(mount, capture_output=True).returncode
    (disk / "outputs").mkdir()
    try:
        yield disk / "outputs", mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(disk)], check=True)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def memory_of(run):
    """MB that all processes of the run hold, what several share counted once; None where one is just being replaced."""
    pids = run.pids()
    if len(pids) != len(PIPELINE) + 2:  # the command, and the process in reserve
        return None
    try:
        rolls = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    except OSError:
        return None
    return sum(int(line.split()[1]) for roll in rolls for line in roll.splitlines() if line.startswith("Pss:")) / 1024


def told(port):
    """{metric: {label or "": value}} of the run."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        families = text_string_to_metric_families(page.read().decode())
    return {
        family.name: {next(iter(sample.labels.values()), ""): sample.value for sample in family.samples}
        for family in families
    }


def soak(stage, todo, seconds, every, say):
    """A fault every so many seconds, each kind once in a round -> [Recovery], [(s, round, MB)]."""
    run, start = stage.run, time.monotonic()
    recoveries, memory, order, rounds = [], [], [], 0
    while (now := time.monotonic() - start) < seconds:
        if not order:
            order, rounds = stage.chance.sample(todo, len(todo)), rounds + 1
        time.sleep(every - now % every)
        if (size := memory_of(run)) is not None:
            memory.append((time.monotonic() - start, rounds, size))
        for kept in sorted(stage.outputs.glob("record-*.jsonl")):  # the disk is small
            kept.unlink()
        recoveries.append(recover(stage, order.pop()))
        say(f"{time.monotonic() - start:6.0f} s  {recoveries[-1].fault:<40} {recoveries[-1].seconds}")
    return recoveries, memory


def judge(seen, recoveries, memory, counters):
    """-> the figures of the run.

    seen        [live_run.Seen]
    recoveries  [faults.Recovery]
    memory      [(s, round, MB)]
    counters    as `told` gives them
    """
    read = np.array([one.read_at for one in seen])
    latency = 1000 * np.array([one.latency for one in seen])
    calm = np.ones(len(seen), bool)
    for one in recoveries:
        calm &= (read + latency / 1000 < one.begun) | (read > one.until + AFTER)
    back = {}
    for one in recoveries:
        back.setdefault(one.fault, []).append(one.seconds)
    rounds = sorted({number for _, number, _ in memory})
    warm = rounds[1] if len(rounds) > 1 else rounds[0]  # in the first round each node gets its first new process
    first, last = (
        float(np.median([size for _, number, size in memory if number == which])) for which in (warm, rounds[-1])
    )
    return {
        "seconds": round(float(read[-1] - read[0])),
        "faults": len(recoveries),
        "not_back": sum(one.seconds is None for one in recoveries),
        "renamed": sum(bool(one.renamed) for one in recoveries),
        "back_s": {
            name: {"times": len(times), "median": middle(times), "max": max_of(times)} for name, times in back.items()
        },
        "frames": len(seen),
        "latency_ms": {f"p{percent}": round(float(np.percentile(latency[calm], percent)), 1) for percent in (50, 95)}
        | {"max": round(float(latency[calm].max()), 1), "max_with_faults": round(float(latency.max()), 1)},
        "frames_lost": {reason: int(count) for reason, count in counters["duopose_frames_dropped"].items()},
        "reconnects": int(counters["duopose_source_reconnects"][""]),
        "restarts": {name: int(count) for name, count in counters["duopose_node_restarts"].items()},
        "memory_mb": {"warm": round(first, 1), "end": round(last, 1), "growth": round(last / first - 1, 4)},
    }


def middle(times):
    come = [seconds for seconds in times if seconds is not None]
    return round(float(np.median(come)), 2) if come else None


def max_of(times):
    return None if None in times else round(max(times), 2)


def report(figures):
    print(
        f"\n{figures['seconds']} s, {figures['faults']} faults, poses did not come back after {figures['not_back']}, "
    )
    print(f"identities changed that should not have: {figures['renamed']}\n")
    print(f"{'fault':<44} times   back after, median   at most (s)")
    for name, back in sorted(figures["back_s"].items()):
        print(f"{name:<44} {back['times']:5}   {back['median']!s:>18}   {back['max']!s:>11}")
    print()
    for name in ("frames", "latency_ms", "frames_lost", "reconnects", "restarts", "memory_mb"):
        print(f"   {name:<12} {figures[name]}")


def say(line):
    print(line, flush=True)


def main(argv):
    options = Parser(__doc__)
    options.add_argument("--minutes", type=positive, default=60.0)
    options.add_argument("--every", type=positive, default=20.0, metavar="S", help="from one fault to the next")
    options.add_argument("--rate", type=positive, default=8.0, help="frames a second of the camera")
    options.add_argument("--seed", type=int, default=0, help="of the order of the faults")
    options.add_argument("--overload", type=positive, metavar="N", help="instead: a camera N times too fast")
    options = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder, small_disk(folder) as (outputs, mounted):
        stream = Path(folder, "loop.h264")
        images = clips.pictures(DEMO)
        if options.overload:
            options.rate = round(options.overload * runs.run(DEMO, "--every-frame").stats["fps"], 1)
        clips.write(stream, clips.there_and_back(images, 2 * len(images) - 2), options.rate, "h264")
        server, port = Server(stream, options.rate), free_port()
        words = ["--record", outputs / "record.jsonl", "--rotate", "1MB", "--metrics", port]
        run = LiveRun(server.url, *words, folder=folder)
        try:
            run.start()
            if options.overload:
                sizes = overload.watch(run, 60 * options.minutes, options.every, memory_of)
                figures = overload.judge(run.seen, sizes, told(port), options.overload)
            else:
                stage = Stage(run, server, random.Random(options.seed), outputs)
                todo = [fault for fault in FAULTS if mounted or not fault.name.startswith("disk")]
                recoveries, memory = soak(stage, todo, 60 * options.minutes, options.every, say)
                figures = judge(run.seen, recoveries, memory, told(port))
            figures |= {"exit_code": run.end(), "left": run.left()}
        finally:
            run.kill()
            server.stop()
    print(f"{options.minutes:g} minutes of RTSP at {options.rate:g} fps, {os.cpu_count()} cores, seed {options.seed}")
    if options.overload:
        for name, value in figures.items():
            print(f"   {name:<15} {value}")
    else:
        report(figures)
    print(json.dumps(figures))
    return 1 if any(figures.get(name) for name in ("not_back", "renamed", "grows", "exit_code", "left")) else 0
