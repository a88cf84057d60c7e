"""duopose view tcp://HOST:PORT [--key FILE] [--headless]: a run on another machine, in the window.

    duopose keys --add laptop                        on the machine that runs
    duopose 0 --listen tcp://*:5570 --listen-frames
    duopose view tcp://CAMERA:5570 --key laptop.key  here

--headless prints a line a second instead. It ends when the run does.
"""

import os
import sys
import time

import numpy as np

from duopose import viewer
from duopose.stream.arguments import Parser
from duopose.stream.errors import UsageError
from duopose.stream.network.remote import Remote
from duopose.stream.skeleton import PELVIS
from duopose.viewer.pace import Pace

TICK = 0.2  # s
EVERY = 1.0  # s between two lines


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("address", metavar="tcp://HOST:PORT", help="where the run listens")
    add("--key", metavar="FILE", help="what duopose keys --add wrote; none for a run with --insecure")
    add("--headless", action="store_true", help="no window: a line a second")
    arguments = parser.parse_args(argv)
    reason = None if arguments.headless else viewer.available()
    if reason:
        print(f"duopose view: no window: {reason}", file=sys.stderr, flush=True)
    headless = arguments.headless or reason is not None
    try:
        with Remote(arguments.address, ["scene"] if headless else ["scene", "picture"], arguments.key) as remote:
            (follow if headless else show)(remote)
            if remote.rubbish:
                print(f"duopose view: {remote.rubbish} messages were none", file=sys.stderr, flush=True)
    except ConnectionError as error:
        raise UsageError(error) from None
    except KeyboardInterrupt:  # how it is meant to end
        pass


def show(remote):
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 26))  # of a picture that a stranger may have made
    from duopose.viewer import app
    from duopose.viewer.remote import RemoteBus

    app.main(RemoteBus(remote), None)


def follow(remote):
    pace, next_line = Pace(), 0.0
    while not remote.ended:
        for _, scene in remote.poll(TICK):
            now = time.monotonic()
            pace.add(scene, now)
            if now >= next_line:
                next_line = now + EVERY
                print(line(scene, pace), flush=True)


def line(scene, pace):
    """What is seen: frame, rate, latency there, and how far off everyone is."""
    rate = f", {pace.rate:.1f} a second" if pace.rate else ""
    away = np.linalg.norm(scene.joints[:, PELVIS], axis=-1).tolist()
    places = ", ".join(f"{name} at {metres:.1f} m" for name, metres in zip(scene.ids.tolist(), away, strict=True))
    return f"frame {scene.frame.number}{rate}, latency {1000 * pace.latency:.0f} ms: {places or 'nobody'}"
