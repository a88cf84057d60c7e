import math
import pickle
from collections import Counter
from typing import get_type_hints

import msgspec
import numpy as np
import pytest

from duopose.stream import wire
from duopose.stream.messages import Boxes, Done, Frame, Health, People, Poses, Scene
from tests.toy import frame

PEOPLE = (Boxes, People, Poses, Scene)


def message(kind, people):
    """A message of this type with `people` people and random content."""
    random = np.random.default_rng(people)
    values = {"frame": frame(7), "fresh": True, "fused_at": 12.5}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name not in values:
            spec = hint.__metadata__[0]
            shape = [people if axis == "N" else int(axis) for axis in spec.shape.split()]
            values[name] = (100 * random.random(shape)).astype(spec.dtype)
            if name == "sources":
                values[name] = 1 + values[name] % 3
    return kind(**{name: values[name] for name in kind.__struct_fields__})


@pytest.mark.parametrize("people", [0, 1, 10])
@pytest.mark.parametrize("kind", PEOPLE)
def test_a_message_comes_back_as_it_was(kind, people):
    sent = message(kind, people)
    received = wire.decode(kind, wire.encode(sent))
    for name in kind.__struct_fields__:
        was, is_now = getattr(sent, name), getattr(received, name)
        if isinstance(was, np.ndarray):
            assert is_now.dtype == was.dtype
            assert not is_now.flags.writeable
            np.testing.assert_array_equal(is_now, was)
        else:
            assert is_now == was


@pytest.mark.parametrize(
    "sent",
    [
        frame(3),
        Done(3),
        Health("fusion", 1, "running", 2, None, 1.5, 0.1, 30.0, {"rubbish": 1}, ("OpenVINO f32",), "hello"),
    ],
)
def test_a_message_without_arrays_comes_back_as_it_was(sent):
    assert wire.decode(type(sent), wire.encode(sent)) == sent


def test_missing_poses_stay_missing():
    scene = msgspec.structs.replace(message(Scene, 2), bottom_up=np.full((2, 17, 3), np.nan, np.float32))
    assert np.isnan(wire.decode(Scene, wire.encode(scene)).bottom_up).all()


@pytest.mark.parametrize(
    ("boxes", "says"),
    [
        (np.zeros((2, 4)), r"Boxes.boxes wants f4 \[N, 4\], got f8 \[2, 4\]"),
        (np.zeros((2, 5), np.float32), r"Boxes.boxes wants f4 \[N, 4\], got f4 \[2, 5\]"),
        (np.zeros((), np.float32), r"got f4 \[\]"),
        (np.zeros((3, 4), np.float32), "N is 2 here and 3 before"),
        ([[0, 0, 1, 1]], "got list"),
    ],
)
def test_an_array_that_is_not_what_its_line_says_is_not_sent(boxes, says):
    with pytest.raises(ValueError, match=says):
        wire.encode(Boxes(frame(0), boxes, np.zeros(2, np.float32), True))


def test_no_beginning_of_a_message_passes_for_a_message():
    data = wire.encode(message(People, 2))
    for end in range(len(data)):
        with pytest.raises(wire.Malformed):
            wire.decode(People, data[:end])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"rubbish",
        pickle.dumps({"frame": 1}),
        msgspec.msgpack.encode({"number": 1}),
        msgspec.msgpack.encode([[]] * 4),
        b"\x91" * 100_000,  # nested without end
        wire.encode(message(People, 1)),  # another message
        msgspec.msgpack.encode([frame(0), bytes(16), bytes(8), True]),  # one box, two scores
        msgspec.msgpack.encode([frame(0), bytes(15), bytes(4), True]),  # a box cut short
        msgspec.msgpack.encode([frame(0), bytes(16), bytes(4), True, 1]),  # a field too many
        msgspec.msgpack.encode([frame(0), bytes(16), bytes(4), "yes"]),
        wire.encode(message(Boxes, 1)) + b"\0",
    ],
)
def test_rubbish_is_called_so(data):
    with pytest.raises(wire.Malformed):
        wire.decode(Boxes, data)


def test_a_message_with_flipped_bits_is_read_or_refused_but_never_breaks_the_reader():
    random = np.random.default_rng(0)
    data = wire.encode(message(Poses, 1))
    for _ in range(2000):
        broken = bytearray(data)
        broken[random.integers(200 if random.random() < 0.9 else len(data))] = random.integers(256)
        try:
            poses = wire.decode(Poses, bytes(broken))
        except wire.Malformed:
            continue
        assert poses.joints.shape in ((1, 17, 3), (0, 17, 3))


@pytest.mark.parametrize("absurd", [1e30, -1e30, np.nan, np.inf])
def test_who_has_absurd_numbers_is_left_out_and_counted(absurd):
    sent, counts = message(Boxes, 3), Counter()
    sent.boxes[1, 2] = absurd
    read = wire.decode(Boxes, wire.encode(sent), counts)
    np.testing.assert_array_equal(read.boxes, sent.boxes[[0, 2]])
    np.testing.assert_array_equal(read.scores, sent.scores[[0, 2]])
    assert not read.boxes.flags.writeable
    assert counts == {"absurd": 1}


def test_a_crowd_that_no_picture_shows_is_refused():
    with pytest.raises(wire.Malformed, match="501 people"):
        wire.decode(Boxes, wire.encode(message(Boxes, 501)))


def test_what_was_stored_before_cameras_had_names_is_still_read():
    sent = frame(3)
    older = msgspec.msgpack.decode(wire.encode(sent))
    older.pop()  # the camera's name, the last field
    assert wire.decode(type(sent), msgspec.msgpack.encode(older)) == sent


@pytest.mark.parametrize("pose", [(1.0,) * 11, (math.nan,) * 12])
def test_a_camera_that_stands_nowhere_is_refused(pose):
    camera = msgspec.structs.replace(frame(3).camera, pose=pose)
    with pytest.raises(wire.Malformed, match="no camera stands at"):
        wire.decode(Frame, wire.encode(msgspec.structs.replace(frame(3), camera=camera)))
