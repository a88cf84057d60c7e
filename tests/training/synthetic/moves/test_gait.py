import numpy as np
import pytest

from duopose.training.synthetic.moves.gait import Gait, Path
from tests.training.synthetic.skeletons import walk


def test_a_gait_repeats_without_a_jump_and_keeps_the_captured_stride():
    gait = Gait(walk())
    assert gait.speed == pytest.approx(0.045 * 30, rel=0.02)
    assert gait.stride == pytest.approx(0.045 * 32, rel=0.1)
    steps = np.linspace(0, 3 * gait.stride, 300)
    poses = np.stack([gait.at(distance) for distance in steps])
    assert np.abs(np.diff(poses, axis=0)).max() < 0.03
    np.testing.assert_allclose(poses[:, 0, [0, 2]], 0, atol=1e-9)


def test_a_walk_too_short_for_a_cycle_is_refused():
    with pytest.raises(ValueError, match="28 frames, got 20"):
        Gait(walk(20))


def test_a_path_starts_and_ends_where_it_should_and_faces_ahead():
    path = Path([(0, 0), (2, 0), (2, 2)])
    np.testing.assert_allclose(path.at(0.0)[0], [0, 0], atol=0.02)
    here, yaw = path.at(1.0)
    np.testing.assert_allclose(here, [1, 0], atol=0.02)
    assert yaw == pytest.approx(np.pi / 2, abs=0.01)  # a body that faces -y turned to +x
    assert abs(path.at(path.length[-1] - 0.1)[1]) == pytest.approx(np.pi, abs=0.05)
