import msgspec
import numpy as np
import pytest

from duopose.stream.messages import Frame
from tests.nodes import replay

# Floats of another CPU differ in the last digits; what they make of a pixel or a metre is far below these.
TOLERANCE = {"boxes": 0.02, "coco": 0.02, "joints": 0.002, "top_down": 0.002, "bottom_up": 0.002}
OTHERS = 0.001  # scores, confidences


@pytest.fixture(scope="module")
def clip():
    return replay.pictures(), replay.recorded()


def compare(message, expected):
    """Raise AssertionError that names the field where two messages differ."""
    for name in (field.name for field in msgspec.structs.fields(message)):
        got, want = getattr(message, name), getattr(expected, name)
        if isinstance(want, np.ndarray):
            assert got.shape == want.shape, f"{name}: {got.shape[0]} people, recorded {want.shape[0]}"
            np.testing.assert_allclose(got, want, rtol=0, atol=TOLERANCE.get(name, OTHERS), err_msg=name)
        elif not isinstance(want, Frame):
            assert got == want, name


@pytest.mark.parametrize("topic", replay.NODES)
def test_the_recorded_clip_gives_the_recorded_result(topic, clip):
    pipeline = replay.Pipeline()
    for (image, frame), said in zip(*clip, strict=True):
        compare(pipeline.step(topic, image, frame, said), said[topic])


@pytest.mark.parametrize("topic", ["boxes", "people", "pose_bottom"])
def test_a_changed_pixel_gives_another_result(topic, clip):
    pipeline = replay.Pipeline()
    (image, frame), said = (part[0] for part in clip)
    x, y = np.rint(said["people"].coco[0, 5, :2]).astype(int)  # a shoulder
    image = image.copy()
    image[y, x] = 255 - image[y, x]
    with pytest.raises(AssertionError):
        compare(pipeline.step(topic, image, frame, said), said[topic])


def test_three_people_are_found_in_every_frame_and_keep_their_identities(clip):
    for said in clip[1]:
        assert [len(said[topic].scores) for topic in ("boxes", "people", "pose_top", "scene")] == [3] * 4
        assert sorted(said["scene"].ids.tolist()) == [1, 2, 3]
        assert len(said["pose_bottom"].scores) >= 2
