"""duopose evaluate gt3d FOLDER [--sets NAME ...] [--live] [--blazepose FOLDER] [--records FOLDER]
[options of duopose]: 3D poses on real pictures.

FOLDER holds a folder a set with `gt.json` and its pictures or its clip. Clips run with
--every-frame, pictures with --stills, both with the true intrinsics. Rows: the fused pose, each
branch's own, and `without_bottom_up`: the same fusion with the bottom-up branch switched off
(played in this process, without look-ahead); over all annotated people, and over those whom both
branches found. With --blazepose also BlazePose's poses of the same people
(evaluation/baselines/blazepose.py).

Sets with joints ("gt3d-1"), first table, figures as `evaluation/measures/honest.py` defines them:

  depth, depth_signed  error of the root's depth, %, median: its size, and with its sign (+ = too
                       far). A skeleton without hips is judged from the middle of the shoulders
  false                people a frame who meet nobody (of a branch: among those it has a pose for)
  reprojection         how far the pose lies from the 2D joints measured, % of the root of the box's
                       area (`measures/picture.py`)
  tremble, tremble_true  mean second difference of elbows, wrists, knees and ankles, mm a frame
                       squared, of the pose and of the truth at the same moments. Only where three
                       frames in a row are labelled: a clip labelled at every second frame has none,
                       for over twice the time steady motion alone gives four times as much. Clips
                       have different rates, so no mean is made of them
  bones                spread of a bone's length within a track, % (`measures/stability.py`)
  scaled               where the set's own scale was assumed (+-5 %): all poses of a row times one
                       factor, the one within 5 % that fits the depths best

Means: `fused`, ... is the plain mean over sets. A set of two pictures counts there as much as a
long clip, and people who are in two sets twice. `fused, by people` weighs the sets by their
`votes`: everyone counts n / (n + 1), n the pictures and seconds in which that person is labelled
(`measures/votes.py`). Neither weighs frames, of which one clip has most.

Sets with boxes and distances ("gt3d-ground-1", "gt3d-boxes-1"), second table: share found, error of
the root's depth as above (`measures/placing.py`).

Third table, calibration: whether the errors are as large as the record says they may be
(`measures/calibration.py`).
"""

import tempfile
from pathlib import Path

import cv2
import numpy as np

from duopose.evaluation.baselines import blazepose
from duopose.evaluation.measures import calibration, honest, placing, stability
from duopose.evaluation.measures.picture import reprojection
from duopose.evaluation.measures.votes import votes
from duopose.evaluation.runs import real_sets, records, top_down_alone
from duopose.evaluation.runs.real_sets import PLACED, POSED, UNSURE_SCALE
from duopose.evaluation.runs.tables import report
from duopose.nodes.profile import find
from duopose.stream.arguments import Parser, existing
from duopose.stream.skeleton import PELVIS
from duopose.training.datasets.reading.video import video

MEANS = (
    "recall", "mpjpe", "pa_mpjpe", "pck", "pck_abs", "depth", "depth_signed", "false", "reprojection", "bones",
)  # fmt: skip
ALONE, LIVE = "without_bottom_up", "live"


def pair_up(gt, recorded):
    """-> list of `honest.Pair`, and per row the number of predictions a frame that meet nobody."""
    pairs, false = [], dict.fromkeys(recorded[0].poses if recorded else records.ROWS, 0)
    for frame, truth, found, match in real_sets.judged(gt, recorded):
        for person, index in enumerate(match):
            poses, met = {}, None
            if index >= 0:
                poses = {row: found.poses[row][index] for row in false}
                met = found_person(found, index, real_sets.lens_of(gt, frame))
            known = truth.joints[person], truth.scored[person], truth.roots[person]
            number = frame["frame"] if "video" in gt else None
            pairs.append(honest.Pair(*known, poses, truth.anchor, number, int(truth.people[person]), met))
        for row in false:
            unmet = np.setdiff1d(np.arange(len(found.ids)), match)
            false[row] += int(np.isfinite(found.poses[row][unmet]).all((1, 2)).sum())
    return pairs, {row: count / len(gt["frames"]) for row, count in false.items()}


def found_person(found, index, camera):
    """One of the people of a `records.Found` -> `honest.Met`"""
    said = {name: array[index] for name in ("depth_sd", "joint_sd") if (array := getattr(found, name)) is not None}
    return honest.Met(int(found.ids[index]), found.boxes[index], found.body[index], camera, **said)


def with_row(row, both, others):
    """Two answers of `pair_up` on one set -> the first with the other's fused pose as one row more."""
    pairs = [
        pair._replace(poses=pair.poses | {row: other.poses["fused"]} if other.poses else pair.poses)
        for pair, other in zip(both[0], others[0], strict=True)
    ]
    return pairs, both[1] | {row: others[1]["fused"]}


def with_blazepose(network, folder, gt, recorded):
    """The record with one more row of poses, in the frames that are judged."""
    out = []
    for frame, found in real_sets.labelled(gt, recorded):
        if "video" in gt:
            image = video(folder / gt["video"]).read(frame["frame"])
        else:
            image = cv2.imread(str(folder / frame["image"]), cv2.IMREAD_COLOR_RGB)
        poses = blazepose.poses(network, image, found.boxes, real_sets.lens_of(gt, frame))
        out.append(found._replace(poses=found.poses | {"blazepose": poses}))
    return out


def by_both(pair):
    """Whether both branches have a pose for this person."""
    return all(honest.errors(pair, branch) is not None for branch in ("top_down", "bottom_up"))


def stillness(pairs, row):
    """Figures of a set's clip, as far as it is one: tremble of the pose and of the truth, spread of bones."""
    people, tracks = {}, {}
    for pair in pairs:
        pose = honest.pose_of(pair, row)
        if pose is not None and pair.frame is not None:
            people.setdefault(pair.person, []).append((pair.frame, pose, pair.joints, pair.scored))
            if pair.met:
                tracks.setdefault((pair.person, pair.met.identity), []).append(pose)
    moved, moved_truly = [], []
    for seen in people.values():
        numbers, poses, joints, known = (np.array(part) for part in zip(*seen, strict=True))
        moved.append(1000 * stability.second_differences(numbers, poses, known))
        moved_truly.append(1000 * stability.second_differences(numbers, joints, known))
    spreads = [stability.bone_spread(np.array(poses)) for poses in tracks.values()]
    spreads = [spread for spread in spreads if np.isfinite(spread)]
    bones = float(np.mean(spreads)) if spreads else np.nan
    return {"tremble": honest.mean(moved), "tremble_true": honest.mean(moved_truly), "bones": bones}


def away_in_picture(pairs, row):
    """Mean `measures.picture.reprojection` of those the row found, %."""
    met = [(pair.met, pose) for pair in pairs if pair.met and (pose := honest.pose_of(pair, row)) is not None]
    values = np.array([reprojection(pose, seen.body, seen.box, seen.camera) for seen, pose in met])
    return honest.mean([values[np.isfinite(values)]])


def measured(pairs, row):
    """All figures of a row but `false`."""
    return honest.figures(pairs, row) | {"reprojection": away_in_picture(pairs, row)} | stillness(pairs, row)


def scaled(pairs, row, most=UNSURE_SCALE):
    """The pairs with the row's poses times one factor, the one within `most` that fits the depths best.

    Times a factor a pose stays where it is in the picture.
    """
    errors = honest.depth_errors(pairs, row)
    factor = np.clip(1 / (1 + np.median(errors)), 1 - most, 1 + most) if len(errors) else 1.0
    return [pair._replace(poses={name: factor * pose for name, pose in pair.poses.items()}) for pair in pairs]


def figures(sets, known=None):
    """Rows of the first table: each set, then the means over sets.

    sets   {name: (pairs, false)}
    known  {name: gt}; with it also the scaled rows and the means by people
    """
    rows, poses = {}, list(dict.fromkeys(row for _, false in sets.values() for row in false))
    for name, (pairs, false) in sets.items():
        for row in poses:
            rows[f"{name}: {row}"] = measured(pairs, row) | {"false": false[row]}
            rows[f"{name}: {row}, by both"] = measured([pair for pair in pairs if by_both(pair)], row)
            if known and "scale" in known[name]:
                rows[f"{name}: {row}, scaled"] = measured(scaled(pairs, row), row) | {"false": false[row]}
    kinds = [f"{row}{who}" for who in ("", ", by both") for row in poses]
    means = {kind: mean(rows, kind, dict.fromkeys(sets, 1.0)) for kind in kinds}
    if known:
        weights = votes({name: known[name] for name in sets})
        means |= {f"{kind}, by people": mean(rows, kind, weights) for kind in kinds}
        for name in sets:
            rows[f"{name}: fused"]["votes"] = weights[name]
    return rows | means


def mean(rows, kind, weights):
    """Means of one kind of row over sets {name: weight}, of those that have a number there; people are added up."""
    out = {"people": sum(rows[f"{name}: {kind}"]["people"] for name in weights)}
    for column in MEANS:
        values = np.array([rows[f"{name}: {kind}"].get(column, np.nan) for name in weights], float)
        there = np.isfinite(values)
        weight = np.array(list(weights.values()))[there]
        out[column] = float((values[there] * weight).sum() / weight.sum()) if there.any() else np.nan
    return out


def placed_figures(gt, recorded, alone):
    """Rows of the second table of one set: {row: figures}; `alone`: its record without the bottom-up branch."""
    parts = {}
    for record, names in ((recorded, {row: row for row in records.ROWS}), (alone, {"fused": ALONE})):
        for frame, found in real_sets.labelled(gt, record):
            known, lens = real_sets.boxes(frame), frame.get("camera") or gt["camera"]
            index = placing.match(known, found.boxes)
            for row, name in names.items():
                depths = np.where(index >= 0, np.append(found.poses[row][:, PELVIS, 2], np.nan)[index], np.nan)
                expected = placing.clear(known, (lens["width"], lens["height"]))
                parts.setdefault(name, []).append((depths, known.depths, expected))
    return {name: placing.figures(*map(np.concatenate, zip(*part, strict=True))) for name, part in parts.items()}


def options(description):
    """Command line of this program and of its kin -> argparse parser."""
    parser = Parser(description)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--sets", nargs="+", metavar="NAME", help="these only (default: all that are there)")
    parser.add_argument("--profile", default="lite")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    records.add_options(parser)
    return parser


def main(argv):
    parser = options(__doc__)
    parser.add_argument(
        "--blazepose", type=existing, metavar="FOLDER", help="measure BlazePose beside ours: where its model lies"
    )
    parser.add_argument("--live", action="store_true", help="clips also at their own pace, as from a camera")
    chosen, live = parser.parse_known_args(argv)
    live += ["--profile", chosen.profile, "--device", chosen.device]
    network = blazepose.load(chosen.blazepose) if chosen.blazepose else None
    profile = find(chosen.profile, chosen.device)
    posed, placed = {}, {}
    with tempfile.TemporaryDirectory(prefix="duopose-evaluation-") as temporary:
        temporary = Path(temporary)
        kept = chosen.records or temporary
        known = real_sets.usable_sets(chosen.folder, chosen.sets, POSED + PLACED)
        if chosen.live:
            known = real_sets.clips_of(known, chosen.folder)
        for name, gt in known.items():
            folder = chosen.folder / name
            found = real_sets.record_of(folder, gt, kept, temporary, live)
            if chosen.live:
                at_its_pace = real_sets.live_record_of(folder, gt, kept, temporary, live, found)
                gt = known[name] = real_sets.with_only(gt, at_its_pace)
            alone = top_down_alone.obtain(kept / f"{name}.{ALONE}.jsonl", folder, gt, profile)
            if gt["format"] in PLACED:
                placed |= {f"{name}: {row}": part for row, part in placed_figures(gt, found, alone).items()}
                continue
            if network:
                found = with_blazepose(network, folder, gt, found)
            posed[name] = with_row(ALONE, pair_up(gt, found), pair_up(gt, alone))
            if chosen.live:
                posed[name] = with_row(LIVE, posed[name], pair_up(gt, at_its_pace))
    said = {f"calibration: {name}": calibration.figures(pairs, "fused") for name, (pairs, _) in posed.items()}
    report(figures(posed, known) if posed else {}, placed, said)
