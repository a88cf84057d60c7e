"""duopose bench end_to_end [CLIP] [options]: the whole program at work on a clip of 1280x720.

Three runs of `duopose --headless`: every frame as fast as it goes; the same pictures at 15 frames a
second, dropping like a camera; and one of a few frames for the start. Without a clip, the packaged
one (three people) is scaled up and played back and forth.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from duopose.benchmarks import clips
from duopose.nodes.capture.sources import DEMO
from duopose.stream.arguments import Parser, count
from duopose.stream.record.reading import frames

WIDTH, HEIGHT = 1280, 720
PACE = 15  # frames a second of the paced run
FLOOR = {"fps": 20.0, "latency_ms_p95": 200.0, "startup_s": 8.0}  # what a 2-core machine must reach


def measure(source, *options):
    """Run the program -> its statistics, and how many people it saw at a time, on average."""
    with tempfile.TemporaryDirectory() as folder:
        stats, record = Path(folder, "stats.json"), Path(folder, "record.jsonl")
        command = [sys.executable, "-m", "duopose", source, "--headless", "--stats", stats, "--record", record]
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)
        people = [len(line["people"]) for _, line in frames(record)]
        return json.loads(stats.read_text()), sum(people) / max(len(people), 1)


def report(name, stats, people):
    latency = stats["latency_ms"]
    print(
        f"{name:<12} {stats['fps'] or 0:6.1f} fps  latency {latency['p50'] or 0:6.1f} / {latency['p95'] or 0:6.1f} / "
        f"{latency['p99'] or 0:6.1f} ms  dropped {stats['frames_dropped']:4d} of {stats['frames_read']:4d}  "
        f"people {people:.1f}  start {stats['startup_s'] or 0:.1f} s"
    )
    for node, cost in stats["nodes"].items():
        print(
            f"   {node:<10} {cost['ms_p50'] or 0:7.2f} ms  95 % {cost['ms_p95'] or 0:7.2f} ms  "
            f"cpu {cost['cpu_s']:6.1f} s  memory {cost['rss_peak_mb']:6.0f} MB  restarts {cost['restarts']}"
        )


def main(argv):
    options = Parser(__doc__)
    options.add_argument("clip", nargs="?", default=DEMO, help="a video with people (default: the packaged one)")
    options.add_argument("--frames", type=count, default=300)
    options = options.parse_args(argv)
    originals = clips.pictures(options.clip)
    images = [clips.filled(image, WIDTH, HEIGHT) for image in originals[: options.frames]]
    with tempfile.TemporaryDirectory() as folder:
        fast, slow, short = (Path(folder, f"{name}.mp4") for name in ("fast", "slow", "short"))
        clips.write(fast, clips.there_and_back(images, options.frames), 30)
        clips.write(slow, clips.there_and_back(images, options.frames), PACE)
        clips.write(short, images[len(images) // 2 :][:10], 30)
        every, people = measure(fast, "--every-frame")
        paced, paced_people = measure(slow, "--realtime")
        start, start_people = measure(short)
    print(f"{options.clip}: {options.frames} frames of {WIDTH}x{HEIGHT}, {os.cpu_count()} cores, {every['backend']}\n")
    report("every frame", every, people)
    report(f"at {PACE} fps", paced, paced_people)
    report("start", start, start_people)
    result = {
        "fps": every["fps"],
        "people": round(people, 2),
        "latency_ms_p50": paced["latency_ms"]["p50"],
        "latency_ms_p95": paced["latency_ms"]["p95"],
        "dropped": paced["frames_dropped"],
        "startup_s": start["startup_s"],
        "cores": os.cpu_count(),
        "backend": every["backend"],
        "floor": FLOOR,
    }
    print(json.dumps(result))
