"""What a receiver of OSC gets is the person who is followed, for Unity's frame."""

import socket
import threading

import numpy as np
import pytest
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_server import BlockingOSCUDPServer
from scipy.spatial.transform import Rotation

from duopose.exporting.fitting import fit
from duopose.exporting.grid import Motion
from duopose.exporting.skeleton import NAMES, PARENTS, pose
from duopose.sending.following import Following
from duopose.sending.live_skeleton import LiveSkeleton
from duopose.sending.targets import Target
from duopose.sending.vmc import BONES, Performer, pack
from tests.duopose.exporting.recorded import RATE, walker
from tests.viewer.scenes import make_scene
from tests.waiting import LONG

UP = np.array((1, -1, -1))  # from the camera frame to y up
COUNT = 20


class Receiver:
    """A program that listens, as an avatar's would: {bone: (position, rotation)} of each bundle."""

    def __init__(self):
        self.bundles, self.root, self._bones, self.times = [], [], {}, []
        takes = Dispatcher()
        takes.map("/VMC/Ext/Bone/Pos", lambda _, name, *numbers: self._bones.update({name: numbers}))
        takes.map("/VMC/Ext/Root/Pos", lambda _, *numbers: self.root.append(numbers))
        takes.map("/VMC/Ext/T", lambda _, time: self._end(time))
        self.server = BlockingOSCUDPServer(("127.0.0.1", 0), takes)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.news = threading.Semaphore(0)

    def _end(self, time):
        self.bundles.append(self._bones)
        self.times.append(time)
        self._bones = {}
        self.news.release()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.thread.join()
    made.server.server_close()


def in_right_hands(bones):
    """Bones of a bundle -> joints [18, 3] by forward kinematics in Unity's frame, then x mirrored back."""
    places, world = np.full((len(NAMES), 3), np.nan), {}
    for bone in BONES:
        numbers = np.array(bones[NAMES[bone]])
        own, parent = Rotation.from_quat(numbers[3:]), PARENTS[bone]
        places[bone] = numbers[:3] if parent < 0 else places[parent] + world[parent].apply(numbers[:3])
        world[bone] = own if parent < 0 else world[parent] * own
    return places * (-1, 1, 1)


@pytest.mark.parametrize("bundles", [300, pytest.param(5000, marks=pytest.mark.slow)])
def test_bundles_arrive_and_hold_the_fitted_joints(receiver, bundles):
    times = np.arange(bundles) / RATE
    fitted = fit(Motion(1, times, walker(times) * UP, RATE))
    rotations = Rotation.from_quat(fitted.rotations.reshape(-1, 4)).as_matrix().reshape(bundles, -1, 3, 3)
    places = pose(fitted.offsets, fitted.root, rotations)
    with socket.socket(type=socket.SOCK_DGRAM) as out:
        for row, time in enumerate(times.tolist()):
            bundle = pack(fitted.offsets, fitted.root[row], rotations[row], time)
            out.sendto(bundle, receiver.server.server_address)
            assert receiver.news.acquire(timeout=LONG)  # as a camera does, it leaves the receiver time
    assert len(receiver.bundles) == bundles
    np.testing.assert_allclose(receiver.times, times, rtol=1e-6)
    assert set(receiver.root) == {("root", 0, 0, 0, 0, 0, 0, 1)}
    for row in range(0, bundles, 100):
        assert np.abs(in_right_hands(receiver.bundles[row])[BONES] - places[row, BONES]).max() < 0.001


def test_forward_kinematics_gives_the_fitted_joints_to_a_millimetre(receiver):
    joints = walker(np.arange(COUNT) / RATE) + np.random.default_rng(0).normal(0, 0.01, (COUNT, 17, 3))
    performer, skeleton = Performer(Target("vmc", *receiver.server.server_address)), LiveSkeleton()
    for number, one in enumerate(joints.astype(np.float32)):
        performer.send(make_scene([one], number=number, stamp=number / RATE))
        assert receiver.news.acquire(timeout=LONG)
        offsets, root, rotations = skeleton.step(performer.level(one))
        fitted = pose(offsets, root[None], rotations[None])[0]
        assert np.abs(in_right_hands(receiver.bundles[-1])[BONES] - fitted[BONES]).max() < 0.001
    performer.close()


def test_left_is_left_for_unity(receiver):
    performer = Performer(Target("vmc", *receiver.server.server_address))
    performer.send(make_scene([walker(np.zeros(1))[0]]))
    assert receiver.news.acquire(timeout=LONG)
    bones = receiver.bundles[0]
    assert bones["LeftUpperLeg"][0] < 0 < bones["RightUpperLeg"][0]  # of an avatar that looks along +z, x to the right
    assert bones["Hips"][1] > 0.5
    performer.close()


@pytest.mark.slow
def test_another_reader_of_the_protocol_takes_every_message():
    """vmcp (pip install vmcp) knows the bones' names and makes its own events of what is sent."""
    events = pytest.importorskip("vmcp.events", reason="vmcp is not installed: pip install vmcp")
    performer = Performer(Target("vmc", "127.0.0.1", 9))  # the bytes are looked at, not sent
    sent = OscBundle(performer.bundle(make_scene([walker(np.zeros(1))[0]], stamp=2.5)))
    performer.close()
    kinds = (events.RootTransformEvent, events.BoneTransformEvent, events.StateEvent, events.RelativeTimeEvent)
    reads = {kind.ADDRESS_PATTERN: kind for kind in kinds}
    heard = [reads[one.address].from_message_data("", one.address, tuple(one.params)) for one in sent]
    bones = {event.joint.value: event for event in heard if isinstance(event, events.BoneTransformEvent)}
    assert list(bones) == [NAMES[bone] for bone in BONES]
    for event in bones.values():
        turn = event.rotation
        assert turn.x**2 + turn.y**2 + turn.z**2 + turn.w**2 == pytest.approx(1, abs=1e-6)
    left, right = (bones[f"{side}UpperLeg"].position for side in ("Left", "Right"))
    assert left.x < 0 < right.x
    assert [type(event) for event in heard if type(event) is not events.BoneTransformEvent] == [
        events.RootTransformEvent, events.StateEvent, events.RelativeTimeEvent,
    ]  # fmt: skip


def test_a_stretched_arm_keeps_its_twist():
    skeleton = LiveSkeleton()
    bent, straight = (walker(np.zeros(1))[0] * UP for _ in range(2))
    straight[13] = straight[12] + 0.25 * (straight[12] - straight[11]) / np.linalg.norm(straight[12] - straight[11])
    arm = NAMES.index("LeftUpperArm")
    _, _, before = skeleton.step(bent)
    _, _, after = skeleton.step(straight)
    assert Rotation.from_matrix(before[arm].T @ after[arm]).magnitude() < 0.05


def scene(stamp, **depths):
    people = [walker(np.zeros(1), depth=depth)[0] for depth in depths.values()]
    return make_scene(people, ids=[int(name[1:]) for name in depths], stamp=stamp)


def test_the_nearest_is_followed_until_they_have_left():
    following = Following()
    assert following.find(scene(0.0, p1=5, p2=3)) == 1
    assert following.find(scene(0.1, p1=2, p2=3)) == 1  # somebody comes nearer
    assert following.find(scene(0.5, p1=2)) is None
    assert following.find(scene(1.2, p1=2)) == 0
    assert following.identity == 1
    assert following.find(scene(1.3)) is None


def test_the_one_asked_for_is_followed_and_nobody_else():
    following = Following(7)
    assert following.find(scene(0.0, p1=5)) is None
    assert following.find(scene(9.0, p1=5, p7=8)) == 1
    assert following.find(scene(19.0, p1=5)) is None
