import numpy as np
import pytest

from duopose.stream.skeleton import BODY17, BODY_PARENTS
from duopose.training.mocap import motion


@pytest.fixture(scope="module")
def clips():
    """Two clips of somebody who walks along x and waves: 60 and 25 frames."""
    rng = np.random.default_rng(0)
    pose = np.zeros((17, 3), np.float32)
    for joint, parent in enumerate(BODY_PARENTS):
        if parent >= 0:
            pose[joint] = pose[parent] + rng.normal(0, 0.2, 3) + (0, 0.1 if joint > 6 else -0.25, 0)
    time = np.arange(85, dtype=np.float32)[:, None, None]
    joints = pose + time * np.float32([0.02, 0, 0]) + np.float32([0, 1, 0])
    joints[:, BODY17.index("left_wrist"), 1] += np.sin(time[:, 0, 0] / 3)
    return motion.Clips(joints.astype(np.float32), np.array([0, 60]), np.array([60, 25]))


@pytest.fixture(autouse=True)
def no_curves(request, monkeypatch):
    """Trainings draw no curve, which takes longer than a test's few steps, except where a test looks at it."""
    if request.node.get_closest_marker("curve") is None:
        monkeypatch.setattr("duopose.training.loop.trainer.draw_curve", lambda folder, rows: None)
