"""What a live run finds in pictures when it has no more time than for one look at each: at a step of its controller
(`nodes/capture/pace.py`), in a frame at which the bottom-up branch does not look.

The nodes run one after the other in this process, and know nothing of the picture before. Somebody is found from the
score on that stills ask for: a live run wants a higher one, to be sure before a track begins.
"""

import msgspec
import numpy as np

from duopose.evaluation.runs import records
from duopose.evaluation.runs.top_down_alone import chain, frame_of
from duopose.nodes.capture.files import read_image
from duopose.nodes.capture.pace import STEPS
from duopose.nodes.profile import find
from duopose.nodes.recorder.record_format import record_line
from duopose.nodes.tracking import CONFIDENT_STILL, Tracker
from duopose.stream.camera_file import Cameras
from duopose.stream.errors import UsageError


def add_option(parser):
    """--one-look STEP"""
    names = [step.name for step in STEPS]
    said = f"one look at each picture, as a live run at this step of its controller: {', '.join(names)}"
    parser.add_argument("--one-look", choices=names, metavar="STEP", help=said)


def obtain(path, pictures, step, *live):
    """The record at `path` of the pictures in a folder -> list of `records.Found`; made if it is not there yet.

    step   name of one of `pace.STEPS`
    live   what else was asked for, as for `records.obtain`: --profile NAME or nothing
    Raises UsageError where it is something else.
    """
    if live and (len(live) != 2 or live[0] != "--profile"):
        raise UsageError(f"--one-look takes --profile NAME and no other option of duopose, not {' '.join(live)}")
    if not path.exists():
        profile, cameras = find(live[1] if live else "lite"), Cameras(None, None)
        effort = next(effort for effort in STEPS if effort.name == step)
        lines = []
        for number, source in enumerate(sorted(pictures.iterdir())):
            pixels = np.ascontiguousarray(read_image(source)[..., ::-1])
            camera = cameras.of(pixels.shape[1], pixels.shape[0])
            frame = frame_of(number, source.name, 0.0, pixels, camera, still=False)
            nodes = chain(profile)
            nodes.top_down.tracker = Tracker(confident=CONFIDENT_STILL)
            lines.append(record_line(nodes.play(pixels, msgspec.structs.replace(frame, effort=effort))))
        path.write_bytes(b"".join(line + b"\n" for line in lines))
    return records.read(path)
