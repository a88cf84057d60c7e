import numpy as np

from duopose.stream.skeleton import BODY17, BODY_MIRROR
from duopose.training.synthetic.moves.motion import mirrored
from duopose.training.synthetic.moves.retarget import between, faulty, frame, retarget, smallest
from tests.training.synthetic.skeletons import RNG, posed, rest_body, skeleton


def test_retargeted_limbs_point_where_the_capture_points():
    joints = skeleton(RNG(9), 30)
    heads, top, nose, bone = rest_body()
    turned = retarget(joints, heads, top, nose, bone)
    np.testing.assert_allclose(
        turned @ np.swapaxes(turned, -1, -2), np.broadcast_to(np.eye(3), turned.shape), atol=1e-5
    )
    assert (np.linalg.det(turned) > 0).all()
    limbs = (("upperleg01", "lowerleg01", "hip", "knee"), ("lowerleg01", "foot", "knee", "ankle"),
             ("upperarm01", "lowerarm01", "shoulder", "elbow"), ("lowerarm01", "wrist", "elbow", "wrist"))  # fmt: skip
    for start, end, a, b in limbs:
        for side, letter in (("left", "L"), ("right", "R")):
            source = joints[:, BODY17.index(f"{side}_{b}")] - joints[:, BODY17.index(f"{side}_{a}")]
            source = source[:, [0, 2, 1]] * [1, -1, 1]
            limb = posed(turned, bone, f"{start}.{letter}", f"{end}.{letter}", heads)
            cosine = (source * limb).sum(-1) / np.linalg.norm(source, axis=-1) / np.linalg.norm(limb, axis=-1)
            assert cosine.min() > 0.9999, (start, side)


def test_the_mirrored_capture_gives_the_mirrored_body():
    joints = skeleton(RNG(10), 8)
    heads, top, nose, bone = rest_body()
    flip = np.diag([-1.0, 1, 1])
    one, other = retarget(joints, heads, top, nose, bone), retarget(mirrored(joints), heads, top, nose, bone)
    swap = [bone[name.translate(str.maketrans("LR", "RL"))] if "." in name else row for name, row in bone.items()]
    np.testing.assert_allclose(flip @ one[:, swap] @ flip, other, atol=1e-4)
    np.testing.assert_allclose(mirrored(mirrored(joints)), joints)
    assert [BODY_MIRROR[i] for i in BODY_MIRROR] == list(range(17))


def test_a_head_thrown_back_is_found_faulty():
    joints = skeleton(RNG(11), 2)
    joints[1, BODY17.index("head_top")] = joints[1, BODY17.index("thorax")] - [0, 0.1, 0.3]
    assert faulty(joints).tolist() == [False, True]


def test_the_smallest_rotation_takes_one_direction_to_the_other_and_halfway_is_half():
    rng = RNG(12)
    a, b = rng.normal(size=(2, 20, 3))
    np.testing.assert_allclose(np.cross((smallest(a, b) @ a[..., None])[..., 0], b), 0, atol=1e-6)
    one, other = frame(a, b), frame(b, rng.normal(size=(20, 3)))
    half = between(one, other, 0.5)
    np.testing.assert_allclose(between(half, other, 1.0), other, atol=1e-6)
    np.testing.assert_allclose(np.swapaxes(one, -1, -2) @ half, np.swapaxes(half, -1, -2) @ other, atol=1e-5)
