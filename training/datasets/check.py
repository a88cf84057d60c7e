"""duopose train datasets SET DIR [options]: whether a folder is the data set it should be: what a
loader makes of it, in numbers and drawn.

Looks at some pictures, evenly spread. The last line is the same as JSON:

    pictures, sequences     in the whole set
    people                  a picture, in the mean
    seen, hidden, outside   shares of the labelled COCO17 joints, with confidence 1, below 1, 0
    labelled                share of the COCO17 joints that the set labels
    depth                   of the root, metres: 5 %, 50 % and 95 % of the people
    reprojection            px between a joint and the projection of its 3D: 50 % and 99 % of the
                            joints; near 0 where both are right
    body                    share of the BODY17 joints known in metres: what lifting learns
    thigh                   length of thighs, metres: 5 %, 50 % and 95 %; near 0.45 for adults
    rate                    frames a second of the first sequence
"""

import json
from pathlib import Path

import cv2
import numpy as np

from duopose.stream.arguments import Parser, existing
from duopose.stream.overlay import colour_of, draw_skeleton
from duopose.stream.skeleton import L_HIP, L_KNEE, R_HIP, R_KNEE
from duopose.training.datasets.coco import Coco
from duopose.training.datasets.human36m import Human36m
from duopose.training.datasets.jta import Jta
from duopose.training.datasets.mpi_inf_3dhp import MpiInf3dhp
from duopose.training.datasets.muco import Muco
from duopose.training.datasets.mupots import Mupots
from duopose.training.datasets.panoptic import Panoptic
from duopose.training.datasets.reading.labelled import projected
from duopose.training.datasets.threedpw import ThreeDpw

HIPS, KNEES = [R_HIP, L_HIP], [R_KNEE, L_KNEE]
SETS = {
    "coco": Coco,
    "coco-val": lambda folder: Coco(folder, "val2017"),
    "muco": Muco,
    "mpi-inf-3dhp": MpiInf3dhp,
    "mpi-inf-3dhp-test": lambda folder: MpiInf3dhp(folder, "test"),
    "mupots": Mupots,
    "human36m": Human36m,
    "human36m-test": lambda folder: Human36m(folder, "test"),
    "3dpw": ThreeDpw,
    "3dpw-test": lambda folder: ThreeDpw(folder, "test"),
    "jta": Jta,
    "jta-val": lambda folder: Jta(folder, "val"),
    "jta-test": lambda folder: Jta(folder, "test"),
    "panoptic": Panoptic,
}


def spread(loader, count):
    """`count` Samples of a loader, evenly spread."""
    return [loader[int(index)] for index in np.linspace(0, len(loader) - 1, min(count, len(loader))).round()]


def summary(loader, samples):
    """What the module's docstring lists, as a dict."""
    coco = np.concatenate([sample.coco2d for sample in samples])
    labelled = coco[~np.isnan(coco[..., 2])]
    gaps = [
        np.linalg.norm(projected(sample.coco3d, sample.camera) - sample.coco2d[..., :2], axis=-1).ravel()
        for sample in samples
        if sample.camera is not None
    ]
    body = np.concatenate([sample.body3d for sample in samples])
    return {
        "pictures": len(loader),
        "sequences": len(getattr(loader, "sequences", ())),
        "people": len(coco) / len(samples),
        "labelled": len(labelled) / max(coco[..., 0].size, 1),
        "seen": mean(labelled[:, 2] == 1),
        "hidden": mean((labelled[:, 2] < 1) & (labelled[:, 2] != 0)),
        "outside": mean(labelled[:, 2] == 0),
        "depth": quantiles(np.concatenate([sample.root[:, 2] for sample in samples]), (0.05, 0.5, 0.95)),
        "reprojection": quantiles(np.concatenate([*gaps, []]), (0.5, 0.99)),
        "body": mean(np.isfinite(body).all(-1)),
        "thigh": quantiles(np.linalg.norm(body[:, KNEES] - body[:, HIPS], axis=-1), (0.05, 0.5, 0.95)),
        "rate": rate(loader),
    }


def rate(loader):
    """Frames a second of a loader's first sequence with two frames, None where there is none."""
    for indices in getattr(loader, "sequences", {}).values():
        if len(indices) > 1:
            return round(1 / (loader[indices[1]].stamp - loader[indices[0]].stamp), 3)
    return None


def mean(values):
    return float(np.mean(values)) if len(values) else None


def quantiles(values, levels):
    known = values[np.isfinite(values)]
    return [round(float(value), 3) for value in np.quantile(known, levels)] if len(known) else None


def drawn(sample):
    """The picture of a Sample with its people: COCO17 joints, boxes, areas to ignore. uint8 [H, W, 3] RGB"""
    image = np.ascontiguousarray(sample.pixels())
    thick = max(1, round(min(sample.size) / 360))
    for boxes, colour in (
        (sample.ignore, (128, 128, 128)),
        *((box[None], colour_of(i)) for i, box in enumerate(sample.boxes)),
    ):
        for x, y, w, h in np.rint(boxes).astype(int).tolist():
            cv2.rectangle(image, (x, y), (x + w, y + h), colour, thick)
    for person, joints in enumerate(np.nan_to_num(sample.coco2d)):
        draw_skeleton(image, joints, colour_of(person), thick)
    return image


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("name", choices=SETS, metavar="SET", help=", ".join(SETS))
    parser.add_argument("folder", type=existing, help="where it lies: docs/datasets.md shows the tree")
    parser.add_argument(
        "--look", type=int, default=200, metavar="N", help="pictures whose labels are looked at (default 200)"
    )
    parser.add_argument("--draw", type=Path, metavar="DIR", help="draw some of them into this folder")
    parser.add_argument("--count", type=int, default=12, metavar="N", help="how many to draw (default 12)")
    options = parser.parse_args(argv)
    loader = SETS[options.name](options.folder)
    result = summary(loader, spread(loader, max(options.look, 1)))
    if options.draw:
        options.draw.mkdir(parents=True, exist_ok=True)
        for number, sample in enumerate(spread(loader, options.count)):
            cv2.imwrite(str(options.draw / f"{number:03d}.jpg"), drawn(sample)[..., ::-1])
    for name, value in result.items():
        print(f"{name:14}", value if not isinstance(value, float) else f"{value:.3f}")
    print(json.dumps(result))
