"""Both branches' poses of the same people, simulated from motion capture.

The top-down pose is the lifting networks' answer to a drawn window; the bottom-up pose is the truth with errors of the
size that the live branch shows.
"""

import numpy as np

from duopose.networks.normalisation import frame_features
from duopose.nodes.top_down.lifting import lift_windows
from duopose.stream.skeleton import PELVIS
from duopose.training.mocap import windows

# Errors of the bottom-up branch, each drawn per person up to twice this:
ROOT_DEPTH = 0.12  # of log(Z)
JOINT_DEPTH = 0.2  # m, of a joint's depth relative to the root
RAY = 0.03  # of the person's extent in the image
LOST = 0.15  # share of joints not found, for half of the people; 0.03 for the others


class SimulatedPairs:
    """Pairs of poses to draw from. Answers of the lifting networks are kept and used again with new bottom-up errors:
    they cost most of the time.

    networks   nodes.top_down.lifting.Networks;  draws   times 512 windows of the clips
    """

    def __init__(self, networks, clips, rng, draws):
        kept = [top_down(networks, clips, rng, 512) for _ in range(draws)]
        self.top, self.confidence, self.truth = (np.concatenate(part) for part in zip(*kept, strict=True))

    def draw(self, people, rng):
        """Top-down and bottom-up poses and confidences, and the truth, of so many people."""
        pick = rng.integers(len(self.top), size=people)
        return self.top[pick], self.confidence[pick], *bottom_up(self.truth[pick], rng), self.truth[pick]


def top_down(networks, clips, rng, batch):
    """Drawn windows through the lifting networks (nodes.top_down.lifting.Networks) -> poses, confidences, truth:
    [B, 17, 3] metres in the camera frame, [B, 17], [B, 17, 3]."""
    arguments = networks.joint_tcn.arguments
    drawn = windows.draw(clips, batch, rng, arguments["frames"], arguments["lookaheads"])
    *found, sound = lifted(networks, drawn)
    return [array[sound] for array in found]


def lifted(networks, drawn):
    """`training.mocap.windows.Windows` through the lifting networks -> poses, confidences, truth as `top_down` gives
    them, and bool [B]: who stands in front of the camera and was seen at all."""
    (poses,) = networks.gcn(*(x.reshape(-1, *x.shape[2:]) for x in (drawn.points, drawn.confidence, drawn.view)))
    poses = poses.reshape(*drawn.confidence.shape, 3)
    window = drawn.grid @ frame_features(poses, drawn.points, drawn.confidence, drawn.view)
    truth, sure = drawn.camera_joints[:, 0], drawn.confidence[:, -1]
    sound = (truth[:, PELVIS, 2] > 0.5) & ((sure > 0).sum(1) >= 4)
    return lift_windows(networks, window), sure, truth, sound


def bottom_up(truth, rng):
    """True poses [B, 17, 3] -> as the bottom-up branch would see them, with confidences [B, 17]."""
    people = len(truth)
    strength = rng.uniform(0.3, 2, (people, 1))
    root = truth[:, PELVIS, 2:]
    seen_root = root * np.exp(rng.normal(0, ROOT_DEPTH, (people, 1)) * strength + rng.normal(0, 0.02, (people, 1)))
    wild = rng.standard_t(4, (people, 17)) / np.sqrt(2)
    depth = np.maximum(seen_root + truth[..., 2] - root + JOINT_DEPTH * strength * wild, 0.2)
    rays = truth[..., :2] / np.maximum(truth[..., 2:], 0.1)
    extent = np.ptp(rays, axis=1).max(-1)[:, None, None]
    rays = rays + RAY * strength[..., None] * extent * rng.standard_t(4, (people, 17, 2)) / np.sqrt(2)
    confidence = np.clip(0.8 - 0.15 * np.abs(wild) + rng.normal(0, 0.12, (people, 17)), 0.1, 1)
    lost = np.where(rng.random((people, 1)) < 0.5, LOST, 0.03)
    confidence *= rng.random((people, 17)) >= lost
    poses = np.concatenate([rays * depth[..., None], depth[..., None]], -1)
    return poses.astype(np.float32), confidence.astype(np.float32)
