"""duopose evaluate integration FILE.npz [--profile NAME]: the integration network on motion capture,
beside what it is given.

4,000 people of FILE (never trained on): top-down poses are the lifting networks' answers to drawn
windows, bottom-up poses the truth with the errors that training/integration.py draws. Camera
coordinates, nothing aligned.
"""

import json

import numpy as np

from duopose.nodes.profile import find
from duopose.stream.arguments import Parser, existing
from duopose.stream.skeleton import PELVIS
from duopose.training.mocap.clips import load_clips
from duopose.training.pairs import simulated

DRAWS, SEED = 8, 11
LIMIT = 0.15  # m


def figures(found, truth):
    """Poses and truth [N, 17, 3] -> MPJPE (mm, root-relative), PCK_abs (%), median root depth error (%)."""
    relative = (found - found[:, PELVIS, None]) - (truth - truth[:, PELVIS, None])
    return {
        "mpjpe": round(1000 * float(np.linalg.norm(relative, axis=-1).mean()), 1),
        "pck_abs": round(100 * float((np.linalg.norm(found - truth, axis=-1) < LIMIT).mean()), 1),
        "depth_pct": round(100 * float(np.median(np.abs(found[:, PELVIS, 2] / truth[:, PELVIS, 2] - 1))), 2),
    }


def measure(lifting, node, clips):
    """lifting: networks of nodes.top_down.lifting; node: nodes.fusion.integration.Integration -> {who: figures}."""
    rng = np.random.default_rng(SEED)
    drawn = [simulated.top_down(lifting, clips, rng, 512) for _ in range(DRAWS)]
    top, sure, truth = (np.concatenate(part) for part in zip(*drawn, strict=True))
    bottom, bottom_sure = simulated.bottom_up(truth, rng)
    none, unsure = np.full_like(top, np.nan), np.zeros_like(sure)
    return {
        "top_down": figures(top, truth),
        "bottom_up": figures(bottom, truth),
        "fused": figures(node.step(top, sure, bottom, bottom_sure).joints, truth),
        "fused_top_down_only": figures(node.step(top, sure, none, unsure).joints, truth),
        "fused_bottom_up_only": figures(node.step(none, unsure, bottom, bottom_sure).joints, truth),
    }


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("file", type=existing, help="npz file of motion capture")
    parser.add_argument("--profile", default="lite")
    options = parser.parse_args(argv)
    clips = load_clips([options.file], replace=False)
    chosen = find(options.profile)
    rows = measure(chosen.lifting_networks(), chosen.integration(), clips)
    print(f"{'':22}{'MPJPE mm':>10}{'PCK_abs %':>11}{'depth %':>9}")
    for name, row in rows.items():
        print(f"{name:22}{row['mpjpe']:10.1f}{row['pck_abs']:11.1f}{row['depth_pct']:9.2f}")
    print(json.dumps(rows))
