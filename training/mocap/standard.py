"""The lifting networks on motion capture, with the cameras and the noise of the standard protocol: figures that can be
compared from one version to the next, and what a training keeps its best by.

Windows are drawn and disturbed as training.mocap.observation.standard says. Joint errors are means over joints and
windows in mm, of the newest frame, root-relative, in the camera's axes; depth errors are of the root, as a share of its
true depth, with the person's size unknown.
"""

import numpy as np

from duopose.networks.normalisation import facing, frame_features
from duopose.nodes.top_down.lifting import lift_windows
from duopose.stream.skeleton import PELVIS
from duopose.training.mocap import windows

WINDOWS, SEED, BATCH = 2000, 5, 250


def relative(joints):
    return joints - joints[..., PELVIS : PELVIS + 1, :]


def measure(networks, clips, count=WINDOWS, seed=SEED, draw=windows.draw_standard):
    """Networks on `count` windows of `clips` -> dict of figures.

    draw   clips, ends, rng, frames, lookaheads -> Windows: with other cameras, for clips of people who were filmed
    """
    rng = np.random.default_rng(seed)
    lookaheads = networks.joint_tcn.arguments["lookaheads"]
    frames, farthest = networks.joint_tcn.arguments["frames"], max(lookaheads)
    errors = {name: [] for name in ("gcn", "tcn", "tcn_lookahead")}
    depth = []
    long_enough = np.flatnonzero(clips.length >= min(frames, clips.length.max()))
    ends = np.concatenate(
        [clips.start[i] + np.arange(min(frames, clips.length[i]) - 1, clips.length[i]) for i in long_enough]
    )
    ends = rng.choice(ends, count, replace=count > len(ends))
    for first in range(0, count, BATCH):
        batch = draw(clips, ends[first : first + BATCH], rng, frames, (0, farthest))
        (pose,) = networks.gcn(
            batch.points.reshape(-1, 17, 2), batch.confidence.reshape(-1, 17), batch.view.reshape(-1, 3)
        )
        pose = pose.reshape(*batch.confidence.shape, 3)
        features = batch.grid @ frame_features(pose, batch.points, batch.confidence, batch.view)
        newest = lift_windows(networks, features, 0)
        earlier = lift_windows(networks, features, farthest)
        graph = pose[:, -1] @ facing(batch.view[:, -1, :2])  # back to the camera's axes
        for name, found, truth in (
            ("gcn", graph, batch.camera_joints[:, 0]),
            ("tcn", newest, batch.camera_joints[:, 0]),
            ("tcn_lookahead", earlier, batch.camera_joints[:, 1]),
        ):
            distance = np.linalg.norm(relative(found) - relative(truth), axis=-1)
            errors[name].append((distance * batch.labelled).sum(-1) / batch.labelled.sum(-1))
        truth = batch.camera_joints[:, 0, PELVIS, 2]
        depth.append(newest[:, PELVIS, 2] / truth - 1)
    depth = np.concatenate(depth)
    return {
        **{f"mpjpe_{name}": round(1e3 * float(np.concatenate(values).mean()), 1) for name, values in errors.items()},
        "depth_pct": round(100 * float(np.median(np.abs(depth))), 2),
        "depth_signed_pct": round(100 * float(np.median(depth)), 2),
    }
