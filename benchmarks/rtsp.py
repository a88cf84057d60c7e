"""duopose bench rtsp [options]: minutes of a network stream that is killed, brought back and frozen on
the way.

The server (rtsp_server.py, which tells what it needs) plays the packaged clip, scaled to 1280x720,
on loopback; the program reads it like any camera. What must hold: latency does not grow, every
fault is overcome, the run ends as asked.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from duopose.benchmarks import clips
from duopose.nodes.capture.sources import DEMO
from duopose.stream.arguments import Parser, positive
from duopose.stream.record.reading import frames

SERVER = Path(__file__).parent / "parts" / "rtsp_server.py"
FAULTS = ((0.35, "killed", 10.0), (0.65, "frozen", 10.0))  # at this share of the run, for so many seconds
WARM = 5.0  # s at the start that do not count: caches are cold, and a bad start would excuse a bad end


class Server:
    """The camera, to be ill-treated.

    program   that serves `stream` at so many frames a second: words before STREAM PORT RATE; it prints its address
    """

    def __init__(self, stream, rate, program=("/usr/bin/python3", SERVER)):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [*program, str(stream), str(self.port), str(rate)]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise SystemExit("the RTSP server did not start; see benchmarks/parts/rtsp_server.py for what it needs")

    def stop(self):
        self.process.kill()
        self.process.communicate()

    def fail(self, how, seconds):
        if how == "killed":
            self.stop()
            time.sleep(seconds)
            self.start()
        else:
            self.process.send_signal(signal.SIGSTOP)
            time.sleep(seconds)
            self.process.send_signal(signal.SIGCONT)


def soak(server, seconds, folder):
    """Run the program on the stream with the faults -> its statistics, its record, [(how, from, to)] in record time."""
    stats, record = folder / "stats.json", folder / "record.jsonl"
    command = [sys.executable, "-m", "duopose", server.url, "--headless", "--stats", stats, "--record", record]
    program = subprocess.Popen(command)
    while not (record.exists() and record.stat().st_size):
        if program.poll() is not None:
            raise SystemExit(f"duopose ended with {program.returncode}")
        time.sleep(0.02)
    start, faults = time.monotonic(), []
    for share, how, duration in FAULTS:
        time.sleep(max(0.0, start + share * seconds - time.monotonic()))
        begin = time.monotonic() - start
        server.fail(how, duration)
        faults.append((how, begin, time.monotonic() - start))
    time.sleep(max(0.0, start + seconds - time.monotonic()))
    program.send_signal(signal.SIGINT)
    if program.wait(30) != 0:
        raise SystemExit(f"duopose ended with {program.returncode}")
    lines = [line for _, line in frames(record)]
    return json.loads(stats.read_text()), lines, faults


def judge(stats, lines, faults, seconds):
    """-> the figures: latency of the first and the last fifth of the run; how long after a fault frames came again."""
    stamps = np.array([line["stamp"] for line in lines])
    latency = np.array([line["latency_ms"] for line in lines])
    parts = (stamps > WARM) & (stamps < WARM + seconds / 5), stamps > seconds * 4 / 5
    first, last = (np.percentile(latency[part], 95) for part in parts)
    back = {how: float(stamps[stamps > end][0] - end) if (stamps > end).any() else None for how, _, end in faults}
    return {
        "seconds": seconds,
        "frames": len(lines),
        "fps": stats["fps"],
        "dropped": stats["frames_dropped"],
        "latency_p95_first_ms": round(float(first), 1),
        "latency_p95_last_ms": round(float(last), 1),
        "growth": round(float(last / first), 3),
        "back_after_s": {how: None if value is None else round(value, 2) for how, value in back.items()},
        "rss_peak_mb": {name: node["rss_peak_mb"] for name, node in stats["nodes"].items()},
        "restarts": sum(node["restarts"] for node in stats["nodes"].values()),
    }


def main(argv):
    options = Parser(__doc__)
    options.add_argument("--seconds", type=positive, default=300.0)
    options.add_argument("--rate", type=positive, default=30.0, help="frames a second of the camera")
    options = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        images = [clips.filled(image, 1280, 720) for image in clips.pictures(DEMO)]
        stream = Path(folder, "loop.h264")
        clips.write(stream, clips.there_and_back(images, 2 * len(images) - 2), options.rate, "h264")
        server = Server(stream, options.rate)
        try:
            figures = judge(*soak(server, options.seconds, Path(folder)), options.seconds)
        finally:
            server.stop()
    print(f"{options.seconds:g} s of RTSP at {options.rate:g} fps, {os.cpu_count()} cores")
    for name, value in figures.items():
        print(f"   {name:<22} {value}")
    print(json.dumps(figures))
