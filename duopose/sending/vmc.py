"""One person's bones to a program that moves an avatar: the Virtual Motion Capture protocol, OSC bundles over UDP.

https://protocol.vmc.info: /VMC/Ext/Root/Pos, /VMC/Ext/Bone/Pos (name of Unity's HumanBodyBones; position and rotation,
relative to the parent, from the T-pose), /VMC/Ext/OK, /VMC/Ext/T. Unity's frame is left-handed: x is mirrored.
"""

import socket
import struct
from contextlib import suppress

from scipy.spatial.transform import Rotation

from duopose.exporting.levelled import level_of, moved
from duopose.exporting.skeleton import CROWN, HIPS, NAMES
from duopose.sending.following import Following
from duopose.sending.live_skeleton import LiveSkeleton
from duopose.sending.targets import resolve
from duopose.viewer.floor import Floor

IMMEDIATELY = 1  # OSC's time tag
POSE = ",sfffffff"  # types of a name, a position and a quaternion
BONES = [bone for bone in range(len(NAMES)) if bone != CROWN]  # Unity has no bone there


class Performer:
    """The person who is followed, as bundles: one a scene in which they are.

    camera   name of the camera that sees them: an avatar can stand before one only
    """

    def __init__(self, target, wanted=None, camera=""):
        self.camera = camera
        family, self._address = resolve(target)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._following, self._floor, self._skeleton = Following(wanted), Floor(), None

    def send(self, scene):
        data = self.bundle(scene) if scene.frame.camera_name == self.camera else None
        if data is not None:
            with suppress(OSError):  # the network is away: the next one may arrive
                self._socket.sendto(data, self._address)

    def bundle(self, scene):
        """Scene -> the bytes of a bundle; None where the person is not in it."""
        self._floor.update(scene)
        before = self._following.identity
        person = self._following.find(scene)
        if person is None:
            return None
        if self._following.identity != before or self._skeleton is None:
            self._skeleton = LiveSkeleton()
        offsets, root, rotations = self._skeleton.step(self.level(scene.joints[person]))
        return pack(offsets, root, rotations, scene.frame.stamp)

    def level(self, joints):
        """Camera frame -> y up from the floor, as far as it is known by now."""
        return moved(level_of(self._floor), joints)

    def close(self):
        self._socket.close()


def pack(offsets, root, rotations, stamp):
    """One pose as a bundle.

    offsets    float64 [18, 3]      from the parent's joint to each bone's in the rest pose, metres, y up
    root       float64 [3]          where the hips are
    rotations  float64 [18, 3, 3]   of each bone, relative to its parent
    stamp      s
    """
    turns = Rotation.from_matrix(rotations).as_quat() * (1, -1, -1, 1)
    places = offsets.copy()
    places[HIPS] = root
    places[:, 0] *= -1
    messages = [_message("/VMC/Ext/Root/Pos", POSE, _text("root"), (0, 0, 0, 0, 0, 0, 1))]
    for bone in BONES:
        messages.append(_message("/VMC/Ext/Bone/Pos", POSE, _text(NAMES[bone]), (*places[bone], *turns[bone])))
    messages.append(_message("/VMC/Ext/OK", ",i", struct.pack(">i", 1)))
    messages.append(_message("/VMC/Ext/T", ",f", b"", (stamp,)))
    return _text("#bundle") + struct.pack(">Q", IMMEDIATELY) + b"".join(messages)


def _message(address, types, first, numbers=()):
    body = _text(address) + _text(types) + first + struct.pack(f">{len(numbers)}f", *numbers)
    return struct.pack(">i", len(body)) + body


def _text(value):
    """
    >>> _text("root")
    b'root\\x00\\x00\\x00\\x00'
    """
    data = value.encode() + b"\0"
    return data + bytes(-len(data) % 4)
