"""duopose view tcp://HOST:PORT | RECORD.jsonl [options]: a run on another machine, or a record, in
the window.

    duopose keys --add laptop                        on the machine that runs
    duopose 0 --listen tcp://*:5570 --listen-frames
    duopose view tcp://CAMERA:5570 --key laptop.key  here

    duopose view POSES.jsonl --video CLIP.mp4        what a run recorded: play it, go anywhere in it

--headless prints a line a second instead, of a run; it ends when the run does. A record is given to
all that follows a run by duopose replay; duopose draw makes a file of one scene.
"""

import os
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from duopose import viewer
from duopose.stream.arguments import Parser
from duopose.stream.errors import UsageError
from duopose.stream.network.remote import Remote
from duopose.stream.overlay import name_of
from duopose.stream.skeleton import PELVIS
from duopose.viewer.controls.pace import Pace

TICK = 0.2  # s
EVERY = 1.0  # s between two lines


def main(argv):
    parser = Parser(__doc__)
    add = parser.add_argument
    add("address", metavar="tcp://HOST:PORT | RECORD.jsonl", help="where the run listens, or what --record wrote")
    add("--key", metavar="FILE", help="what duopose keys --add wrote; none for a run with --insecure")
    add("--video", metavar="CLIP", help="the video, image or folder that a record was made from, for its pictures")
    add("--headless", action="store_true", help="no window: a line a second")
    arguments = parser.parse_args(argv)
    if Path(arguments.address).suffix == ".jsonl" and "://" not in arguments.address:
        play(arguments)
        return
    if arguments.video:
        raise UsageError("--video is for records: a run sends its pictures")
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


def play(arguments):
    """A record in the window. Raises UsageError, also where there can be no window."""
    if arguments.headless or arguments.key:
        raise UsageError(f"--headless and --key are for runs, {arguments.address} is a record")
    if arguments.video and not Path(arguments.video).exists():
        raise UsageError(f"{arguments.video}: no such file or folder")
    from duopose.viewer.recording import Film, Nobody

    try:
        film = Film(arguments.address, arguments.video)
    except (OSError, ValueError) as error:
        raise UsageError(error) from None
    if len(film) == 0:
        raise UsageError(f"{arguments.address}: there is no scene in this record")
    if reason := viewer.available():
        raise UsageError(f"no window: {reason}. duopose draw {arguments.address} --out FILE.png needs none")
    import av

    from duopose.viewer import app

    try:
        app.main(Nobody(), None, film)
    except av.error.FFmpegError as error:
        raise UsageError(f"{arguments.video}: {error.strerror}") from None
    except ValueError as error:
        if not str(error).startswith(f"{arguments.address}:"):  # not a line in the middle that is none
            raise
        raise UsageError(error) from None


def show(remote):
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 26))  # of a picture that a stranger may have made
    from duopose.viewer import app
    from duopose.viewer.remote import RemoteBus

    app.main(RemoteBus(remote), None)


def follow(remote):
    paces, next_lines = defaultdict(Pace), defaultdict(float)  # of each camera
    while not remote.ended:
        for _, scene in remote.poll(TICK):
            now, camera = time.monotonic(), scene.frame.camera_name
            paces[camera].add(scene, now)
            if now >= next_lines[camera]:
                next_lines[camera] = now + EVERY
                print(line(scene, paces[camera]), flush=True)


def line(scene, pace):
    """What is seen: camera, frame, rate, latency there, and how far off everyone is."""
    rate = f", {pace.rate:.1f} a second" if pace.rate else ""
    away = np.linalg.norm(scene.joints[:, PELVIS], axis=-1).tolist()
    places = ", ".join(
        f"{name_of(identity, scene)} at {metres:.1f} m"
        for identity, metres in zip(scene.ids.tolist(), away, strict=True)
    )
    camera = f"{scene.frame.camera_name}: " if scene.frame.camera_name else ""
    return f"{camera}frame {scene.frame.number}{rate}, latency {1000 * pace.latency:.0f} ms: {places or 'nobody'}"
