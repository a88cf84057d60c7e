"""duopose evaluate gt3d FOLDER [--sets NAME ...] [--blazepose FOLDER] [--records FOLDER] [options of
duopose]: 3D poses on real pictures.

FOLDER holds a folder a set with `gt.json` ("gt3d-1") and its pictures or its clip. Clips run with
--every-frame, pictures with --stills, both with the true intrinsics. Figures as
`evaluation/measures/honest.py` defines them: per set, then the plain mean over sets. Rows: the
fused pose and each branch's own, over all annotated people, and over those whom both branches
found. With --blazepose also BlazePose's poses of the same people
(evaluation/baselines/blazepose.py). `false`: people a frame that meet nobody (of a branch: among
those it has a pose for).
"""

import json
import tempfile
from pathlib import Path

import cv2
import numpy as np

from duopose.evaluation.baselines import blazepose
from duopose.evaluation.measures import honest
from duopose.evaluation.runs import records, sequences
from duopose.evaluation.runs.tables import report
from duopose.stream.arguments import Parser, existing
from duopose.stream.errors import UsageError
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY_HIPS
from duopose.training.datasets.reading.errors import reading
from duopose.training.datasets.reading.video import video

MEANS = ("recall", "mpjpe", "pa_mpjpe", "pck", "pck_abs", "depth", "false")


def load(folder):
    """gt.json of a set, or None if the set has no joints or no pictures."""
    path = folder / "gt.json"
    if not path.exists():
        return None
    with reading(path, "a set of poses"):
        gt = json.loads(path.read_text())
        usable = gt.get("format") == "gt3d-1" and all("video" in gt or frame["image"] for frame in gt["frames"])
    return gt if usable else None


def truth(gt, frame):
    """Annotated people of one frame -> `honest.Truth`. Someone without a root, or without a joint in the image, is left
    out."""
    lens = frame.get("camera") or gt["camera"]
    joints = [honest.by_name(gt["joint_names"], person["joints_cam"]) for person in frame["persons"]]
    pixels = [honest.by_name(gt["joint_names"], person["joints_img"]) for person in frame["persons"]]
    joints, pixels = np.array(joints).reshape(-1, 17, 3), np.array(pixels)[..., :2].reshape(-1, 17, 2)
    inside = (pixels >= 0) & (pixels <= [lens["width"] - 1, lens["height"] - 1])
    scored = inside.all(-1) & np.isfinite(joints).all(-1)
    roots = joints[:, BODY_HIPS].mean(1)
    given = np.array([person["pelvis_cam"] or [np.nan] * 3 for person in frame["persons"]], float).reshape(-1, 3)
    roots = np.where(np.isfinite(roots), roots, given)
    usable = scored.any(1) & np.isfinite(roots).all(1)
    return honest.Truth(
        joints[usable], np.where(scored[..., None], pixels, np.nan)[usable], scored[usable], roots[usable]
    )


def lens_of(gt, frame):
    """`stream.messages.Camera` of a frame."""
    return camera(frame.get("camera") or gt["camera"])


def camera(lens):
    """`stream.messages.Camera` of a set's "camera"."""
    return Camera(*(lens[key] for key in ("fx", "fy", "cx", "cy")), "file", tuple(lens["dist_k1k2p1p2k3"]))


def camera_file(gt, path):
    """Write the intrinsics of a set as `--camera` wants them: one for a clip, one a picture for pictures."""

    def entry(lens):
        return sequences.intrinsics(camera(lens), (lens["width"], lens["height"]))

    if "video" in gt:
        cameras = entry(gt["camera"])
    else:
        cameras = {frame["image"]: entry(frame.get("camera") or gt["camera"]) for frame in gt["frames"]}
    path.write_text(json.dumps(cameras))
    return path


def judged(gt, recorded):
    """The annotated frames of a set, each with its `records.Found`."""
    by_frame = {(f.frame if "video" in gt else f.file): f for f in recorded}
    return [(frame, by_frame[frame["frame"] if "video" in gt else frame["image"]]) for frame in gt["frames"]]


def pair_up(gt, recorded):
    """-> list of `honest.Pair`, and per row the number of predictions a frame that meet nobody."""
    pairs, false = [], dict.fromkeys(recorded[0].poses if recorded else records.ROWS, 0)
    for frame, found in judged(gt, recorded):
        true = truth(gt, frame)
        match = honest.match(true.pixels, sequences.seen(found, lens_of(gt, frame)))
        for person, index in enumerate(match):
            poses = {row: found.poses[row][index] for row in false} if index >= 0 else {}
            pairs.append(honest.Pair(true.joints[person], true.scored[person], true.roots[person], poses))
        for row in false:
            unmet = np.setdiff1d(np.arange(len(found.ids)), match)
            false[row] += int(np.isfinite(found.poses[row][unmet]).all((1, 2)).sum())
    return pairs, {row: count / len(gt["frames"]) for row, count in false.items()}


def with_blazepose(network, folder, gt, recorded):
    """The record with one more row of poses, in the frames that are judged."""
    out = []
    for frame, found in judged(gt, recorded):
        if "video" in gt:
            image = video(folder / gt["video"]).read(frame["frame"])
        else:
            image = cv2.imread(str(folder / frame["image"]), cv2.IMREAD_COLOR_RGB)
        poses = blazepose.poses(network, image, found.boxes, lens_of(gt, frame))
        out.append(found._replace(poses=found.poses | {"blazepose": poses}))
    return out


def by_both(pair):
    """Whether both branches have a pose for this person."""
    return all(honest.errors(pair, branch) is not None for branch in ("top_down", "bottom_up"))


def figures(sets):
    """{set: (pairs, false)} -> rows of the table: each set, then the means over sets."""
    rows, poses = {}, list(dict.fromkeys(row for _, false in sets.values() for row in false))
    for name, (pairs, false) in sets.items():
        for row in poses:
            rows[f"{name}: {row}"] = honest.figures(pairs, row) | {"false": false[row]}
            rows[f"{name}: {row}, by both"] = honest.figures([pair for pair in pairs if by_both(pair)], row)
    means = {}
    for kind in [f"{row}{who}" for who in ("", ", by both") for row in poses]:
        means[kind] = {"people": sum(rows[f"{name}: {kind}"]["people"] for name in sets)}
        for column in MEANS:
            values = [rows[f"{name}: {kind}"].get(column, np.nan) for name in sets]
            values = [value for value in values if np.isfinite(value)]
            means[kind][column] = float(np.mean(values)) if values else np.nan
    return rows | means


def record_of(folder, gt, kept, temporary, live):
    """What the live program finds on a set -> list of `records.Found`; its record is, or will be, in the folder
    `kept`."""
    lens = camera_file(gt, temporary / f"{folder.name}.json")
    if "video" in gt:
        source, how = folder / gt["video"], "--every-frame"
    else:
        source, how = only_pictures(gt, folder, temporary / folder.name), "--stills"
    return records.obtain(kept / f"{folder.name}.jsonl", source, how, "--camera", lens, *live)


def only_pictures(gt, folder, linked):
    """A folder with links to the pictures of the set and nothing else."""
    linked.mkdir()
    for frame in gt["frames"]:
        (linked / frame["image"]).symlink_to((folder / frame["image"]).resolve())
    return linked


def usable_sets(folder, names=None):
    """{name: gt} of the sets with joints and pictures; UsageError if there is none."""
    names = names or sorted(path.name for path in folder.iterdir() if path.is_dir())
    sets = {name: gt for name in names if (gt := load(folder / name))}
    if not sets:
        raise UsageError(f"{folder}: no set with joints and pictures among {', '.join(names) or 'nothing'}")
    return sets


def options(description):
    """Command line of this program and of its kin -> argparse parser."""
    parser = Parser(description)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--sets", nargs="+", metavar="NAME", help="these only (default: all with joints and pictures)")
    records.add_options(parser)
    return parser


def main(argv):
    parser = options(__doc__)
    parser.add_argument(
        "--blazepose", type=existing, metavar="FOLDER", help="measure BlazePose beside ours: where its model lies"
    )
    chosen, live = parser.parse_known_args(argv)
    network = blazepose.load(chosen.blazepose) if chosen.blazepose else None
    with tempfile.TemporaryDirectory(prefix="duopose-evaluation-") as temporary:
        temporary = Path(temporary)
        kept = chosen.records or temporary
        sets = {}
        for name, gt in usable_sets(chosen.folder, chosen.sets).items():
            found = record_of(chosen.folder / name, gt, kept, temporary, live)
            if network:
                found = with_blazepose(network, chosen.folder / name, gt, found)
            sets[name] = pair_up(gt, found)
    report(figures(sets))
