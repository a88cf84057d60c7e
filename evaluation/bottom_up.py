"""duopose evaluate bottom_up FOLDER [--sets NAME ...] [--records FOLDER] [--step N] [options of
duopose]: what the bottom-up branch makes of its heatmap input.

FOLDER as for gt3d. The live program runs on the sets; then the bottom-up branch alone, on every
N-th frame of a clip and every picture, is given the top-down joints that were found

  as found   there
  shuffled   among other people: those of a frame half-way through the list of all frames, fitted to
             this picture
  blanked    nowhere: no top-down joints at all

Figures as for gt3d, of the bottom-up poses by themselves: per set, then the plain mean over sets.
"""

import tempfile
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from duopose.evaluation import gt3d
from duopose.evaluation.runs import real_sets, records
from duopose.evaluation.runs.tables import report
from duopose.networks.runtime import load
from duopose.nodes.bottom_up.bottom_up import BottomUp
from duopose.nodes.capture.files import VideoFile
from duopose.stream.messages import Frame, People
from duopose.stream.skeleton import coco_to_body

STEP = 10  # of the frames of a clip each tenth: its neighbours tell nothing new
MOST_PEOPLE = 20


def thinned(gt, step):
    """The set with every step-th frame of its clip, or all of its pictures."""
    return gt | {"frames": gt["frames"][::step]} if "video" in gt else gt


def pictures(folder, gt):
    """Pixels uint8 [H, W, 3] RGB of the set's frames, in their order."""
    if "video" not in gt:
        for frame in gt["frames"]:
            yield cv2.cvtColor(cv2.imread(str(folder / frame["image"])), cv2.COLOR_BGR2RGB)
        return
    wanted = {frame["frame"] for frame in gt["frames"]}
    for number, picture in enumerate(VideoFile(folder / gt["video"], {"unreadable": 0}).pictures()):
        if number in wanted:
            yield picture.pixels()


def live_frame(lens, name):
    """`stream.messages.Frame` of a picture seen through this lens."""
    return Frame(0, str(name), 0.0, 0.0, lens["width"], lens["height"], real_sets.camera(lens), "", 0, 0, True)


def guides(found, size):
    """Top-down joints and boxes of a frame, as shares of the picture -> coco [N, 17, 3], boxes [N, 4], scores [N]."""
    top_down = np.isfinite(found.poses["top_down"]).all((1, 2))
    coco, boxes = found.coco[top_down].copy(), found.boxes[top_down]
    coco[..., :2] /= size
    return coco, boxes / np.tile(size, 2), found.scores[top_down]


def people(frame, guide):
    """`stream.messages.People` of the guide, fitted to this frame."""
    coco, boxes, scores = guide
    size = np.array([frame.width, frame.height])
    coco = coco * [*size, 1]
    ids = np.arange(1, len(coco) + 1, dtype=np.int32)
    return People(frame, ids, *(a.astype(np.float32) for a in (scores, boxes * np.tile(size, 2), coco)))


def as_found(poses, key):
    """Bottom-up poses as a record's frame in which nobody else looked."""
    body, none = coco_to_body(poses.coco), np.full_like(poses.joints, np.nan)
    branches = {"fused": poses.joints, "top_down": none, "bottom_up": poses.joints}
    return records.Found(key, key, 0.0, poses.ids, poses.scores, poses.boxes, poses.coco, body, branches)


class Case(NamedTuple):
    """One picture with what the top-down branch found in it."""

    set: str
    key: int | str  # number of the frame, name of the picture
    frame: Frame
    guide: tuple  # of `guides`


def cases_of(name, gt, recorded):
    """The frames of a set and its record -> list of `Case`."""
    by_key = {(f.frame if "video" in gt else f.file): f for f in recorded}
    cases = []
    for frame in gt["frames"]:
        key = frame["frame"] if "video" in gt else frame["image"]
        lens = frame.get("camera") or gt["camera"]
        guide = guides(by_key[key], np.array([lens["width"], lens["height"]]))
        cases.append(Case(name, key, live_frame(lens, key), guide))
    return cases


def measure(node, sets, cases, images):
    """Rows of the table: `node` (as `nodes.bottom_up.bottom_up.BottomUp`) on the images of the cases, with each kind of
    guide."""
    others = cases[len(cases) // 2 :] + cases[: len(cases) // 2]
    nobody = (np.zeros((0, 17, 3)), np.zeros((0, 4)), np.zeros(0))
    seen = {kind: {name: [] for name in sets} for kind in ("as found", "shuffled", "blanked")}
    for case, other, image in zip(cases, others, images, strict=True):
        for kind, guide in {"as found": case.guide, "shuffled": other.guide, "blanked": nobody}.items():
            seen[kind][case.set].append(as_found(node.step(image, people(case.frame, guide)), case.key))
    rows = {}
    for kind, by_set in seen.items():
        table = gt3d.figures({name: gt3d.pair_up(sets[name], found) for name, found in by_set.items()})
        rows |= {f"{name}: {kind}": table[f"{name}: bottom_up"] for name in sets} | {kind: table["bottom_up"]}
    return rows


def main(argv):
    parser = gt3d.options(__doc__)
    parser.add_argument("--step", type=int, default=STEP)
    chosen, live = parser.parse_known_args(argv)
    live += ["--profile", chosen.profile, "--device", chosen.device]
    sets, cases = {}, []
    with tempfile.TemporaryDirectory(prefix="duopose-evaluation-") as temporary:
        temporary = Path(temporary)
        for name, gt in real_sets.usable_sets(chosen.folder, chosen.sets).items():
            recorded = real_sets.record_of(chosen.folder / name, gt, chosen.records or temporary, temporary, live)
            sets[name] = thinned(gt, chosen.step)
            cases += cases_of(name, sets[name], recorded)
    images = (image for name, gt in sets.items() for image in pictures(chosen.folder / name, gt))
    node = BottomUp(load("bottom_up", chosen.profile, chosen.device), MOST_PEOPLE)
    report(measure(node, sets, cases, images))
