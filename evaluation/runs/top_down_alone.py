"""What the live program would say with its bottom-up branch switched off: the same networks, and one pose for fusion.

The nodes run one after the other in this process, on every frame of a clip and on each picture by itself.
"""

from collections import Counter

import numpy as np

from duopose.evaluation.ablations.switched import NoBottomUp
from duopose.evaluation.runs import real_sets, records
from duopose.nodes.capture.files import VideoFile, read_image
from duopose.nodes.chain import MOST_PEOPLE, Chain
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.recorder.record_format import record_line
from duopose.stream.messages import Frame


def chain(profile):
    """Nodes of a profile (nodes.profile) without the bottom-up branch -> Chain."""
    fusion = Fusion(profile.integration().step, MOST_PEOPLE)
    return Chain(profile.detection(), profile.top_down(MOST_PEOPLE), profile.lifting(), NoBottomUp(), fusion)


def pictures(folder, gt):
    """Yields (pixels uint8 [H, W, 3] RGB, Frame) of a set: every frame of its clip, or its pictures as stills."""
    if "video" in gt:
        for number, picture in enumerate(VideoFile(folder / gt["video"], Counter()).pictures()):
            pixels = np.ascontiguousarray(picture.pixels())
            yield pixels, frame_of(number, None, picture.stamp, pixels, real_sets.camera(gt["camera"]), False)
    else:
        for number, frame in enumerate(gt["frames"]):
            pixels = np.ascontiguousarray(read_image(folder / frame["image"])[..., ::-1])
            yield pixels, frame_of(number, frame["image"], number / 30, pixels, real_sets.lens_of(gt, frame), True)


def frame_of(number, file, stamp, pixels, camera, still):
    height, width = pixels.shape[:2]
    return Frame(number, file, stamp, 0.0, width, height, camera, "", 0, 0, still)


def obtain(path, folder, gt, profile):
    """The record at this path -> list of `records.Found`; made by playing the set if it is not there yet."""
    if not path.exists():
        nodes = chain(profile)
        lines = [record_line(nodes.play(pixels, frame)) for pixels, frame in pictures(folder, gt)]
        path.write_bytes(b"".join(line + b"\n" for line in lines))
    return records.read(path)
