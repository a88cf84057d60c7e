"""Where everyone has been in the last seconds: the pieces of their trails."""

from typing import NamedTuple

import numpy as np

from duopose.stream.skeleton import COCO17, L_WRIST, PELVIS, R_WRIST

SPAN = 4.0  # s until a trail is gone
GAP = 0.7  # s without a person that a trail does not bridge
TRACED = (PELVIS, R_WRIST, L_WRIST)
_MEASURED = [COCO17.index("right_wrist"), COCO17.index("left_wrist")]


class Pieces(NamedTuple):
    """Each from one scene to the next in which the person was there."""

    ids: np.ndarray  # int32 [M]
    joints: np.ndarray  # float32 [M, 2, len(TRACED), 3], from and to, m, camera frame
    seen: np.ndarray  # bool [M, len(TRACED)], it was measured at both ends, not filled in
    fresh: np.ndarray  # float32 [M], 1 = now, 0 = SPAN ago


def pieces(scenes):
    """Scenes in the order of time, the newest last -> Pieces."""
    ids = np.concatenate([scene.ids for scene in scenes])
    stamps = np.repeat([scene.frame.stamp for scene in scenes], [len(scene.ids) for scene in scenes])
    joints = np.concatenate([scene.joints[:, TRACED] for scene in scenes])
    seen = np.concatenate([scene.coco[:, _MEASURED, 2] > 0 for scene in scenes])
    seen = np.concatenate([np.ones((len(seen), 1), bool), seen], 1)
    order = np.lexsort((stamps, ids))
    ids, stamps, joints, seen = ids[order], stamps[order], joints[order], seen[order]
    passed = np.diff(stamps)
    here = np.flatnonzero((ids[1:] == ids[:-1]) & (passed > 0) & (passed <= GAP))
    fresh = np.float32(np.clip(1 - (scenes[-1].frame.stamp - stamps[here + 1]) / SPAN, 0, 1))
    return Pieces(ids[here], np.stack([joints[here], joints[here + 1]], 1), seen[here] & seen[here + 1], fresh)
