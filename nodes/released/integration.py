"""The authors' integration: both branches' poses of a person are blended, and both root depths."""

import numpy as np

from duopose.kernels.procrustes import procrustes
from duopose.networks.released.skeletons import FROM_MUPOTS, MUPOTS17
from duopose.nodes.fusion.integration import unsure
from duopose.nodes.top_down.lifting import FARTHEST, NEAREST
from duopose.stream.skeleton import PELVIS


class Integration:
    """Knows nothing of sockets, and nothing of earlier frames.

    network   poses [N, 102], depths [N, 2] -> pose [N, 3, 17], depth [N, 1]; see networks/released/heads.py
    """

    def __init__(self, network):
        self.network = network

    def step(self, top, top_confidence, bottom, bottom_confidence):
        """Poses of N people from both branches -> fused poses.

        top, bottom              float32 [N, 17, 3]  metres, camera frame; NaN where a branch has none (never in both)
        top_, bottom_confidence  float32 [N, 17]     not used: this network does not take them
        ->                       nodes.fusion.integration.Fused; this network does not say how sure it is

        A person of one branch only keeps that branch's pose: the network would blend it with a pose of zeros.
        """
        seen = np.isfinite(top).all((1, 2)), np.isfinite(bottom).all((1, 2))
        out = np.where(seen[0][:, None, None], top, bottom).astype(np.float32)
        both = np.flatnonzero(seen[0] & seen[1])
        if len(both):
            out[both] = self.blend(top[both], bottom[both])
        return unsure(out)

    def blend(self, top, bottom):
        """Pairs of poses [N, 17, 3] -> [N, 17, 3]"""
        roots = np.stack([top[:, PELVIS], bottom[:, PELVIS]], 1)  # [N, 2, 3]
        pose = top - roots[:, :1]
        aligned = procrustes(bottom - roots[:, 1:], pose)  # as theirs: turned and scaled onto the top-down pose
        poses = np.stack([pose, aligned], 1)[:, :, MUPOTS17].transpose(0, 1, 3, 2)  # [N, 2, 3, 17]
        blended, depth = self.network(
            poses.reshape(len(top), -1).astype(np.float32), np.ascontiguousarray(roots[..., 2], np.float32)
        )
        blended = blended.transpose(0, 2, 1)[:, FROM_MUPOTS]
        depth = depth.clip(NEAREST, FARTHEST)  # [N, 1]
        root = roots[:, 0] * (depth / np.maximum(roots[:, 0, 2:], NEAREST))  # x and y in proportion to the depth
        return blended - blended[:, PELVIS : PELVIS + 1] + root[:, None]
