import numpy as np
import pytest

from duopose.networks.mirroring import Mirrored, mirror_joints, mirror_pose, mirror_window
from duopose.networks.normalisation import frame_features, normalise


@pytest.fixture
def pose():
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.2, (3, 17, 2)).astype(np.float32), rng.uniform(0.2, 1, (3, 17)).astype(np.float32)


def test_the_mirror_image_of_what_networks_see_is_what_they_see_of_the_mirror_image(pose):
    rays, confidence = pose
    points, view = normalise(rays, confidence)
    expected = normalise(mirror_joints(rays), mirror_pose(rays, confidence, view)[1])
    mirrored = mirror_pose(points, confidence, view)
    np.testing.assert_allclose(mirrored[0], expected[0], atol=1e-5)
    np.testing.assert_allclose(mirrored[2], expected[1], atol=1e-5)

    depth = np.concatenate([points, points[..., :1] ** 2], -1)
    window = frame_features(depth, points, confidence, view)[:, None]
    mirrored_window = frame_features(mirror_joints(depth), *mirrored[:1], *mirrored[1:])[:, None]
    np.testing.assert_array_equal(mirror_window(window)[0], mirrored_window)
    np.testing.assert_array_equal(mirror_window(*mirror_window(window))[0], window)


def test_a_mirrored_network_is_symmetric_whatever_the_network_does(pose):
    rays, confidence = pose
    points, view = normalise(rays, confidence)
    rng = np.random.default_rng(1)
    weight = rng.normal(0, 0.1, (17 * 2 + 17 + 3, 51)).astype(np.float32)

    class Lopsided:
        def __init__(self):
            self.arguments = {"frames": 27}

        def __call__(self, points, confidence, view):
            features = np.concatenate([points.reshape(len(points), -1), confidence, view], -1)
            return ((features @ weight).reshape(-1, 17, 3),)

    network = Mirrored(Lopsided(), mirror_pose, mirror_joints)
    (joints,) = network(points, confidence, view)
    (mirrored,) = network(*mirror_pose(points, confidence, view))
    np.testing.assert_allclose(mirrored, mirror_joints(joints), atol=1e-5)
    assert network.arguments == {"frames": 27}
    (plain,) = Lopsided()(points, confidence, view)
    assert np.abs(plain - joints).max() > 0.01
