"""duopose evaluate lifting_2d FOLDER [--sets NAME ...] [--profile NAME]: the lifting networks alone, on
2D poses of real people without pictures.

FOLDER holds a folder a set (evaluation/lifting/people2d.py says which kinds, and how detections of
several people are told apart: by the truth). The node's lifting gets the joints with their
detector's scores and the true lens; single pictures as stills, clips in their time. Rows: each set,
then its people by their height in the picture (pixels, from the highest to the lowest joint found).
Figures of `evaluation/measures/honest.py`, nothing aligned; somebody with less than 3 joints is
missed:

  recall                    % that could be lifted
  mpjpe, pa_mpjpe           mm, over those
  pck, pck_abs              % of joints within 150 mm; `-` where no joints are known
  depth, depth_signed       error of the root's depth, %, median; its size, and with its sign
"""

from itertools import pairwise

import numpy as np

from duopose.evaluation.lifting import people2d
from duopose.evaluation.measures import honest
from duopose.evaluation.runs.tables import report
from duopose.nodes.profile import find
from duopose.nodes.top_down.lifting import MIN_SEEN
from duopose.stream.arguments import Parser, existing
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import coco_to_body

ROW = "top_down"
SIZES = (0, 50, 100, 200, 400, np.inf)  # pixels


def lifted(make, shots):
    """Lift the people of `people2d.Shot`s, in their order -> list of (height in pixels, `honest.Pair`).

    make   () -> nodes.top_down.lifting.Lifting; called for each clip, and once for pictures by themselves
    """
    nodes, out = {}, []
    for shot in shots:
        body = coco_to_body(shot.coco.astype(np.float32))
        enough = (body[..., 2] > 0).sum(1) >= MIN_SEEN
        if shot.clip not in nodes:
            nodes[shot.clip] = make()
        node = nodes[shot.clip]
        seen = node.observe(shot.truth.people[enough], body[enough], shot.stamp, shot.camera, shot.clip is None)
        poses = iter(node.answer(seen))
        for person, there in enumerate(enough):
            parts = (array[person] for array in (shot.truth.joints, shot.truth.scored, shot.truth.roots))
            pair = honest.Pair(*parts, {ROW: next(poses)} if there else {}, shot.truth.anchor)
            out.append((height(shot.coco[person]), pair))
    return out


def height(coco):
    """Of a 2D pose [17, 3], in pixels; 0 if nothing was found."""
    found = coco[coco[:, 2] > 0, 1]
    return float(np.ptp(found)) if len(found) else 0.0


def rows(name, people):
    """One set, as `lifted` gives it -> rows of the table."""
    out = {name: honest.figures([pair for _, pair in people], ROW)}
    for least, most in pairwise(SIZES):
        within = [pair for tall, pair in people if least <= tall < most]
        if within:
            label = f"from {least} px" if most == np.inf else f"{least} to {most} px"
            out[f"{name}: {label}"] = honest.figures(within, ROW)
    return out


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--sets", nargs="+", metavar="NAME", help="these only (default: all that are there)")
    parser.add_argument("--profile", default="lite")
    chosen = parser.parse_args(argv)
    names = chosen.sets or sorted(path.name for path in chosen.folder.iterdir() if path.is_dir())
    sets = {name: shots for name in names if (shots := people2d.shots(chosen.folder / name))}
    if not sets:
        raise UsageError(f"{chosen.folder}: no set with 2D poses and no pictures among {', '.join(names) or 'nothing'}")
    make = find(chosen.profile).lifting
    report({row: part for name, shots in sets.items() for row, part in rows(name, lifted(make, shots)).items()})
