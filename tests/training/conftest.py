import numpy as np
import pytest

from duopose.stream.skeleton import BODY17, BODY_PARENTS, HEAD_TOP, SPINE, THORAX
from duopose.training.mocap.clips import Clips


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
    return Clips(joints.astype(np.float32), np.array([0, 60]), np.array([60, 25]))


@pytest.fixture
def mocap(clips, tmp_path):
    """A folder of motion capture as the programs want it."""
    folder = tmp_path / "mocap"
    folder.mkdir()
    joints = clips.joints.copy()
    joints[:, HEAD_TOP] = 2 * joints[:, THORAX] - joints[:, SPINE]  # else it passes for a glitch
    for name in ("train", "train_extra", "val"):
        np.savez(
            folder / f"{name}.npz", pos=np.round(joints / 0.0005).astype(np.int16), scale=np.float32(0.0005),
            start=clips.start, length=clips.length, name=np.array([f"{name}_{n}" for n in range(len(clips.start))]),
        )  # fmt: skip
    return folder


@pytest.fixture(autouse=True)
def no_curves(request, monkeypatch):
    """Trainings draw no curve, which takes longer than a test's few steps, except where a test looks at it."""
    if request.node.get_closest_marker("curve") is None:
        monkeypatch.setattr("duopose.training.loop.trainer.draw_curve", lambda folder, rows: None)
