"""duopose bench smooth FOLDER: what --smooth gives and what it costs, on rendered clips with their truth.

    duopose train render_clips --pack DIR --motion DIR --split val \\
        --kind crossing walk crowd close moving --seed 31 32 33 --seconds 4 FOLDER

The branches run once, fusion once for each S. Per S, plain means over clips, over everyone who is
followed:

tremble    mm, mean |x(t-1) - 2 x(t) + x(t+1)| of elbows, wrists, knees and ankles, camera frame;
           and over that of the truth
lag        ms by which these joints, relative to the pelvis, follow the true ones: where the sum of
           squares between both, each without its mean, is least over shifts of whole frames, and a
           parabola through the three best. That of --smooth 0 is the networks' own
bones      %, standard deviation of a bone's length over its mean, after the first second of a track
picture    %, median distance of the fused joints, projected, from the measured ones, and mean
           distance from the true ones, of the root of the box's area

MPJPE, PCK_abs and depth as `duopose evaluate gt3d` has them, of those who were found.
"""

import json
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from duopose.evaluation.measures import honest
from duopose.evaluation.runs import played
from duopose.evaluation.runs.sequences import over
from duopose.evaluation.runs.tables import report
from duopose.kernels.camera import constants, project
from duopose.nodes.chain import MOST_PEOPLE, load_networks
from duopose.nodes.fusion.fusion import Fusion
from duopose.nodes.fusion.integration import Integration
from duopose.stream.arguments import Parser, existing
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import BODY17, BODY_BONES, PELVIS, coco_to_body
from duopose.training.branch_pairs import SHOWN
from duopose.training.datasets.reading.errors import reading

LIMBS = [joint for joint, name in enumerate(BODY17) if name.endswith(("elbow", "wrist", "knee", "ankle"))]
BODY = [joint for joint, name in enumerate(BODY17) if name not in ("nose", "head_top")]  # on which annotators agree
FARTHEST = 12  # frames of a lag that is looked for
RATE = SECOND = 30  # frames a second, of rendered clips
SMOOTHS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)


class Run(NamedTuple):
    """Somebody under one identity in T frames without a gap."""

    pose: np.ndarray  # [T, 17, 3] metres, camera frame
    truth: np.ndarray  # [T, 17, 3]


def meet(clip, scene, number):
    """Yields who is whom in one frame: index in the scene, index of the true person, its joints, pixels, which count,
    and the pixels measured."""
    lens, persons = clip.joints["camera"], clip.joints["frames"][number]["persons"]
    joints = np.array([person["joints_cam"] for person in persons]).reshape(-1, 17, 3)
    pixels = np.array([person["joints_img"] for person in persons]).reshape(-1, 17, 2)
    scored = ((pixels >= 0) & (pixels <= [lens["width"] - 1, lens["height"] - 1])).all(-1)
    body = coco_to_body(scene.coco)
    found = np.where(body[..., 2:] > 0, body[..., :2], np.nan)
    for person, index in enumerate(honest.match(np.where(scored[..., None], pixels, np.nan), found)):
        if index >= 0:
            yield index, person, joints[person], pixels[person], scored[person], found[index]


def figures(clip, scenes):
    """The figures of one clip, named as above."""
    tracks, pairs, measured, true = defaultdict(list), [], [], []
    for number, scene in enumerate(scenes):
        shown = [person["id"] for person in clip.people["frames"][clip.numbers[number]] if person["share"] >= SHOWN]
        for index, person, joints, pixels, scored, found in meet(clip, scene, number):
            pose, size = scene.joints[index], np.sqrt(np.prod(scene.boxes[index, 2:]))
            tracks[shown[person], int(scene.ids[index])].append((number, pose, joints))
            pairs.append(honest.Pair(joints, scored, joints[PELVIS], {"fused": pose}))
            seen = project(pose, *constants(scene.frame.camera))
            measured.append(np.linalg.norm(seen - found, axis=-1)[BODY] / size)
            true.append(np.linalg.norm(seen - pixels, axis=-1)[BODY][scored[BODY]] / size)
    runs = [run for track in tracks.values() for run in unbroken(track)]
    tremble, true_tremble = (
        np.concatenate([shake(joints) for joints in kind]).mean() for kind in zip(*runs, strict=True)
    )
    accuracy = honest.figures(pairs, "fused")
    return {
        "tremble": 1000 * tremble,
        "of the truth's": tremble / true_tremble,
        "lag": lag(runs),
        "bones": bones(runs),
        "picture": 100 * np.nanmedian(np.concatenate(measured)),
        "true picture": 100 * np.concatenate(true).mean(),
        "MPJPE": accuracy["mpjpe"],
        "PCK_abs": accuracy["pck_abs"],
        "depth": accuracy["depth"],
    }


def unbroken(track):
    """[(frame, pose, true pose), ...] of one person under one identity -> list of Run."""
    numbers, poses, truths = map(np.array, zip(*track, strict=True))
    parts = np.split(np.arange(len(numbers)), np.flatnonzero(np.diff(numbers) != 1) + 1)
    return [Run(poses[part], truths[part]) for part in parts if len(part) > 2]


def shake(joints):
    """[T, 17, 3] -> the limbs' |x(t-1) - 2 x(t) + x(t+1)|, flat."""
    return np.linalg.norm(np.diff(joints[:, LIMBS], 2, axis=0), axis=-1).ravel()


def lag(runs):
    """In ms; NaN without a run of two seconds."""
    shifts, misfit = np.arange(-FARTHEST, FARTHEST + 1), np.zeros(2 * FARTHEST + 1)
    for run in runs:
        if len(run.pose) < 2 * SECOND:
            continue
        pose, truth = (joints[:, LIMBS] - joints[:, PELVIS, None] for joints in run)
        pose = pose[FARTHEST:-FARTHEST] - pose[FARTHEST:-FARTHEST].mean(0)
        for k, shift in enumerate(shifts):
            before = truth[FARTHEST - shift : len(truth) - FARTHEST - shift]
            misfit[k] += ((pose - before + before.mean(0)) ** 2).sum()
    best = int(misfit[1:-1].argmin()) + 1
    left, least, right = misfit[best - 1 : best + 2]
    if left == least == right:
        return np.nan
    return float(shifts[best] + (left - right) / (2 * (left - 2 * least + right))) * 1000 / RATE


def bones(runs):
    """Mean over bones and over runs that go on for half a second after their first; NaN without one."""
    parents, joints = np.array(BODY_BONES).T
    later = [run.pose[SECOND:] for run in runs if len(run.pose) > 1.5 * SECOND]
    lengths = [np.linalg.norm(poses[:, joints] - poses[:, parents], axis=-1) for poses in later]
    return 100 * float(np.mean([length.std(0) / length.mean(0) for length in lengths])) if lengths else np.nan


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing)
    folder = parser.parse_args(argv).folder
    clips = [path for path in sorted(folder.glob("*.mp4")) if path.with_suffix(".json").exists()]
    if not clips:
        raise UsageError(f"{folder}: no clip with its truth")
    networks = load_networks()
    player, rows = played.Player(networks), defaultdict(list)
    for path in clips:
        with reading(path.with_suffix(".json"), "the truth of a clip"):
            known = json.loads(path.with_suffix(".json").read_text())
        clip = played.load(path, known, step=1)
        _, said = player.play(clip)
        for smooth in SMOOTHS:
            fusion = Fusion(Integration(networks.integration).step, MOST_PEOPLE, smooth=smooth)
            rows[f"--smooth {smooth:g}"].append(figures(clip, [fusion.step(*branches) for branches in said]))
    report({name: over(tables) for name, tables in rows.items()})
