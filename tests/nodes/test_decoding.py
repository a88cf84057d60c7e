import numpy as np

from duopose.nodes.decoding import decode, to_cells

SHAPE = 17, 64, 48


def maps(*people, tag=10.0):
    """Heatmaps and tags of people [17, 3] (x, y in cells, height of the peak), each with a tag of their own."""
    heatmaps, tags = np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    v, u = np.mgrid[: SHAPE[1], : SHAPE[2]]
    for who, pose in enumerate(people):
        for joint, (x, y, height) in enumerate(pose):
            peak = height * np.exp(-((u - x) ** 2 + (v - y) ** 2) / 2)
            mine = peak > np.maximum(heatmaps[joint], 0.01)
            heatmaps[joint][mine] = peak[mine]
            tags[joint][mine] = tag * who
    return heatmaps, tags


def person(seed, left=4.0, height=0.9):
    rng = np.random.default_rng(seed)
    return np.column_stack([left + 14 * rng.random(17), 4 + 54 * rng.random(17), np.full(17, height)])


def test_empty_maps_hold_nobody():
    assert decode(*maps()).shape == (0, 17, 3)


def test_joints_are_found_between_the_cells_in_pixels_of_the_input():
    pose = person(1)
    (seen,) = decode(*maps(pose))
    np.testing.assert_allclose(to_cells(seen[:, :2]), pose[:, :2], atol=0.05)


def test_two_people_are_told_apart_by_their_tags():
    one, two = person(1), person(2, left=26)
    seen = decode(*maps(one, two))
    np.testing.assert_allclose(to_cells(seen[..., :2]), np.stack([one, two])[..., :2], atol=0.05)


def test_people_with_one_tag_cannot_be_told_apart():
    one, two = person(1), person(2, left=26)
    seen = decode(*maps(one, two, tag=0.0))
    joints = to_cells(seen[0, :, :2])
    from_one = np.linalg.norm(joints - one[:, :2], axis=1) < 1
    assert 0 < from_one.sum() < 17


def test_a_missing_joint_is_not_taken_from_somebody_else():
    one, two = person(1), person(2, left=26)
    two[9, 2] = 0
    seen = decode(*maps(one, two))
    np.testing.assert_array_equal(seen[1, 9], 0)
    assert (seen[0, :, 2] > 0).all()


def test_a_missing_joint_is_found_by_its_tag_where_its_heatmap_has_no_peak_of_its_own():
    one = person(1)
    heatmaps, tags = maps(one)
    x, y = np.rint(one[9, :2]).astype(int)
    heatmaps[9] = 0
    heatmaps[9, :, :] = np.linspace(0.2, 0.3, SHAPE[1])[:, None]  # a slope: the peaks are at its foot
    tags[9] = 50
    tags[9, y, x] = 0.0
    (seen,) = decode(heatmaps, tags)
    np.testing.assert_allclose(to_cells(seen[9, :2]), (x, y), atol=0.5)


def test_a_few_stray_joints_are_nobody():
    stray = person(1)
    stray[2:, 2] = 0
    assert len(decode(*maps(stray))) == 0
    limbs = person(1)
    limbs[[5, 6, 11, 12], 2] = 0  # no joint of the trunk
    assert len(decode(*maps(limbs))) == 0


def around(pose):
    """Box of a person [17, 3] in cells -> [1, 4] pixels of the input."""
    low, high = pose[:, :2].min(0) - 1, pose[:, :2].max(0) + 1
    return np.concatenate([low * 4 + 1.5, (high - low) * 4]).astype(np.float32)[None]


def test_people_with_one_tag_are_told_apart_by_their_boxes():
    one, two = person(1), person(2, left=26)
    seen = decode(*maps(one, two, tag=0.0), np.concatenate([around(two), around(one)]))
    np.testing.assert_allclose(to_cells(seen[..., :2]), np.stack([two, one])[..., :2], atol=0.05)


def test_someone_in_nobody_s_box_is_found_by_the_tag():
    one, two = person(1), person(2, left=26)
    seen = decode(*maps(one, two), around(one))
    np.testing.assert_allclose(to_cells(seen[..., :2]), np.stack([one, two])[..., :2], atol=0.05)


def test_a_box_without_anybody_gives_nobody():
    assert len(decode(*maps(), around(person(1)))) == 0


def test_a_missing_joint_is_not_looked_for_far_from_the_box():
    one = person(1)
    one[9, 2] = 0
    heatmaps, tags = maps(one)
    heatmaps[9, 30:34, 44:46] = 0.09  # below a peak's threshold, the same tag
    (seen,) = decode(heatmaps, tags, around(one))
    np.testing.assert_array_equal(seen[9], 0)
