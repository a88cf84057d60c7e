"""Well-formed messages with absurd numbers: whatever a stranger or a broken network says, every node goes on.

What comes in goes through `wire.decode`, as in a run. What a node then says must be a message again.
"""

import json
import math

import msgspec
import numpy as np
import pytest

from duopose.nodes import regions
from duopose.nodes.chain import Chain, load_networks
from duopose.nodes.fusion.pairing import Pairing
from duopose.nodes.recorder.record_format import record_line, without_broken
from duopose.stream import wire
from duopose.stream.messages import Boxes, Camera, Frame, People, Poses, Scene, arrays_of
from tests.painted import CAMERA

ABSURD = [0.0, -0.0, 1e-30, -1.0, 5.0, 300.0, 1e5, -1e5, 1e9, 1e30, -1e30, 3.4e38, math.inf, -math.inf, math.nan]
SIZES = [(1, 1), (1, 10000), (10000, 1), (64, 48), (640, 480), (7, 3)]
ROUNDS = 25


@pytest.fixture(scope="module")
def networks():
    return load_networks()


def numbers(random, shape, dtype):
    """Numbers that can be, with absurd ones among them: in a third of the rows, in some places."""
    values = random.choice([1.0, 20.0, 400.0]) * random.random(shape)
    if random.random() < 0.3:
        values = -values
    wild = (random.random(shape) < 0.3) & (random.random((*shape[:1], *[1] * (len(shape) - 1))) < 0.34)
    values = np.where(wild, random.choice(ABSURD, shape), values)
    if dtype != "f4":
        return random.integers(*((0, 256) if dtype == "u1" else (-(2**31), 2**31)), shape).astype(dtype)
    with np.errstate(over="ignore"):
        return values.astype(dtype)


def frame(random, number, absurd=False):
    """A frame of any size, at any time; `absurd`: also with a camera that can't be."""
    width, height = SIZES[random.integers(len(SIZES))]
    stamp = float(random.choice([number / 10, number / 10, 1e12, -3.0, number * 5.0]))
    camera = CAMERA
    if absurd:
        fx, fy, cx, cy, k1 = random.choice(ABSURD, 5).tolist()
        camera = Camera(fx, fy, cx, cy, "file", (k1, 0.0, 0.0, 0.0, 0.0))
    return Frame(number, None, stamp, 0.0, width, height, camera, "ring", 0, 0, bool(random.random() < 0.2))


def message(random, kind, of):
    """A well-formed message of that type about up to six people, received: sane, or None where it is refused."""
    people = int(random.integers(0, 7))
    values = {"frame": of, "fresh": bool(random.random() < 0.5), "fused_at": 1.0}
    for name, spec in arrays_of(kind).items():
        values[name] = numbers(random, (people, *map(int, spec.shape.split()[1:])), spec.dtype)
    return received(kind(**{name: values[name] for name in kind.__struct_fields__ if name in values}))


def received(said):
    """What the next node gets of a message, which must be one."""
    return wire.decode(type(said), wire.encode(said))


def picture(random, of):
    return random.integers(0, 256, (of.height, of.width, 3), np.uint8)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, about numbers that are none
@pytest.mark.parametrize("seed", [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 20))])
def test_every_node_survives_any_well_formed_message(networks, seed):
    random, nodes, pairing = np.random.default_rng(seed), Chain.of(networks), Pairing()
    for number in range(ROUNDS):
        of = received(frame(random, number))
        image = picture(random, of) if random.random() < 0.9 else None
        assert received(nodes.detection.step(image, of)).frame == of
        image = picture(random, of)
        people = received(nodes.top_down.step(image, message(random, Boxes, of)))
        assert people.frame == of
        for said in nodes.lifting.add(message(random, People, of)):
            assert received(said).frame == of
        assert received(nodes.bottom_up.step(image, message(random, People, of))).frame == of
        pairing.add("pose_top", message(random, Poses, of))
        for top, bottom in pairing.add("pose_bottom", message(random, Poses, of)):
            scene = received(nodes.fusion.step(top, bottom))
            assert scene.frame == of
        scene = message(random, Scene, of)
        assert received(regions.count(scene)).frame == of
        assert json.loads(record_line(without_broken(scene)[0]))["frame"] == number


def test_a_camera_that_cannot_be_is_refused_or_harmless(networks):
    random, nodes, refused = np.random.default_rng(0), Chain.of(networks), 0
    for number in range(300):
        try:
            of = received(frame(random, number, absurd=True))
        except wire.Malformed:
            refused += 1
            continue
        scene = received(nodes.fusion.step(message(random, Poses, of), message(random, Poses, of)))
        assert scene.frame == of
    assert 100 < refused < 300


@pytest.mark.parametrize("fx", [0.0, -1.0, math.nan, math.inf])
def test_a_camera_without_focal_length_is_refused(fx):
    with pytest.raises(wire.Malformed, match="no camera"):
        received(
            msgspec.structs.replace(frame(np.random.default_rng(0), 0), camera=msgspec.structs.replace(CAMERA, fx=fx))
        )
