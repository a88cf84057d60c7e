"""duopose evaluate mupots_lifting DIR [--profile NAME]: the lifting networks on real people and
cameras, MuPoTS-3D TS01-10.

DIR holds mupots2d.npz (2D joints: the truth plus noise) and mupots_gt.npz (joints and intrinsics).
Never trained on. All joints count as sure: hidden ones too are at most 17 pixels off here. PCK:
share of 14 joints within 150 mm, mean of the sequences, everyone annotated; each protocol has its
name:

pck                  pelvis on pelvis, camera's axes as predicted, bone lengths of the truth (neck
                     hung on the pelvis)
pck_pa               the same after turning each pose as Procrustes' alignment to the truth turns it
pck_abs_normalised   camera coordinates as predicted, bone lengths of the truth
pck_abs              camera coordinates as predicted, nothing aligned: honest
mpjpe                mm, pelvis on pelvis, nothing else aligned
depth_pct            median error of the root's depth, true intrinsics, nothing aligned
depth_aligned_pct    the same after scale and offset per sequence
depth_scaled_pct     after one scale per sequence, from a guessed camera (60 degrees, centred)
"""

import json
from pathlib import Path

import numpy as np

from duopose.kernels.procrustes import procrustes
from duopose.nodes.placement import adjust_depth, rays_of
from duopose.nodes.profile import find
from duopose.nodes.top_down.lifting import lift_windows, window_features
from duopose.stream.arguments import Parser, existing
from duopose.stream.messages import Camera
from duopose.stream.skeleton import BODY17, BODY_PARENTS, PELVIS
from duopose.training.datasets.reading.errors import reading

LIMIT = 0.15  # m
SCORED = [j for j, name in enumerate(BODY17) if name not in ("pelvis", "spine", "nose")]
PARENTS = [PELVIS if BODY17[j] == "thorax" else parent for j, parent in enumerate(BODY_PARENTS)]
PARENTS[BODY17.index("head_top")] = BODY17.index("thorax")  # MuPoTS hangs the head on the neck
WIDTH = 1024  # pixels of the pictures that the 2D belongs to
GUESS = 60.0  # degrees
BATCH = 256


def normalised(found, truth):
    """Poses [T, 17, 3] with the directions of `found` and the bone lengths of `truth`; the pelvis stays."""
    out = found.copy()
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            bone = found[:, joint] - found[:, parent]
            length = np.linalg.norm(truth[:, joint] - truth[:, parent], axis=-1, keepdims=True)
            out[:, joint] = out[:, parent] + bone * length / np.maximum(
                np.linalg.norm(bone, axis=-1, keepdims=True), 1e-9
            )
    return out


def within(found, truth):
    return np.linalg.norm(found - truth, axis=-1)[:, SCORED] < LIMIT


def track(networks, pixels, intrinsics):
    """Consecutive frames of one person [T, 17, 2] -> joints [T, 17, 3] in metres, as the live node would give them."""
    frames = networks.joint_tcn.arguments["frames"]
    camera = Camera(*map(float, intrinsics), "file")
    body = np.concatenate([pixels, np.ones_like(pixels[..., :1])], -1).astype(np.float32)
    rays, confidence = rays_of(body, camera), np.ascontiguousarray(body[..., 2])
    found = np.concatenate(
        [window_features(networks, rays[i : i + BATCH], confidence[i : i + BATCH]) for i in range(0, len(rays), BATCH)]
    )
    padded = np.concatenate([np.zeros((frames - 1, found.shape[1]), np.float32), found])
    windows = np.lib.stride_tricks.sliding_window_view(padded, frames, axis=0).transpose(0, 2, 1)
    lifted = [lift_windows(networks, windows[i : i + BATCH]) for i in range(0, len(found), BATCH)]
    return adjust_depth(np.concatenate(lifted), rays_of(body, camera), body[..., 2])


def guessed_camera(size):
    """fx, fy, cx, cy of a centred camera of 60 degrees, for a picture 1,024 pixels wide."""
    focal = WIDTH / 2 / np.tan(np.radians(GUESS / 2))
    return focal, focal, (WIDTH - 1) / 2, (WIDTH * size[1] / size[0] - 1) / 2


def opened(path):
    with reading(path, "joints of MuPoTS-3D"):
        return np.load(path)


def measure(networks, folder):
    seen, truth = (opened(Path(folder) / name) for name in ("mupots2d.npz", "mupots_gt.npz"))
    order = truth["h36m_from_mupots"]
    people = sorted(key.removesuffix("/joints_mm") for key in truth.files if key.endswith("/joints_mm"))
    sequences = {}
    for person in people:
        name = person.split("_")[0]
        valid = truth[f"{person}/valid"].astype(bool)
        joints = truth[f"{person}/joints_mm"][:, order].astype(np.float64) / 1000
        pixels = seen[f"{person}/p2d"]
        true_camera = truth[f"{name}/intrinsics_fx_fy_cx_cy_2048"] / 2
        found = track(networks, pixels, true_camera)
        blind = track(networks, pixels, guessed_camera(truth[f"{name}/size_wh"]))
        sequences.setdefault(name, []).append((found[valid].astype(np.float64), blind[valid, 0, 2], joints[valid]))

    rows = []
    for name, parts in sequences.items():
        found, blind, joints = (np.concatenate(part) for part in zip(*parts, strict=True))
        root, true_root = found[:, :1], joints[:, :1]
        bones, aligned = normalised(found, joints), procrustes(found, joints)
        depth, true_depth = found[:, 0, 2], joints[:, 0, 2]
        line = np.polyfit(depth, true_depth, 1)
        error = lambda z, true=true_depth: 100 * float(np.median(np.abs(z / true - 1)))  # noqa: E731
        rows.append(
            {
                "pck": 100 * within(bones - root, joints - true_root).mean(),
                "pck_pa": 100 * within(normalised(aligned - aligned[:, :1], joints), joints - true_root).mean(),
                "pck_abs_normalised": 100 * within(bones, joints).mean(),
                "pck_abs": 100 * within(found, joints).mean(),
                "mpjpe": 1000 * np.linalg.norm((found - root) - (joints - true_root), axis=-1)[:, SCORED].mean(),
                "depth_pct": error(depth),
                "depth_aligned_pct": error(np.polyval(line, depth)),
                "depth_scaled_pct": error(blind * np.median(true_depth / blind)),
                "sequence": name,
            }
        )
    return rows


def main(argv):
    parser = Parser(__doc__)
    parser.add_argument("folder", type=existing, help="folder with mupots2d.npz and mupots_gt.npz")
    parser.add_argument("--profile", default="lite")
    options = parser.parse_args(argv)
    rows = measure(find(options.profile).lifting_networks(), options.folder)
    names = [name for name in rows[0] if name != "sequence"]
    print(f"{'':8}", *(f"{name:>18}" for name in names))
    for row in rows:
        print(f"{row['sequence']:8}", *(f"{row[name]:18.2f}" for name in names))
    figures = {name: round(float(np.mean([row[name] for row in rows])), 2) for name in names}
    print(f"{'mean':8}", *(f"{figures[name]:18.2f}" for name in names))
    print(json.dumps(figures))
