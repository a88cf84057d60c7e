import numpy as np
import pytest

from duopose.kernels.oks import camera_similarity, oks_matrix
from duopose.stream.skeleton import COCO_SIGMAS
from tests.kernels import naive


def poses(n, seed):
    """n poses on 200 x 200 px, every third joint or so missing."""
    rng = np.random.default_rng(seed)
    out = rng.uniform(0, 200, (n, 17, 3)).astype(np.float32)
    out[..., 2] = rng.random((n, 17)) > 0.3
    return out


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0), (1, 1), (4, 7)])
def test_oks_matches_its_definition(n, m):
    a, b = poses(n, 1), poses(m, 2)
    scale = np.linspace(40, 400, n, dtype=np.float32)
    expect = np.array([[naive.oks(p, q, s, 2 * COCO_SIGMAS) for q in b] for p, s in zip(a, scale, strict=True)])
    np.testing.assert_allclose(oks_matrix(a, b, scale, 2 * COCO_SIGMAS), expect.reshape(n, m), atol=1e-6)


def test_a_pose_is_one_with_itself_and_poses_without_a_common_joint_are_nothing_alike():
    pose = poses(1, 3)
    other = pose.copy()
    other[..., 2] = 1 - pose[..., 2]
    scale = np.full(1, 80, np.float32)
    assert oks_matrix(pose, pose, scale, COCO_SIGMAS) == 1
    assert oks_matrix(pose, other, scale, COCO_SIGMAS) == 0


@pytest.mark.parametrize("size", [0, 1e-30])
def test_who_has_no_size_is_like_nobody_elsewhere(size):
    """As a broken message may say."""
    pose, scale = poses(1, 3), np.full(1, size, np.float32)
    assert oks_matrix(pose, (pose + (5, 0, 0)).astype(np.float32), scale, COCO_SIGMAS) == 0
    assert oks_matrix(pose, pose, scale, COCO_SIGMAS) == 1


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 3), (3, 0), (1, 1), (4, 7)])
def test_camera_similarity_matches_the_paper(n, m):
    rng = np.random.default_rng(4)
    p, q = (rng.normal(0, 0.3, (size, 17, 3)).astype(np.float32) for size in (n, m))
    cp, cq = (rng.random((size, 17), np.float32) for size in (n, m))
    expect = [[naive.camera_similarity(p[i], cp[i], q[j], cq[j], 1.5, 0.2) for j in range(m)] for i in range(n)]
    np.testing.assert_allclose(
        camera_similarity(p, cp, q, cq, 1.5, 0.2), np.array(expect).reshape(n, m), rtol=1e-4, atol=1e-5
    )


def test_a_joint_that_one_branch_does_not_know_counts_nothing():
    p = np.zeros((1, 17, 3), np.float32)
    known = np.ones((1, 17), np.float32)
    half = known.copy()
    half[0, 8:] = 0
    q = p.copy()
    q[0, 8:] = np.nan  # what is not known may be anything
    assert camera_similarity(p, known, q, half, 1, 0.2) == 8
