import numpy as np
import pytest
import torch

from duopose.networks.released.gcn import GCN
from duopose.networks.released.tcn import TCN
from duopose.nodes.released.lifting import HALF, Networks
from duopose.stream.skeleton import PELVIS
from tests.nodes.released.stand_ins import Known, numpy, someone


@pytest.fixture
def true():
    """Networks for people who stand as `someone` does; the depth they tell is 100 times the metres, less 7."""
    _, body = someone()
    pose = (body - body[PELVIS]).reshape(-1)
    height = lambda windows: np.ptp(windows[:, HALF].reshape(-1, 17, 2)[..., 1], axis=1)  # noqa: E731
    metres = lambda windows: np.ptp(body[:, 1]) * 750 / 915 / height(windows)  # noqa: E731
    return Networks(
        Known(lambda points, _: np.repeat(pose.reshape(1, 17, 3), len(points), 0)),
        Known(lambda windows: np.repeat(pose[None], len(windows), 0)),
        Known(lambda windows: (100 * metres(windows) - 7)[:, None].astype(np.float32)),
    )


@pytest.fixture(scope="module")
def random():
    """Small networks of the authors' kind with random weights."""
    torch.manual_seed(0)
    return Networks(numpy(GCN(16).eval().lift), numpy(TCN(51, 51, 16).eval()), numpy(TCN(34, 1, 16).eval()))
