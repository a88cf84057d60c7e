"""duopose evaluate thresholds FOLDER [--clips NAME ...] [--only NAME ...] [--step N]: what the
nodes' thresholds do.

Clips of FOLDER whose people are known, and the rendered ones of `evaluation/clips` (both as
`evaluate video` finds them), are played through `nodes.chain.Chain`: once as it is, then with
one threshold of THRESHOLDS at another value, each in its turn. The first row is the figures as
they are. The other rows say by how much they change. Plain mean over the clips that have the
figure.

    found, false, IDF1             `evaluation/measures/identity.py`: people found, false per 100
                                   frames, in %; IDF1
    PCK, PCK_abs, MPJPE, depth %   `evaluation/measures/honest.py`, fused pose, rendered clips only
    shake %                        mean change of a person's distance from one frame to the next

Two things make this fast. Each network remembers its answers of the first run, so only what a
threshold changes is computed again. And the thresholds of fusion are tried on the branches'
answers of the first run. The thresholds for stills are tried on every tenth of the frames, each
played as a still.
"""

import json
import sys
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from duopose.evaluation import gt3d, video
from duopose.evaluation.bottom_up import as_found
from duopose.evaluation.measures import honest, identity
from duopose.evaluation.runs.played import Player, as_stills, load
from duopose.evaluation.runs.sequences import over
from duopose.evaluation.runs.tables import report
from duopose.kernels import grouping, window
from duopose.nodes import decoding, placement, shared_joints, tracking
from duopose.nodes.chain import load_networks
from duopose.nodes.cues import appearance, reach
from duopose.nodes.detection import detection, reasons
from duopose.nodes.fusion import fusion, matching, steady
from duopose.nodes.top_down import agreement, crops, lifting
from duopose.stream.arguments import Parser, count, existing
from duopose.stream.errors import UsageError
from duopose.stream.skeleton import PELVIS

FACTORS = 0.7, 1.4


class Thresholds(NamedTuple):
    """Some constants of one module that are tried in one way."""

    module: object
    names: tuple
    how: str = "chain"  # "chain": all nodes; "fusion": on the branches' answers of the first run; "stills": on stills
    steps: tuple = ()  # added to a count; empty: multiplied by each of FACTORS


THRESHOLDS = (
    Thresholds(detection, ("MIN_SCORE", "MAX_IOU")),
    Thresholds(reasons, ("UNCLEAR", "CHANGED", "CALM", "AGREE", "DIFFERENT")),
    Thresholds(decoding, ("PEAK", "TAG_DISTANCE", "PEAK_MISSING")),
    Thresholds(decoding, ("MIN_JOINTS",), steps=(-1, 1)),
    Thresholds(decoding, ("TOP_K",), steps=(-10, 10)),
    Thresholds(grouping, ("OUTSIDE", "ASIDE_WEIGHT", "PEAK_WEIGHT")),
    Thresholds(shared_joints, ("SAME_JOINT",)),
    Thresholds(crops, ("SAME_BOX", "SHARE_CROP", "SAME_PERSON", "PIECES_SHARED", "PIECES_INSIDE", "CENTRE_SIGMA")),
    Thresholds(crops, ("FIT_BOX", "FIT_OLD_BOX", "NO_BOX_SCORE", "DETECTOR_POWER")),
    Thresholds(crops, ("SMALLEST",), steps=(-2, 2)),
    Thresholds(appearance, ("COLOURFUL", "COMMON", "DARK")),
    Thresholds(tracking, ("ACTIVE", "FORGET", "FORGET_TENTATIVE", "CONFIDENT", "MAX_UNSURE")),
    Thresholds(tracking, ("VELOCITY_TIME", "COAST", "APPEARANCE_TIME", "CROWDED", "JOINT_SIGMA", "SIGMA_GROWTH")),
    Thresholds(tracking, ("POSE_WEIGHT", "BOX_WEIGHT", "APPEARANCE_WEIGHT")),
    Thresholds(tracking, ("MIN_NEARNESS", "MIN_LIKENESS", "MIN_AFFINITY", "SAME_BOX")),
    Thresholds(reach, ("HALF", "WALK")),
    Thresholds(tracking, ("CONFIRMED",), steps=(-1, 1)),
    Thresholds(window, ("GAP",)),
    Thresholds(lifting, ("FORGET",)),
    Thresholds(lifting, ("MIN_SEEN",), steps=(-1, 1)),
    Thresholds(placement, ("MAX_LOG_RATIO",)),
    Thresholds(matching, ("SIGMA", "NEAREST", "MIN_SIMILARITY", "MIN_IMAGE_OKS", "JOINT_SIGMA"), "fusion"),
    Thresholds(fusion, ("ONE_BRANCH_SCORE", "SAME_JOINTS", "SAME_BOX", "ONE_BRANCH_WEIGHT"), "fusion"),
    Thresholds(fusion, ("ONE_BRANCH_JOINTS",), "fusion", (-1, 1)),
    Thresholds(steady, ("NOISE", "ACCELERATION", "FIRST_RATE", "OUTLIER", "FORGET"), "fusion"),
    Thresholds(detection, ("MIN_SCORE_STILL",), "stills"),
    Thresholds(tracking, ("CONFIDENT_STILL",), "stills"),
    Thresholds(agreement, ("SAME_PERSON", "AGREE_WITHIN"), "stills"),
)


def label(module, name):
    return f"{module.__name__.rpartition('.')[2]}.{name}"


def trials(only=()):
    """(label, module, name, value, how) of everything to try; `only`: labels, none = all."""
    for group in THRESHOLDS:
        for name in group.names:
            text, value = label(group.module, name), getattr(group.module, name)
            if only and text not in only:
                continue
            for change in group.steps or FACTORS:
                other = value + change if group.steps else scaled(value, change)
                yield text, group.module, name, other, group.how


def scaled(value, factor):
    """A number, a tuple or an array of them, times a factor."""
    return tuple(part * factor for part in value) if isinstance(value, tuple) else value * factor


def shown(value):
    """A threshold's value as text.

    >>> shown(0.1 * 1.4), shown((0.25, 0.5)), shown(np.full(17, np.float32(0.15)))
    ('0.14', '0.25 0.5', '0.15')
    """
    return " ".join(dict.fromkeys(f"{part:.4g}" for part in np.ravel(value)))


@contextmanager
def changed(module, name, value):
    """The constant has another value, in its module and in all that import it from there."""
    old = getattr(module, name)
    ours = [m for full, m in list(sys.modules.items()) if full.startswith("duopose.")]
    holders = [m for m in ours if m is module or getattr(m, name, None) is old]
    for holder in holders:
        setattr(holder, name, value)
    try:
        yield
    finally:
        for holder in holders:
            setattr(holder, name, old)


def figures(clip, scenes):
    """The Scenes of a clip -> its figures."""
    found = [as_found(scene, number) for scene, number in zip(scenes, clip.numbers, strict=True)]
    who = identity.figures(video.frames(clip.people, found))
    out = {"found": 100 * who["found"], "false": 100 * who["false"], "IDF1": 100 * who["idf1"]}
    out |= dict.fromkeys(("PCK", "PCK_abs", "MPJPE", "depth %"), np.nan)
    if clip.joints:
        pairs, _ = gt3d.pair_up(clip.joints, found)
        joints = honest.figures(pairs, "fused")
        out |= {
            "PCK": joints["pck"],
            "PCK_abs": joints["pck_abs"],
            "MPJPE": joints["mpjpe"],
            "depth %": joints["depth"],
        }
    if clip.pictures[0][1].still:
        return out | {"IDF1": np.nan, "shake %": np.nan}
    return out | {"shake %": shake(scenes)}


def shake(scenes):
    """Mean change of a person's distance from one frame to the next, in %."""
    changes, last = [np.nan], {}
    for scene in scenes:
        now = dict(zip(scene.ids.tolist(), scene.joints[:, PELVIS, 2].tolist(), strict=True))
        changes += [abs(np.log(z / last[i])) for i, z in now.items() if i in last and min(z, last[i]) > 0]
        last = now
    return 100 * float(np.nanmean(changes)) if len(changes) > 1 else np.nan


def measure(player, clip, chosen):
    """Figures of one clip -> {name of the row: figures}; chosen: of `trials`."""
    player.forget()
    scenes, said = player.play(clip, learns=True)
    rows = {"as it is": figures(clip, scenes)}
    stills = as_stills(clip)
    if any(how == "stills" for *_, how in chosen):
        rows["stills as they are"] = figures(stills, player.play(stills, learns=True)[0])
    for text, module, name, value, how in chosen:
        with changed(module, name, value):
            if how == "fusion":
                seen = figures(clip, player.fuse(said))
            else:
                seen = figures(*((stills, player.play(stills)[0]) if how == "stills" else (clip, player.play(clip)[0])))
        base = rows["stills as they are" if how == "stills" else "as it is"]
        rows[f"{text} {shown(getattr(module, name))}: {shown(value)}"] = {key: seen[key] - base[key] for key in base}
    return rows


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing)
    parser.add_argument("--clips", nargs="+", metavar="NAME", help="these only (default: all whose people are known)")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=(), help="these only, e.g. tracking.ACTIVE")
    parser.add_argument("--step", type=count, default=1, help="play every N-th frame (default: 1)")
    options = parser.parse_args(argv)
    if not options.folder.is_dir():
        raise UsageError(f"{options.folder} is no folder")
    clips = video.known_clips(options.folder) | video.known_clips(video.RENDERED)
    names = options.clips or list(clips)
    if unknown := set(names) - set(clips):
        raise UsageError(f"no clip {', '.join(sorted(unknown))} with known people; there are: {', '.join(clips)}")
    chosen = list(trials(options.only))
    if unknown := set(options.only) - {text for text, *_ in chosen}:
        raise UsageError(f"--only {', '.join(sorted(unknown))}: not in THRESHOLDS of {__file__}")
    player, tables = Player(load_networks()), []
    for name in names:
        tables.append(measure(player, load(*clips[name], options.step), chosen))
        print(f"{name}: {json.dumps(tables[-1]['as it is'])}", file=sys.stderr, flush=True)
    report({row: over([table[row] for table in tables]) for row in tables[0]})
