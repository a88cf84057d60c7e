"""What the tests of this folder share: a camera, a run of it, and how slow this machine is right now.

All chance comes from the fixture `chance`: pytest prints --chaos-seed N, and with the same N the same is done.
"""

import subprocess
import sys
import time
from contextlib import contextmanager

from duopose.benchmarks import clips, rtsp
from duopose.nodes.capture.sources import DEMO
from tests.places import ROOT

BACK = 2.0  # s after a fault until poses are back, on an idle machine
SOURCE = 12.0  # s more for a camera: the pauses between attempts, FFmpeg's dialogue, the next key frame
RATE = 5  # frames a second of the camera
RESERVE = 60.0  # s until a process in reserve has to be ready; two faults at once may take longer than BACK
# What the node that takes longest has to do when it starts, and the s that this takes on an idle core.
WORK = "from duopose.nodes.profile import find; lite = find(); lite.top_down(20); lite.lifting()"
IDLE = 2.2
VARIES = 1.5  # times as slow as a busy machine was found it may have been a moment ago
PYTHON_SERVER = (sys.executable, "-m", "tests.rtsp")


def slowness():
    """How many times as long as on an idle machine the start of a node takes right now, at least 1."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", WORK], check=True, cwd=ROOT)
    return max(1.0, (time.perf_counter() - begun) / IDLE)


def in_time(seconds, limit):
    """Whether it took `limit` s, or on a machine that is measured to be so much slower accordingly longer."""
    return seconds is not None and (seconds <= limit or seconds <= limit * VARIES * slowness())


def write_stream(path, seconds=20, rate=RATE, **size):
    """Bare H.264 of the people of the demo, who stand there and back: what a camera serves over and over."""
    images = clips.pictures(DEMO)
    clips.write(path, clips.there_and_back(images, seconds * rate), rate, "h264")
    return path


@contextmanager
def serving(stream, rate=RATE):
    """rtsp.Server: GStreamer's where it is installed, else that of tests/rtsp.py, either one a process of its own."""
    modules = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        real = subprocess.run(["/usr/bin/python3", "-c", modules], capture_output=True).returncode == 0
    except OSError:
        real = False
    server = rtsp.Server(stream, rate) if real else rtsp.Server(stream, rate, PYTHON_SERVER)
    try:
        yield server
    finally:
        server.stop()
