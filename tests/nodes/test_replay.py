import msgspec
import numpy as np
import pytest

from duopose.stream.messages import Frame
from tests.nodes import replay
from tests.nodes.recorded import Recorded

# The networks' answers are the recorded ones, so only the last digits of a float32 may differ between two CPUs: of a
# pixel near 480 that is 3e-5, of a few metres 5e-7, and a few operations come together.
TOLERANCE = {"boxes": 2e-4, "coco": 2e-4}  # pixels, and scores
OTHERS = 1e-5  # metres, scores, confidences


@pytest.fixture(scope="module")
def pages():
    return replay.recorded_pages()


@pytest.fixture
def networks(pages):
    return replay.recorded_networks(pages)


@pytest.fixture(scope="module")
def clip():
    return list(zip(replay.pictures(), replay.recorded_messages(), strict=True))


def compare(message, expected):
    """Raise AssertionError that names the field where two messages differ."""
    for name in (field.name for field in msgspec.structs.fields(message)):
        got, want = getattr(message, name), getattr(expected, name)
        if isinstance(want, np.ndarray):
            assert got.shape == want.shape, f"{name}: {got.shape[0]} people, recorded {want.shape[0]}"
            np.testing.assert_allclose(got, want, rtol=0, atol=TOLERANCE.get(name, OTHERS), err_msg=name)
        elif not isinstance(want, Frame):
            assert got == want, name


@pytest.mark.parametrize("topic", replay.ASKED_FOR)
def test_the_recorded_clip_gives_the_recorded_result(topic, clip, networks):
    nodes = replay.chain(networks)
    for (image, frame), said in clip:
        compare(replay.step(nodes, topic, image, frame, said), said[topic])
    assert all(networks[name].finished for name in replay.ASKED_FOR[topic])


@pytest.mark.parametrize("topic", ["boxes", "people", "pose_bottom"])
def test_a_changed_pixel_asks_the_network_something_else(topic, clip, networks):
    nodes = replay.chain(networks)
    (image, frame), said = clip[0]
    x, y = np.rint(said["people"].coco[0, 5, :2]).astype(int)  # a shoulder
    image = image.copy()
    image[y, x] = 255 - image[y, x]
    with pytest.raises(AssertionError, match=r"call 0, input 0"):
        replay.step(nodes, topic, image, frame, said)


def test_another_joint_asks_the_networks_of_the_lifting_something_else(clip, networks):
    (image, frame), said = clip[0]
    people = msgspec.structs.replace(said["people"], coco=said["people"].coco + np.float32([0.1, 0, 0]))
    with pytest.raises(AssertionError, match="gcn, call 0, input"):
        replay.step(replay.chain(networks), "pose_top", image, frame, said | {"people": people})


def test_another_answer_of_a_network_gives_another_result(clip, pages, networks):
    key = "detector/0/said/1"
    networks["detector"] = Recorded("detector", pages | {key: pages[key] * np.float16(1.01)}, {})
    (image, frame), said = clip[0]
    with pytest.raises(AssertionError, match="boxes"):
        compare(replay.step(replay.chain(networks), "boxes", image, frame, said), said["boxes"])


def test_a_recorded_network_that_is_asked_for_another_shape_says_so(networks):
    with pytest.raises(AssertionError, match=r"detector, call 0, input 0: shape \(1, 3, 8, 8\), recorded"):
        networks["detector"](np.zeros((1, 64, 64, 3), np.uint8))


def test_a_recorded_network_that_is_asked_once_more_says_so(networks, pages):
    networks["detector"].next = times = len(list(replay.calls("detector", pages)))
    with pytest.raises(
        AssertionError, match=f"detector was asked {times} times when it was recorded, and now once more"
    ):
        networks["detector"](np.zeros((1, 256, 448, 3), np.uint8))


def test_three_people_are_found_in_every_frame_and_keep_their_identities(clip):
    for _, said in clip:
        assert [len(said[topic].scores) for topic in ("boxes", "people", "pose_top", "scene")] == [3] * 4
        assert sorted(said["scene"].ids.tolist()) == [1, 2, 3]
        assert len(said["pose_bottom"].scores) >= 2
